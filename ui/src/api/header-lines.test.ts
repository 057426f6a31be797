import { describe, expect, it } from "vitest";
import { headerLines, parseHeaderLines } from "./header-lines";
import type { Headers } from "./types";

describe("headers as lines", () => {
  it("come back as they were: order, case, duplicates, bytes", () => {
    const headers: Headers = [
      ["X-A", "1: 2"],
      ["x-a", ""],
      ["X-B", { base64: "/w==" }],
    ];
    expect(parseHeaderLines(headerLines(headers))).toEqual({ headers, error: null });
  });

  it("leave out empty lines and name the line that is none", () => {
    expect(parseHeaderLines("\nA: 1\r\n\n").headers).toEqual([["A", "1"]]);
    expect(parseHeaderLines("A: 1\nnonsense").error).toMatch(/Line 2 has no colon/);
    expect(parseHeaderLines("a b: 1").error).toMatch(/“a b” cannot be the name/);
    expect(parseHeaderLines(": 1").error).toMatch(/Line 1/);
  });
});
