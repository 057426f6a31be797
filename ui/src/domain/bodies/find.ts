/** Where a search found something: offsets into a text, in order, all of one length. */
export interface Matches {
  /** UTF-16 offsets, ascending, never overlapping. */
  offsets: Int32Array;
  /** Length of each match in UTF-16 units. */
  length: number;
  /** Whether there are more than were kept. */
  capped: boolean;
}

/** At most this many matches are kept: nobody steps through more, and highlights stay cheap. */
export const MATCH_LIMIT = 10_000;

export const NO_MATCHES: Matches = { offsets: new Int32Array(0), length: 0, capped: false };

/** Every place where `needle` occurs, ignoring case. */
export function findInText(text: string, needle: string, limit = MATCH_LIMIT): Matches {
  if (needle === "") return NO_MATCHES;
  // Not lower-casing the text: that can change its length and with it every offset.
  const pattern = ignoringCase(needle);
  const offsets: number[] = [];
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    if (offsets.length === limit)
      return { offsets: Int32Array.from(offsets), length: needle.length, capped: true };
    offsets.push(match.index);
  }
  return { offsets: Int32Array.from(offsets), length: needle.length, capped: false };
}

/** A pattern that finds `needle` literally, ignoring case. */
export function ignoringCase(needle: string): RegExp {
  return new RegExp(needle.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&"), "gi");
}

/** The index of the first offset that is at least `from`; `offsets.length` where there is none. */
export function firstAtOrAfter(offsets: ArrayLike<number>, from: number): number {
  let low = 0;
  let high = offsets.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (offsets[middle]! < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

export interface Run {
  text: string;
  /** The index of the match this run belongs to, or -1. */
  match: number;
}

/** Cuts `text.slice(start, end)` into runs inside and outside of matches. */
export function markRuns(text: string, start: number, end: number, matches: Matches): Run[] {
  if (matches.offsets.length === 0) return [{ text: text.slice(start, end), match: -1 }];
  const runs: Run[] = [];
  let at = start;
  let index = firstAtOrAfter(matches.offsets, start - matches.length + 1);
  for (; index < matches.offsets.length && matches.offsets[index]! < end; index++) {
    const from = Math.max(matches.offsets[index]!, at);
    const to = Math.min(matches.offsets[index]! + matches.length, end);
    if (from > at) runs.push({ text: text.slice(at, from), match: -1 });
    if (to > from) runs.push({ text: text.slice(from, to), match: index });
    at = Math.max(at, to);
  }
  if (at < end || runs.length === 0) runs.push({ text: text.slice(at, end), match: -1 });
  return runs;
}
