import { duplicateMembers, isContainer, keyOf, rawText, valueText } from "../../bodies/json/node";
import { plainPath } from "../../bodies/json/path";
import { type JsonIndex, Kind } from "../../bodies/json/scan";
import type { Steps } from "../../bodies/slices";
import { hashes } from "./json-hash";
import { alignItems } from "./json-align";

export interface Difference {
  kind: "added" | "removed" | "changed" | "moved";
  /** Where it stands, as `data.items[0].id`: after, or before where it was removed. */
  path: string;
  /** The path with every place in an array left open: `data.items[].id`. */
  pattern: string;
  /** The values' places in the older and the newer text, -1 where there is none. */
  before: number;
  after: number;
}

export interface JsonDiff {
  differences: Difference[];
  /** Whether there are more than were listed. */
  capped: boolean;
}

/** More differences than this are not listed: they are two texts and not two versions of one. */
export const DIFFERENCE_LIMIT = 5_000;
const STEP = 2_000;

/**
 * What differs between two JSON texts, by path. The order of an object's keys is no difference; in arrays items
 * are found again by their `id` (or the like) or their content, so that one put in is not a change of all that
 * follow. Numbers are compared as they are written.
 */
export function* diffJsonSteps(
  older: JsonIndex,
  newer: JsonIndex,
  limit = DIFFERENCE_LIMIT,
): Steps<JsonDiff> {
  const sums = [yield* hashes(older), yield* hashes(newer)] as const;
  const differences: Difference[] = [];
  const add = (kind: Difference["kind"], before: number, after: number): void => {
    const [index, node] = after >= 0 ? [newer, after] : [older, before];
    const [path, pattern] = [plainPath(index, node), plainPath(index, node, true)];
    differences.push({ kind, path, pattern, before, after });
  };
  const waiting: Pairing[] = [{ before: 0, after: 0, moved: false }];
  let done = 0;
  for (let pair = waiting.pop(); pair && differences.length <= limit; pair = waiting.pop()) {
    if (++done % STEP === 0) yield;
    const { before, after, moved } = pair;
    if (before < 0) add("added", before, after);
    else if (after < 0) add("removed", before, after);
    else {
      if (moved) add("moved", before, after);
      if (sums[0].same(before, sums[1], after)) continue;
      if (older.kind[before] !== newer.kind[after] || !isContainer(older, before)) {
        if (rawText(older, before) !== rawText(newer, after)) add("changed", before, after);
        continue;
      }
      const inside =
        older.kind[before] === Kind.object
          ? pairMembers(older, before, newer, after)
          : alignItems(
              { index: older, sums: sums[0], node: before },
              { index: newer, sums: sums[1], node: after },
            );
      // A stack: what stands first is to be taken first.
      for (const one of inside.reverse()) waiting.push(one);
    }
  }
  return { differences: differences.slice(0, limit), capped: differences.length > limit };
}

/** Two values that stand for each other; -1 where one has none. */
export interface Pairing {
  before: number;
  after: number;
  /** Whether it stands at another place among the others. */
  moved: boolean;
}

function pairMembers(older: JsonIndex, before: number, newer: JsonIndex, after: number): Pairing[] {
  const was = membersByKey(older, before);
  const pairs: Pairing[] = [];
  for (const [key, member] of membersByKey(newer, after)) {
    pairs.push({ before: was.get(key) ?? -1, after: member, moved: false });
    was.delete(key);
  }
  for (const member of was.values()) pairs.push({ before: member, after: -1, moved: false });
  return pairs;
}

/** Members by key; where one stands more than once, each further one by its number. */
function membersByKey(index: JsonIndex, object: number): Map<string, number> {
  const repeated = duplicateMembers(index, object);
  const counts = new Map<string, number>();
  const members = new Map<string, number>();
  const end = object + index.span[object]!;
  for (let at = object + 1; at < end; at += index.span[at]!) {
    const key = keyOf(index, at) ?? "";
    const number = counts.get(key) ?? 0;
    counts.set(key, number + 1);
    members.set(repeated.has(at) && number > 0 ? `${key}\0${number}` : key, at);
  }
  return members;
}

/** Whether a difference lies at or below one of the patterns. */
export function isIgnored(pattern: string, ignored: readonly string[]): boolean {
  return ignored.some(
    (one) => pattern === one || (pattern.startsWith(one) && /^[.[]/.test(pattern.slice(one.length))),
  );
}

/** The text of a leaf as it reads, or of a container as it came. */
export function readable(index: JsonIndex, node: number, limit: number): string {
  const length = index.end[node]! - index.start[node]!;
  if (length > limit * 2) return index.text.slice(index.start[node], index.start[node]! + limit);
  return index.kind[node] === Kind.string ? JSON.stringify(valueText(index, node)) : rawText(index, node);
}
