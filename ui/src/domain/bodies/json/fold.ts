import { Ints } from "../ints";
import { isContainer } from "./node";
import type { JsonIndex } from "./scan";

/** Which containers are unfolded, one flag a value. */
export type OpenFlags = Uint8Array;

/** How many rows a tree may show before it is first unfolded no further. */
const FIRST_ROWS = 400;

/** Unfolds level by level for as long as the rows stay few: a small body is all there, a large one in outline. */
export function openAtFirst(index: JsonIndex, rows = FIRST_ROWS): OpenFlags {
  const open = new Uint8Array(index.count);
  const waiting = [0];
  let shown = 1;
  for (let next = 0; next < waiting.length; next++) {
    const node = waiting[next]!;
    if (!isContainer(index, node) || index.children[node]! === 0) continue;
    if (shown + index.children[node]! > rows && node !== 0) continue;
    open[node] = 1;
    shown += index.children[node]!;
    // Of a very large container the children stay folded.
    if (index.children[node]! > rows) continue;
    for (let child = node + 1; child < node + index.span[node]!; child += index.span[child]!)
      waiting.push(child);
  }
  return open;
}

/** The values that are in sight, in order. */
export function visibleNodes(index: JsonIndex, open: OpenFlags): Int32Array {
  const rows = new Ints();
  for (let node = 0; node < index.count; node += open[node] ? 1 : index.span[node]!) rows.push(node);
  return rows.all();
}

/** Folds or unfolds a value and everything inside it. */
export function setOpenWithin(index: JsonIndex, open: OpenFlags, node: number, unfolded: boolean): void {
  const end = node + index.span[node]!;
  if (!unfolded) {
    open.fill(0, node, end);
    return;
  }
  // Of those that are no containers there are no children.
  const { children } = index;
  for (let at = node; at < end; at++) open[at] = children[at]! > 0 ? 1 : 0;
}

/** Unfolds what a value is inside of, so that it comes into sight. */
export function reveal(index: JsonIndex, open: OpenFlags, node: number): void {
  for (let at = index.parent[node]!; at >= 0; at = index.parent[at]!) open[at] = 1;
}

/** The row of a value among the visible ones, or of the nearest one before it. */
export function rowOfNode(rows: Int32Array, node: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle]! <= node) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}
