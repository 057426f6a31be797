import { describe, expect, it } from "vitest";
import type { ShapeField } from "$api/types";
import { inSight, parents, percent, typesText } from "./shape-tree";

function field(path: string, depth: number, types: ShapeField["types"] = []): ShapeField {
  const seen = types.reduce((sum, one) => sum + one.count, 0);
  return { path, name: path, depth, types, seen, of: seen, required: false, format: null, words: [] };
}

describe("a shape as a tree", () => {
  const fields = [field("$", 0), field("a", 1), field("a.b", 2), field("a.b.c", 3), field("d", 1)];

  it("hides what is below a folded place, and nothing else", () => {
    expect(inSight(fields, new Set())).toEqual([0, 1, 2, 3, 4]);
    expect(inSight(fields, new Set(["a"]))).toEqual([0, 1, 4]);
    expect(inSight(fields, new Set(["a.b", "d"]))).toEqual([0, 1, 2, 4]);
    expect(inSight(fields, new Set(["$"]))).toEqual([0]);
  });

  it("knows which places have others below them", () => {
    expect([...parents(fields)]).toEqual([0, 1, 2]);
  });

  it("rounds no share to all or nothing", () => {
    expect([percent(1, 1000), percent(999, 1000), percent(5, 5), percent(1, 2), percent(0, 0)]).toEqual([
      "< 1 %",
      "99 %",
      "100 %",
      "50 %",
      "",
    ]);
  });

  it("says the share of each type where there are several", () => {
    expect(typesText(field("x", 0, [{ type: "string", count: 3 }]))).toBe("string");
    const mixed: ShapeField["types"] = [
      { type: "null", count: 1 },
      { type: "string", count: 3 },
    ];
    expect(typesText(field("x", 0, mixed))).toBe("null 25 %, string 75 %");
  });
});
