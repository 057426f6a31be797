/** Many JSON texts, one a line, as one list of them, so that a tree can show them. */
export function linesAsList(text: string): string {
  const lines = text
    .replace(/^\ufeff/, "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return `[${lines.join(",\n")}]`;
}

/** Whether a text reads as JSON texts, one a line, though nothing says so: by its first two lines. */
export function looksLikeLines(head: string): boolean {
  return /^\s*\{[^\n]*\}\r?\n\s*\{/.test(head);
}
