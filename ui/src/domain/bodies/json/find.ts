import { ignoringCase, MATCH_LIMIT } from "../find";
import { atOnce, type Steps } from "../slices";
import { isContainer, keyEnd, keyOf, nodeAtOffset, stringPieces, valueText } from "./node";
import { parsePath, standsAt } from "./path";
import { type JsonIndex, Kind } from "./scan";

export interface NodeMatches {
  /** Values whose key or own text matches, ascending. */
  nodes: Int32Array;
  capped: boolean;
}

/** What is searched: keys and values, one of them, or the paths at which values stand. */
export type JsonScope = "all" | "keys" | "values" | "path";

export const NO_NODES: NodeMatches = { nodes: new Int32Array(0), capped: false };

/** Characters, or values, searched between two rests. */
const STEP = 1 << 20;
const STEP_NODES = 1 << 15;

/**
 * The values whose key or text contains `needle`, ignoring case. Strings are searched as they came and, where
 * they hold escapes, as they read: `é` is found in `\u00e9`. As a path (`data.to`, `items[].id`) it finds what
 * stands at its end.
 */
export function findInJson(
  index: JsonIndex,
  needle: string,
  scope: JsonScope = "all",
  limit = MATCH_LIMIT,
): NodeMatches {
  return atOnce(findInJsonSteps(index, needle, scope, limit));
}

/** The same with a rest now and then, so that a large text does not hold up the page. */
export function* findInJsonSteps(
  index: JsonIndex,
  needle: string,
  scope: JsonScope = "all",
  limit = MATCH_LIMIT,
): Steps<NodeMatches> {
  if (needle.trim() === "") return NO_NODES;
  if (scope === "path") return yield* findPath(index, needle, limit);
  const found = new Set<number>();
  yield* findAsItCame(index, needle, scope, limit, found);
  yield* findUnescaped(index, needle, scope, limit, found);
  const nodes = Int32Array.from(found).sort().slice(0, limit);
  return { nodes, capped: found.size > limit };
}

function* findPath(index: JsonIndex, text: string, limit: number): Steps<NodeMatches> {
  const path = parsePath(text);
  if (!path) return NO_NODES;
  const found: number[] = [];
  for (let node = 0; node < index.count && found.length <= limit; node++) {
    if (standsAt(index, node, path)) found.push(node);
    if (node % STEP_NODES === STEP_NODES - 1) yield;
  }
  return { nodes: Int32Array.from(found.slice(0, limit)), capped: found.length > limit };
}

function* findAsItCame(
  index: JsonIndex,
  needle: string,
  scope: JsonScope,
  limit: number,
  found: Set<number>,
): Steps<void> {
  for (let start = 0; start < index.text.length && found.size <= limit; start += STEP) {
    const piece = index.text.slice(start, start + STEP + needle.length - 1);
    const pattern = ignoringCase(needle);
    for (let match = pattern.exec(piece); match && found.size <= limit; match = pattern.exec(piece)) {
      const at = start + match.index;
      const node = nodeAtOffset(index, at);
      if (coversMatch(index, node, scope, at, at + needle.length)) found.add(node);
    }
    yield;
  }
}

function* findUnescaped(
  index: JsonIndex,
  needle: string,
  scope: JsonScope,
  limit: number,
  found: Set<number>,
): Steps<void> {
  const pattern = ignoringCase(needle);
  let rested = 0;
  for (let at = index.text.indexOf("\\"); at >= 0 && found.size <= limit;) {
    const node = nodeAtOffset(index, at);
    if (index.end[node]! - index.start[node]! > LONG && index.kind[node]! === Kind.string) {
      if (scope !== "keys" && (yield* standsInLong(index, node, pattern, needle.length))) found.add(node);
    } else if (matchesUnescaped(index, node, scope, pattern)) found.add(node);
    at = index.text.indexOf("\\", behind(index, node, at));
    if (++rested % 1_000 === 0) yield;
  }
}

/** Strings longer than this are searched in pieces. */
const LONG = 1 << 18;

function* standsInLong(index: JsonIndex, node: number, pattern: RegExp, length: number): Steps<boolean> {
  let before = "";
  for (const piece of stringPieces(index, node)) {
    pattern.lastIndex = 0;
    // What begins in the piece before may end in this one.
    if (pattern.test(before + piece)) return true;
    before = (before + piece).slice(1 - length || Infinity);
    yield;
  }
  return false;
}

/** Whether a match lies inside the key or the leaf's own text, not in punctuation between values. */
function coversMatch(index: JsonIndex, node: number, scope: JsonScope, from: number, to: number): boolean {
  const inValue = scope !== "keys" && !isContainer(index, node);
  if (inValue && from >= index.start[node]! && to <= index.end[node]!) return true;
  if (scope === "values") return false;
  return index.key[node]! >= 0 && from >= index.key[node]! && to <= keyEnd(index, node);
}

function matchesUnescaped(index: JsonIndex, node: number, scope: JsonScope, pattern: RegExp): boolean {
  const test = (text: string | null): boolean => {
    pattern.lastIndex = 0;
    return text !== null && pattern.test(text);
  };
  if (scope !== "values" && test(keyOf(index, node))) return true;
  return scope !== "keys" && index.kind[node]! === Kind.string && test(valueText(index, node));
}

/** Where to look for the next backslash once this value has been tested. */
function behind(index: JsonIndex, node: number, at: number): number {
  return Math.max(at + 1, isContainer(index, node) ? index.start[node]! + 1 : index.end[node]!);
}
