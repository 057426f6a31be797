import { describe, expect, it } from "vitest";
import { chunkWidths, headLines, headShare, shortTime, whiteSpaceShown } from "./head-lines";

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

describe("the lines of a head", () => {
  it("are told with how each ended", () => {
    expect(headLines(bytes("GET / HTTP/1.1\r\nA: b\n\nrest"))).toEqual([
      { text: "GET / HTTP/1.1", end: "CR LF" },
      { text: "A: b", end: "LF" },
      { text: "", end: "LF" },
      { text: "rest", end: "nothing" },
    ]);
    expect(headLines(bytes("\r\n"))).toEqual([{ text: "", end: "CR LF" }]);
    expect(headLines(bytes("a\rb\r\n"))).toEqual([{ text: "a\rb", end: "CR LF" }]);
    expect(headLines(new Uint8Array(0))).toEqual([]);
  });

  it("lose no byte that is not UTF-8", () => {
    expect(headLines(Uint8Array.of(0xff, 0x41, 0x0a))).toEqual([{ text: "ÿA", end: "LF" }]);
    expect(headLines(new TextEncoder().encode("ä\n"))[0]?.text).toBe("ä");
  });

  it("are no more than can be drawn", () => {
    expect(headLines(bytes("a\n".repeat(100_000)))).toHaveLength(2_000);
  });
});

it("White space is shown where it is asked for", () => {
  expect(whiteSpaceShown("A:\t b")).toBe("A:⇥·b");
});

it("Short times are said in the unit that fits", () => {
  const said = [0, 999, 1_000, 12_345, 999_000, 1_400_000, 42_000_000].map(shortTime);
  expect(said).toEqual(["0 µs", "999 µs", "1 ms", "12 ms", "999 ms", "1.4 s", "42 s"]);
});

it("Head and body are each wide enough to be seen", () => {
  expect([headShare(10, 0), headShare(1, 1_000_000), headShare(1_000_000, 1), headShare(1, 3)]).toEqual([
    100, 2, 98, 25,
  ]);
});

it("Chunks are drawn by their sizes, and none vanishes", () => {
  expect(chunkWidths([8192, 4096, 1])).toEqual([48, 24, 3]);
  expect(chunkWidths([])).toEqual([]);
});
