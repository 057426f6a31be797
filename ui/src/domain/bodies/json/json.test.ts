import { describe, expect, it } from "vitest";
import { findInJson } from "./find";
import { openAtFirst, reveal, rowOfNode, setOpenWithin, visibleNodes } from "./fold";
import { duplicateMembers, keyOf, nodeAtOffset, pathOf, previewText, rawText, valueText } from "./node";
import { prettyJson } from "./pretty";
import { type JsonIndex, JsonScan, Kind, scanJson } from "./scan";

function indexOf(text: string): JsonIndex {
  const result = scanJson(text);
  if (result.error) throw new Error(`${result.error.message} at ${result.error.offset}`);
  return result.index;
}

function errorOf(text: string): { offset: number; message: string } {
  const result = scanJson(text);
  if (!result.error) throw new Error("this was read without an error");
  return result.error;
}

describe("searching a long string", () => {
  it("finds what is escaped, also where pieces meet", () => {
    for (const before of [0, 65_530, 65_533, 65_535, 131_071]) {
      const index = indexOf(`["${"y".repeat(before)}\\u00e9t\\u00e9${"\\n".repeat(200_000)}"]`);
      expect([...findInJson(index, "ÉTÉ").nodes], `${before}`).toEqual([1]);
      expect([...findInJson(index, "tée").nodes]).toEqual([]);
    }
  });
});

describe("scanning", () => {
  it("numbers values in the order they stand and knows how they nest", () => {
    const index = indexOf('{"a":[1,{"b":null}],"c":true}');
    expect(index.count).toBe(6);
    expect([...index.kind.subarray(0, 6)]).toEqual([
      Kind.object,
      Kind.array,
      Kind.number,
      Kind.object,
      Kind.null,
      Kind.true,
    ]);
    expect([...index.span.subarray(0, 6)]).toEqual([6, 4, 1, 2, 1, 1]);
    expect([...index.parent.subarray(0, 6)]).toEqual([-1, 0, 1, 1, 3, 0]);
    expect([...index.depth.subarray(0, 6)]).toEqual([0, 1, 2, 2, 3, 1]);
    expect([...index.children.subarray(0, 6)]).toEqual([2, 2, 0, 1, 0, 0]);
  });

  it("keeps every digit of a number", () => {
    const numbers = ["12345678901234567890", "1.10", "-0", "1E+400", "0.1000000000000000055511151231257827"];
    const index = indexOf(`[${numbers.join(",")}]`);
    expect(numbers.map((_, i) => valueText(index, i + 1))).toEqual(numbers);
  });

  it("reads past a byte order mark and space around the value", () => {
    expect(indexOf('\ufeff \r\n\t"x" \n').count).toBe(1);
  });

  it("agrees with JSON.parse on what is JSON", () => {
    const texts = [
      "{}",
      "[]",
      "0",
      "-1.5e3",
      '""',
      "true",
      "null",
      '{"a":{"a":{}}}',
      "[[],[[]]]",
      '"\\u00e9\\/\\n"',
      "",
      " ",
      "{",
      "[1,]",
      "{,}",
      '{"a"}',
      '{"a":}',
      "{a:1}",
      "01",
      "+1",
      "1.",
      ".5",
      "NaN",
      "1 2",
      "tru",
      "nulll",
      "'a'",
      '"\\x41"',
      '"\\u12g4"',
      '"a',
      '"\t"',
      "[1}",
      '{"a":1]',
      "]",
      "--1",
      "1e",
      '"\\',
      "\u00a01",
      "[1 2]",
    ];
    for (const text of texts) {
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      expect(scanJson(text).error === null, JSON.stringify(text)).toBe(valid);
    }
  });

  it("says where and why it stops being JSON", () => {
    expect(errorOf('{"a":1 "b":2}')).toMatchObject({ offset: 7, message: "A comma or “}” is missing here." });
    expect(errorOf('{"a":')).toMatchObject({ offset: 5, message: "The text ends before the JSON does." });
    expect(errorOf('{"a":1} x')).toMatchObject({
      offset: 8,
      message: "More text follows after the JSON value.",
    });
    expect(errorOf('["\\q"]')).toMatchObject({ offset: 2, message: "This escape is not JSON." });
  });

  it("stops at its limit of values instead of filling the memory", () => {
    const result = scanJson("[1,2,3,4]", 3);
    expect(result.error?.isTooMuch).toBe(true);
  });

  it("survives a hundred thousand levels", () => {
    const levels = 100_000;
    const index = indexOf("[".repeat(levels) + "]".repeat(levels));
    expect(index.depth[levels - 1]).toBe(levels - 1);
    expect(pathOf(index, levels - 1)).toHaveLength(1 + 3 * (levels - 1));
    expect(prettyJson(index)?.startsWith("[\n  [\n    [")).toBe(true);
    const open = openAtFirst(index);
    setOpenWithin(index, open, 0, true);
    expect(visibleNodes(index, open)).toHaveLength(levels);
    expect(errorOf("[".repeat(levels)).message).toBe("The text ends before the JSON does.");
  });

  it("can be done in pieces, with progress", () => {
    const text = JSON.stringify(Array.from({ length: 5_000 }, (_, id) => ({ id, name: `n${id}` })));
    const scan = new JsonScan(text);
    let pieces = 0;
    let last = 0;
    let result = scan.run(1_000);
    while (result === null) {
      expect(scan.progress).toBeGreaterThanOrEqual(last);
      last = scan.progress;
      pieces++;
      result = scan.run(1_000);
    }
    expect(pieces).toBeGreaterThan(50);
    expect(result.index?.count).toBe(1 + 5_000 * 3);
  });

  it("gives the same in pieces as at once, wherever they end", () => {
    const text = `{"a" :  [1, 22,"b\\u00e9\\\\${"x".repeat(60)}", {"${"k".repeat(40)}":null}, []]${" ".repeat(50)}, "c":true}`;
    const whole = indexOf(text);
    for (const budget of [1, 2, 3, 7, 16]) {
      const scan = new JsonScan(text);
      let result = scan.run(budget);
      while (result === null) result = scan.run(budget);
      const index = result.index!;
      expect(index.count).toBe(whole.count);
      for (const name of ["start", "end", "key", "span", "parent", "position", "children", "depth"] as const)
        expect([...index[name].subarray(0, index.count)], name).toEqual([
          ...whole[name].subarray(0, whole.count),
        ]);
    }
    const never = new JsonScan(`["${"x".repeat(100)}`);
    let result = never.run(5);
    while (result === null) result = never.run(5);
    expect(result.error).toMatchObject({ message: "A string is never closed.", offset: 1 });
  });

  it("reads a body of over 10 MiB", () => {
    const item = '{"id":9007199254740993,"name":"Ada","tags":["x","y"],"nested":{"a":1.50}},';
    const times = Math.ceil((10.5 * 1024 * 1024) / item.length);
    const index = indexOf(`[${item.repeat(times).slice(0, -1)}]`);
    expect(index.children[0]).toBe(times);
    const last = index.count - 8;
    expect(pathOf(index, last)).toBe(`$[${times - 1}]`);
    expect(valueText(index, last + 1)).toBe("9007199254740993");
    const open = openAtFirst(index);
    expect(visibleNodes(index, open)).toHaveLength(times + 1);
  });
});

describe("values", () => {
  it("gives keys and strings unescaped, and the text as it came", () => {
    const index = indexOf('{"a\\"b\\\\":"caf\\u00e9\\/","":1}');
    expect(keyOf(index, 1)).toBe('a"b\\');
    expect(valueText(index, 1)).toBe("café/");
    expect(rawText(index, 1)).toBe('"caf\\u00e9\\/"');
    expect(keyOf(index, 2)).toBe("");
    expect(keyOf(index, 0)).toBeNull();
  });

  it("writes paths that can be pasted", () => {
    const index = indexOf('{"data":{"items":[{"id":1},{"odd key":[2]}],"__proto__":3}}');
    const at = (needle: string): string => pathOf(index, nodeAtOffset(index, index.text.indexOf(needle)));
    expect(at("2]")).toBe('$.data.items[1]["odd key"][0]');
    expect(at('"__proto__"')).toBe("$.data.__proto__");
    expect(pathOf(index, 0)).toBe("$");
  });

  it("marks every member of a repeated key, however it is written", () => {
    const index = indexOf('{"a":1,"b":2,"\\u0061":3}');
    expect([...duplicateMembers(index, 0)]).toEqual([1, 3]);
    expect(index.count).toBe(4);
  });

  it("previews a long string without cutting an escape", () => {
    const index = indexOf(`["${"x".repeat(8)}\\u00e9${"y".repeat(90)}"]`);
    expect(previewText(index, 1, 12)).toEqual({ text: "xxxxxxxx", more: 94 });
    expect(previewText(index, 1, 500).more).toBe(0);
  });
});

describe("folding", () => {
  const index = indexOf(JSON.stringify({ a: [1, 2, 3], b: { c: { d: 1 } }, e: [] }));

  it("shows a small body whole and a large one in outline", () => {
    expect(visibleNodes(index, openAtFirst(index))).toHaveLength(index.count);
    expect([...visibleNodes(index, openAtFirst(index, 4))].map((node) => keyOf(index, node))).toEqual([
      null,
      "a",
      "b",
      "e",
    ]);
  });

  it("brings a hidden value into sight", () => {
    const open = new Uint8Array(index.count);
    const deep = index.count - 2;
    expect(visibleNodes(index, open)).toHaveLength(1);
    reveal(index, open, deep);
    const rows = visibleNodes(index, open);
    expect(rows[rowOfNode(rows, deep)]).toBe(deep);
  });
});

describe("searching", () => {
  it("finds keys and values, ignoring case, and not what stands between them", () => {
    const index = indexOf('{"Name":"ada","list":["ADA",1],"x":{"name":2}}');
    const found = (needle: string) => [...findInJson(index, needle).nodes].map((node) => pathOf(index, node));
    expect(found("ada")).toEqual(["$.Name", "$.list[0]"]);
    expect(found("name")).toEqual(["$.Name", "$.x.name"]);
    expect(found('":{"')).toEqual([]);
    expect(found("")).toEqual([]);
  });

  it("finds what escapes stand for", () => {
    const index = indexOf('{"a":"caf\\u00e9 \\/ x","\\u00e9":1,"b":"plain"}');
    expect([...findInJson(index, "é").nodes]).toEqual([1, 2]);
    expect([...findInJson(index, "é / x").nodes]).toEqual([1]);
  });

  it("takes the needle literally and keeps to its limit", () => {
    const index = indexOf(JSON.stringify(Array.from({ length: 50 }, () => "a.b(c")));
    expect(findInJson(index, "a.b(c").nodes).toHaveLength(50);
    expect(findInJson(index, "a?b").nodes).toHaveLength(0);
    expect(findInJson(index, "a.b", "all", 10)).toMatchObject({ capped: true });
    expect(findInJson(index, "a.b", "all", 10).nodes).toHaveLength(10);
  });
});

describe("pretty text", () => {
  it("puts one value a line and leaves tokens as they came", () => {
    expect(prettyJson(indexOf('{"a":[1.0,{}],"a":"\\u00e9","b":[[]]}'))).toBe(
      [
        "{",
        '  "a": [',
        "    1.0,",
        "    {}",
        "  ],",
        '  "a": "\\u00e9",',
        '  "b": [',
        "    []",
        "  ]",
        "}",
      ].join("\n"),
    );
  });

  it("comes out as JSON.stringify would have it", () => {
    const value = { x: [], y: [{ z: [[1], [2, 3]] }, null, false], s: "a\nb" };
    expect(prettyJson(indexOf(JSON.stringify(value)))).toBe(JSON.stringify(value, null, 2));
  });
});
