import { atOnce, type Steps } from "../slices";
import { type JsonIndex, Kind } from "./scan";

/** Whether the value is an object or an array. */
export function isContainer(index: JsonIndex, node: number): boolean {
  return index.kind[node]! === Kind.object || index.kind[node]! === Kind.array;
}

/** The value's text exactly as it came. */
export function rawText(index: JsonIndex, node: number): string {
  return index.text.slice(index.start[node]!, index.end[node]!);
}

/** The member's key, unescaped, or `null` where the value is an array's item or the whole. */
export function keyOf(index: JsonIndex, node: number): string | null {
  const start = index.key[node]!;
  return start < 0 ? null : unescape(index.text.slice(start, keyEnd(index, node)));
}

/** Behind the closing quote of a member's key. */
export function keyEnd(index: JsonIndex, node: number): number {
  let at = index.key[node]! + 1;
  for (;;) {
    const quote = index.text.indexOf('"', at);
    let slashes = 0;
    while (index.text.charCodeAt(quote - 1 - slashes) === 0x5c) slashes++;
    // The scan has seen the closing quote, so one is always found.
    if (slashes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

/** A string's content without quotes and escapes; any other value's text as it came. */
export function valueText(index: JsonIndex, node: number): string {
  const raw = rawText(index, node);
  return index.kind[node]! === Kind.string ? unescape(raw) : raw;
}

/** Characters of a string read at once. */
const PIECE = 1 << 16;

/** A string's content piece by piece, without quotes and escapes. */
export function* stringPieces(index: JsonIndex, node: number): Generator<string, void, void> {
  const end = index.end[node]! - 1;
  for (let at = index.start[node]! + 1; at < end;) {
    const raw = index.text.slice(at, Math.min(at + PIECE, end));
    const whole = at + PIECE < end ? wholeEscapes(raw) : raw;
    yield unescape(`"${whole}"`);
    at += whole.length;
  }
}

/** The start of a value's text for one row of the tree, and whether it goes on. */
export function previewText(index: JsonIndex, node: number, limit: number): { text: string; more: number } {
  const length = index.end[node]! - index.start[node]!;
  if (length <= limit + 2) return { text: valueText(index, node), more: 0 };
  const head = index.text.slice(index.start[node]!, index.start[node]! + limit);
  if (index.kind[node]! !== Kind.string) return { text: head, more: length - limit };
  return { text: unescape(`${wholeEscapes(head)}"`), more: length - limit };
}

/** The start of a folded container's text, space runs shortened, for a look at what is inside. */
export function glimpse(index: JsonIndex, node: number, limit: number): string {
  const start = index.start[node]!;
  const text = index.text.slice(start, Math.min(index.end[node]!, start + limit * 4));
  return text.replace(/\s+/g, " ").slice(0, limit);
}

/** Cuts an escape that the end of `raw` goes through. */
function wholeEscapes(raw: string): string {
  const tail = /\\(?:u[0-9a-fA-F]{0,3})?$/.exec(raw);
  if (!tail) return raw;
  let slashes = 0;
  while (raw[tail.index - 1 - slashes] === "\\") slashes++;
  return slashes % 2 === 0 ? raw.slice(0, tail.index) : raw;
}

function unescape(quoted: string): string {
  if (!quoted.includes("\\")) return quoted.slice(1, -1);
  return JSON.parse(quoted) as string;
}

/** A path such as `$.data.items[0]["odd key"]`. */
export function pathOf(index: JsonIndex, node: number): string {
  const steps: string[] = [];
  for (let at = node; index.parent[at]! >= 0; at = index.parent[at]!) {
    const key = keyOf(index, at);
    if (key === null) steps.push(`[${index.position[at]}]`);
    else steps.push(/^[A-Za-z_][\w]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`);
  }
  return `$${steps.reverse().join("")}`;
}

/** The values directly inside a container whose key occurs more than once in it. */
export function duplicateMembers(index: JsonIndex, container: number): Set<number> {
  return atOnce(duplicateMembersSteps(index, container));
}

/** Members looked at between two rests. */
const STEP = 4_096;

/** The same with a rest now and then: an object may have a million members. */
export function* duplicateMembersSteps(index: JsonIndex, container: number): Steps<Set<number>> {
  // Many small ones: a large one is built anew, all at once, whenever it grows.
  const first = Array.from({ length: 256 }, () => new Map<string, number>());
  const duplicates = new Set<number>();
  if (index.kind[container]! !== Kind.object) return duplicates;
  const end = container + index.span[container]!;
  let seen = 0;
  for (let at = container + 1; at < end; at += index.span[at]!) {
    const key = keyOf(index, at) ?? "";
    const some = first[bucketOf(key)]!;
    const earlier = some.get(key);
    if (earlier === undefined) some.set(key, at);
    else duplicates.add(earlier).add(at);
    if (++seen % STEP === 0) yield;
  }
  return duplicates;
}

/** From 0 to 255, by what keys differ in mostly: their ends. */
function bucketOf(key: string): number {
  let mixed = key.length;
  for (let at = Math.max(0, key.length - 6); at < key.length; at++) mixed = mixed * 31 + key.charCodeAt(at);
  return mixed & 255;
}

/** The innermost value whose key or text covers `offset`. */
export function nodeAtOffset(index: JsonIndex, offset: number): number {
  let low = 0;
  let high = index.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    const from = index.key[middle]! < 0 ? index.start[middle]! : index.key[middle]!;
    if (from <= offset) low = middle + 1;
    else high = middle;
  }
  let node = Math.max(0, low - 1);
  while (index.parent[node]! >= 0 && index.end[node]! <= offset) node = index.parent[node]!;
  return node;
}
