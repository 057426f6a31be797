/** Small things a page remembers between visits: where a divider stands, which tab was open. */
export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(`hookbench.${key}`, value);
  } catch {
    // Without storage it lasts as long as the page.
  }
}

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(`hookbench.${key}`);
  } catch {
    return null;
  }
}
