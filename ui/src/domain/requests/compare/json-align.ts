import { keyOf, valueText } from "../../bodies/json/node";
import { type JsonIndex, Kind } from "../../bodies/json/scan";
import type { Pairing } from "./json-diff";
import type { Sums } from "./json-hash";

/** An array with the sums of its text's values. */
export interface Side {
  index: JsonIndex;
  sums: Sums;
  node: number;
}

/** The keys that name an item among others, the likeliest first. */
const NAMES = ["id", "uuid", "key", "name"];

/**
 * Which items of two arrays stand for each other: those of one `id` where all have one of their own, else those of
 * equal content. Of the others those stand for each other that lie between the same neighbours.
 */
export function alignItems(before: Side, after: Side): Pairing[] {
  const [was, is] = [itemsOf(before), itemsOf(after)];
  const named = identities(before, was, after, is);
  const key = (side: Side, node: number, names: Map<number, string> | undefined): string | number =>
    names?.get(node) ?? side.sums.of(node);
  // Places of the newer items by what they are known by, the first first.
  const places = new Map<string | number, number[]>();
  for (let at = is.length - 1; at >= 0; at--) {
    const known = key(after, is[at]!, named?.[1]);
    const list = places.get(known);
    if (list) list.push(at);
    else places.set(known, [at]);
  }
  const partner = was.map((node) => places.get(key(before, node, named?.[0]))?.pop() ?? -1);
  return paired(was, is, partner);
}

function paired(was: number[], is: number[], partner: number[]): Pairing[] {
  const inPlace = longestIncreasing(partner);
  const taken = new Map<number, number>();
  partner.forEach((place, at) => place >= 0 && taken.set(place, at));
  const pairs: Pairing[] = [];
  const stops = stopsOf(partner, inPlace);
  let older = 0;
  for (let newer = 0; newer < is.length; newer++) {
    const at = taken.get(newer);
    if (at !== undefined && inPlace.has(at)) {
      // What is left of the older ones before this neighbour has nothing to stand for.
      for (; older < at; older++) if (partner[older]! < 0) pairs.push(gone(was[older]!));
      older = at + 1;
      pairs.push({ before: was[at]!, after: is[newer]!, moved: false });
    } else if (at !== undefined) pairs.push({ before: was[at]!, after: is[newer]!, moved: true });
    else {
      const stop = stops[older]!;
      const free = stop < was.length && partner[stop]! < 0 ? stop : -1;
      if (free >= 0) older = free + 1;
      pairs.push({ before: free < 0 ? -1 : was[free]!, after: is[newer]!, moved: false });
    }
  }
  for (; older < was.length; older++) if (partner[older]! < 0) pairs.push(gone(was[older]!));
  return pairs;
}

function gone(before: number): Pairing {
  return { before, after: -1, moved: false };
}

/** From each older item on, the next one that nothing stands for, or that stayed in its place, whichever is first. */
function stopsOf(partner: number[], inPlace: Set<number>): Int32Array {
  const stops = new Int32Array(partner.length + 1).fill(partner.length);
  for (let at = partner.length - 1; at >= 0; at--)
    stops[at] = partner[at]! < 0 || inPlace.has(at) ? at : stops[at + 1]!;
  return stops;
}

function itemsOf({ index, node }: Side): number[] {
  const items: number[] = [];
  const end = node + index.span[node]!;
  for (let at = node + 1; at < end; at += index.span[at]!) items.push(at);
  return items;
}

/** What names the items of both sides, where every item has a name and none has another's. */
function identities(
  before: Side,
  was: number[],
  after: Side,
  is: number[],
): [Map<number, string>, Map<number, string>] | null {
  for (const name of NAMES) {
    const older = namesOf(before.index, was, name);
    const newer = older && namesOf(after.index, is, name);
    if (older && newer) return [older, newer];
  }
  return null;
}

function namesOf(index: JsonIndex, items: number[], name: string): Map<number, string> | null {
  const names = new Map<number, string>();
  const seen = new Set<string>();
  for (const item of items) {
    const value = nameOf(index, item, name);
    if (value === null || seen.has(value)) return null;
    seen.add(value);
    names.set(item, value);
  }
  return names;
}

/** The text of a member that names its object: it is one of the first, or none. */
function nameOf(index: JsonIndex, item: number, name: string): string | null {
  if (index.kind[item] !== Kind.object) return null;
  const end = item + index.span[item]!;
  for (let at = item + 1, looked = 0; at < end && looked < 50; at += index.span[at]!, looked++) {
    if (keyOf(index, at) !== name) continue;
    const isName = index.kind[at] === Kind.string || index.kind[at] === Kind.number;
    return isName ? `${index.kind[at]}${valueText(index, at).slice(0, 1_000)}` : null;
  }
  return null;
}

/** The places of a longest row of values that increase, those below 0 left out. */
function longestIncreasing(values: number[]): Set<number> {
  const tails: number[] = [];
  const previous = new Int32Array(values.length).fill(-1);
  values.forEach((value, at) => {
    if (value < 0) return;
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[tails[middle]!]! < value) low = middle + 1;
      else high = middle;
    }
    previous[at] = low > 0 ? tails[low - 1]! : -1;
    tails[low] = at;
  });
  const row = new Set<number>();
  for (let at = tails.at(-1) ?? -1; at >= 0; at = previous[at]!) row.add(at);
  return row;
}
