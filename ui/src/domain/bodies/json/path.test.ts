import { describe, expect, it } from "vitest";
import { findInJson } from "./find";
import { pathOf } from "./node";
import { linesAsList, looksLikeLines } from "./lines";
import { parsePath, plainPath } from "./path";
import { scanJson } from "./scan";

const { index } = scanJson(
  '{"to":"a","data":{"to":"to","items":[{"id":1},{"id":2,"to":"x"}],"odd key":[true]},"Data":{"to":3}}',
);
if (!index) throw new Error("not JSON");
const found = (path: string) =>
  [...findInJson(index, path, "path").nodes].map((node) => plainPath(index, node));

describe("paths within JSON", () => {
  it("find what stands at their end, wherever that is", () => {
    expect(found("data.to")).toEqual(["data.to", "Data.to"]);
    expect(found("items[].id")).toEqual(["data.items[0].id", "data.items[1].id"]);
    expect(found("items[1].id")).toEqual(["data.items[1].id"]);
    expect(found('["odd key"][0]')).toEqual(['data["odd key"][0]']);
    expect(found("items.*.to")).toEqual(["data.items[1].to"]);
  });

  it("from the root where they begin there", () => {
    expect(found("$.to")).toEqual(["to"]);
    expect(found("to")).toHaveLength(4);
    expect(found("$")).toEqual([""]);
  });

  it("that are none find nothing", () => {
    for (const text of ["a..b", "[", "a[x]", "", " ", '["a']) expect(found(text), text).toEqual([]);
    expect(parsePath("a b")).toBe(null);
  });

  it("are not the only scope: keys and values are told apart", () => {
    const within = (scope: "keys" | "values" | "all") =>
      [...findInJson(index, "to", scope).nodes].map((node) => pathOf(index, node));
    expect(within("values")).toEqual(["$.data.to"]);
    expect(within("keys")).toEqual(["$.to", "$.data.to", "$.data.items[1].to", "$.Data.to"]);
    expect(within("all")).toHaveLength(4);
  });
});

describe("lines of JSON", () => {
  it("are one list", () => {
    const text = linesAsList('\ufeff{"a":1}\r\n\r\n[2]\n3\n');
    expect(JSON.parse(text)).toEqual([{ a: 1 }, [2], 3]);
    expect(linesAsList("")).toBe("[]");
  });

  it("are known by their first two", () => {
    expect(looksLikeLines('{"a":1}\n{"b":2}\n')).toBe(true);
    expect(looksLikeLines('{"a":1}')).toBe(false);
    expect(looksLikeLines('{\n"a": {"b":1}\n}')).toBe(false);
  });
});
