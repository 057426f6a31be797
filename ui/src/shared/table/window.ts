/** Rows drawn beyond either edge, so that a quick scroll shows no gap. */
const beyond = 8;

/** The rows to draw: from `start` up to and without `end`. */
export function windowOf(
  top: number,
  height: number,
  rowHeight: number,
  count: number,
): { start: number; end: number } {
  const first = Math.floor(top / rowHeight);
  const start = Math.max(0, Math.min(first - beyond, count));
  const end = Math.min(count, first + Math.ceil(height / rowHeight) + beyond);
  return { start, end: Math.max(start, end) };
}

/** Where a key leads from a row (-1: from none), or null where it leads nowhere. */
export function moveBy(key: string, from: number, count: number, pageful: number): number | null {
  if (count === 0) return null;
  const steps: Record<string, number> = {
    j: from + 1,
    ArrowDown: from + 1,
    k: from < 0 ? 0 : from - 1,
    ArrowUp: from < 0 ? 0 : from - 1,
    PageDown: from + pageful,
    PageUp: from - pageful,
    Home: 0,
    End: count - 1,
  };
  const to = steps[key];
  return to === undefined ? null : Math.min(Math.max(to, 0), count - 1);
}
