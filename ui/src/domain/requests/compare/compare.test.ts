import { describe, expect, it } from "vitest";
import { scanJson } from "../../bodies/json/scan";
import { atOnce } from "../../bodies/slices";
import { DIFFERENCE_LIMIT, diffJsonSteps, isIgnored, readable } from "./json-diff";
import { comparePairs } from "./pairs";

function index(value: unknown) {
  const found = scanJson(typeof value === "string" ? value : JSON.stringify(value)).index;
  if (!found) throw new Error("not JSON");
  return found;
}

function diff(before: unknown, after: unknown, limit?: number): string[] {
  const [older, newer] = [index(before), index(after)];
  return atOnce(diffJsonSteps(older, newer, limit)).differences.map((one) => {
    const was = one.before < 0 ? "" : readable(older, one.before, 40);
    const is = one.after < 0 ? "" : readable(newer, one.after, 40);
    return `${one.kind} ${one.path}: ${was} → ${is}`;
  });
}

describe("two JSON texts", () => {
  it("differ by path, the order of keys and the space between them aside", () => {
    expect(diff('{"a":1,"b":{"c":[1]}}', '{ "b": { "c": [ 1 ] }, "a": 1 }')).toEqual([]);
    expect(diff({ a: 1, b: { c: true, gone: null } }, { a: "1", b: { c: false }, new: {} })).toEqual([
      'changed a: 1 → "1"',
      "changed b.c: true → false",
      "removed b.gone: null → ",
      "added new:  → {}",
    ]);
    expect(diff("1", "1.0")).toEqual(["changed : 1 → 1.0"]);
    expect(diff('"é"', '"\\u00e9"')).toEqual([]);
    expect(diff({ a: [] }, { a: {} })).toEqual(["changed a: [] → {}"]);
  });

  it("find items again by their id: one put in moves none", () => {
    const items = [1, 2, 3, 4].map((id) => ({ id, at: id * 10 }));
    expect(diff(items, [{ id: 9, at: 1 }, ...items])).toEqual(['added [0]:  → {"id":9,"at":1}']);
    expect(diff(items, [items[3], ...items.slice(0, 3)])).toEqual([
      'moved [0]: {"id":4,"at":40} → {"id":4,"at":40}',
    ]);
    expect(diff(items, [items[0], { id: 2, at: 7 }, items[2]])).toEqual([
      "changed [1].at: 20 → 7",
      'removed [3]: {"id":4,"at":40} → ',
    ]);
  });

  it("find items without an id again by what they are", () => {
    expect(diff(["a", "b", "c"], ["b", "c", "d"])).toEqual(['removed [0]: "a" → ', 'added [2]:  → "d"']);
    expect(diff(["a", "b", "c"], ["a", "x", "c"])).toEqual(['changed [1]: "b" → "x"']);
    expect(diff([1, 1, 1], [1, 1])).toEqual(["removed [2]: 1 → "]);
    expect(diff([1, 2, 3], [3, 1, 2])).toEqual(["moved [0]: 3 → 3"]);
    // Many that moved, and many that are new: in the time that it takes to look at each.
    const many = Array.from({ length: 60_000 }, (_, at) => at);
    expect(diff(many, [...many.toReversed(), ...many.map((at) => -1 - at)])).toHaveLength(DIFFERENCE_LIMIT);
  });

  it("compare keys that stand twice one by one", () => {
    expect(diff('{"a":1,"a":2}', '{"a":1,"a":3}')).toEqual(["changed a: 2 → 3"]);
    expect(diff('{"a":1,"a":2}', '{"a":1}')).toEqual(["removed a: 2 → "]);
  });

  it("take depth and breadth, and list no more than the limit", () => {
    const deep = (end: string) => '{"a":['.repeat(20_000) + end + "]}".repeat(20_000);
    expect(diff(deep("1"), deep("2"))).toHaveLength(1);
    const many = (value: number) => Array.from({ length: 50_000 }, (_, at) => at * 2 + value);
    expect(diff(many(0), many(1), 10)).toHaveLength(10);
  });

  it("leave out what lies at or below a pattern", () => {
    const [older, newer] = [
      index({ items: [{ at: 1, id: { v: 1 } }] }),
      index({ items: [{ at: 2, id: { v: 2 } }] }),
    ];
    const patterns = atOnce(diffJsonSteps(older, newer)).differences.map((one) => one.pattern);
    expect(patterns).toEqual(["items[].at", "items[].id.v"]);
    expect(patterns.map((one) => isIgnored(one, ["items[].id"]))).toEqual([false, true]);
    expect(isIgnored("items[].idx", ["items[].id"])).toBe(false);
  });
});

describe("headers side by side", () => {
  it("are told apart by name, case, values and order", () => {
    const { rows, reordered } = comparePairs(
      [
        ["Host", "x"],
        ["X-A", "1"],
        ["x-a", "2"],
        ["Old", ""],
        ["Case", "1"],
      ],
      [
        ["X-A", "1"],
        ["Host", "x"],
        ["x-a", "3"],
        ["New", "n"],
        ["case", "1"],
      ],
      true,
    );
    expect(rows.map(({ name, state }) => `${name} ${state}`)).toEqual([
      "X-A changed",
      "Host same",
      "New added",
      "case written",
      "Old removed",
    ]);
    expect(rows[0]).toMatchObject({ before: ["1", "2"], after: ["1", "3"] });
    expect(reordered).toBe(true);
  });

  it("of a query are told apart by case too", () => {
    const { rows, reordered } = comparePairs([["a", "1"]], [["A", "1"]], false);
    expect(rows.map((row) => row.state)).toEqual(["added", "removed"]);
    expect(reordered).toBe(false);
  });
});
