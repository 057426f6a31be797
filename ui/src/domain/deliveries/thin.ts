/** Which attempts of a delivery are drawn in full where there is not room for all. */
export interface Thinned {
  /** Numbers from 0, past and planned counted through, in their order. */
  full: number[];
  /** The rest, which are drawn as strokes. */
  strokes: number[];
}

/**
 * Chooses among `past` attempts and `planned` ones what `room` markers show: the first, the one chosen, the last
 * past ones, the next planned and the last of all.
 */
export function thin(past: number, planned: number, room: number, chosen: number | null): Thinned {
  const count = past + planned;
  const every = Array.from({ length: count }, (_, index) => index);
  if (count <= Math.max(room, 4)) return { full: every, strokes: [] };
  const kept = new Set<number>();
  const wanted = [
    chosen,
    past - 1,
    past > 0 ? 0 : null,
    planned > 0 ? past : null,
    count - 1,
    // What is left of the room goes to the newest past ones, then to the next planned.
    ...every.slice(0, past).reverse(),
    ...every.slice(past),
  ];
  for (const index of wanted) {
    if (kept.size >= Math.max(room, 4)) break;
    if (index !== null && index >= 0 && index < count) kept.add(index);
  }
  return {
    full: every.filter((index) => kept.has(index)),
    strokes: every.filter((index) => !kept.has(index)),
  };
}
