import { isContainer, keyOf, valueText } from "../../bodies/json/node";
import { type JsonIndex, Kind } from "../../bodies/json/scan";
import type { Steps } from "../../bodies/slices";

/** Values hashed between two rests. */
const STEP = 5_000;

/**
 * A sum over each value, equal where the values are: the order of keys in objects makes none, that of items in
 * arrays does. Sums begin anew with every page, so that no sender can make two values look alike.
 */
const seeds = crypto.getRandomValues(new Uint32Array(2));

export class Sums {
  readonly #first: Uint32Array;
  readonly #second: Uint32Array;

  constructor(first: Uint32Array, second: Uint32Array) {
    this.#first = first;
    this.#second = second;
  }

  /** Whether two values are the same. */
  same(node: number, others: Sums, other: number): boolean {
    return this.of(node) === others.of(other);
  }

  /** The value's sum, as a number that is exact. */
  of(node: number): number {
    return this.#first[node]! * 0x20_0000 + (this.#second[node]! & 0x1f_ffff);
  }
}

/** The sums of all values of a text, with a rest now and then. */
export function* hashes(index: JsonIndex): Steps<Sums> {
  const sums = [new Uint32Array(index.count), new Uint32Array(index.count)] as const;
  // What is inside stands behind what it is inside of, so the last come first.
  for (let node = index.count - 1; node >= 0; node--) {
    if (node % STEP === 0) yield;
    const own = isContainer(index, node) ? null : leafText(index, node);
    const key = keyOf(index, node);
    const parent = index.parent[node]!;
    for (const [which, column] of sums.entries()) {
      const seed = seeds[which]!;
      const sum = own === null ? mix(column[node]!, index.kind[node]! + 1, seed) : hashText(own, seed);
      column[node] = sum;
      if (parent < 0) continue;
      // Members add up in whatever order, items by their place.
      const named = key === null ? index.position[node]! + 1 : hashText(key, seed ^ 0x9e37);
      column[parent] = (column[parent]! + mix(sum, named, seed)) >>> 0;
    }
  }
  return new Sums(...sums);
}

function leafText(index: JsonIndex, node: number): string {
  return `${index.kind[node] === Kind.string ? "s" : "l"}${valueText(index, node)}`;
}

function hashText(text: string, seed: number): number {
  let hash = seed ^ text.length;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return mix(hash, text.length, seed);
}

function mix(one: number, other: number, seed: number): number {
  let hash = Math.imul(one ^ seed, 0x85ebca6b) ^ Math.imul(other + 0x7f4a, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  return (hash ^ (hash >>> 15)) >>> 0;
}
