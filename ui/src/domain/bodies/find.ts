import { atOnce, type Steps } from "./slices";

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

/** Characters searched between two rests. */
const STEP = 1 << 20;

/** Every place where `needle` occurs, ignoring case. */
export function findInText(text: string, needle: string, limit = MATCH_LIMIT): Matches {
  return atOnce(findInTextSteps(text, needle, limit));
}

/** The same with a rest now and then, so that a large text does not hold up the page. */
export function* findInTextSteps(text: string, needle: string, limit = MATCH_LIMIT): Steps<Matches> {
  if (needle === "") return NO_MATCHES;
  const offsets: number[] = [];
  for (let at = 0; at < text.length;) {
    // A match may reach into the next piece.
    const piece = text.slice(at, at + STEP + needle.length - 1);
    let behind = at + STEP;
    for (const offset of offsetsIn(piece, needle)) {
      if (offset >= STEP) break;
      if (offsets.length === limit)
        return { offsets: Int32Array.from(offsets), length: needle.length, capped: true };
      offsets.push(at + offset);
      behind = Math.max(behind, at + offset + needle.length);
    }
    at = behind;
    yield;
  }
  return { offsets: Int32Array.from(offsets), length: needle.length, capped: false };
}

// Not lower-casing the text: that can change its length and with it every offset.
function* offsetsIn(text: string, needle: string): Generator<number, void, void> {
  const pattern = ignoringCase(needle);
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) yield match.index;
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
