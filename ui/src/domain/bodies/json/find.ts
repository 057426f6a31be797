import { ignoringCase, MATCH_LIMIT } from "../find";
import { isContainer, keyEnd, keyOf, nodeAtOffset, valueText } from "./node";
import { type JsonIndex, Kind } from "./scan";

export interface NodeMatches {
  /** Values whose key or own text matches, ascending. */
  nodes: Int32Array;
  capped: boolean;
}

/**
 * The values whose key or text contains `needle`, ignoring case. Strings are searched as they came and, where
 * they hold escapes, as they read: `é` is found in `\u00e9`.
 */
export function findInJson(index: JsonIndex, needle: string, limit = MATCH_LIMIT): NodeMatches {
  if (needle === "") return { nodes: new Int32Array(0), capped: false };
  const found = new Set<number>();
  const pattern = ignoringCase(needle);
  const { text } = index;
  for (let match = pattern.exec(text); match && found.size <= limit; match = pattern.exec(text)) {
    const node = nodeAtOffset(index, match.index);
    if (coversMatch(index, node, match.index, match.index + needle.length)) found.add(node);
  }
  for (let at = text.indexOf("\\"); at >= 0 && found.size <= limit;) {
    const node = nodeAtOffset(index, at);
    if (matchesUnescaped(index, node, pattern)) found.add(node);
    at = text.indexOf("\\", behind(index, node, at));
  }
  const nodes = Int32Array.from(found).sort().slice(0, limit);
  return { nodes, capped: found.size > limit };
}

/** Whether a match lies inside the key or the leaf's own text, not in punctuation between values. */
function coversMatch(index: JsonIndex, node: number, from: number, to: number): boolean {
  if (!isContainer(index, node) && from >= index.start[node]! && to <= index.end[node]!) return true;
  return index.key[node]! >= 0 && from >= index.key[node]! && to <= keyEnd(index, node);
}

function matchesUnescaped(index: JsonIndex, node: number, pattern: RegExp): boolean {
  const test = (text: string | null): boolean => {
    pattern.lastIndex = 0;
    return text !== null && pattern.test(text);
  };
  return test(keyOf(index, node)) || (index.kind[node]! === Kind.string && test(valueText(index, node)));
}

/** Where to look for the next backslash once this value has been tested. */
function behind(index: JsonIndex, node: number, at: number): number {
  return Math.max(at + 1, isContainer(index, node) ? index.start[node]! + 1 : index.end[node]!);
}
