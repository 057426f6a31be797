import { describe, expect, it } from "vitest";
import { linesOf, withContext } from "./languages";

const sections = [
  { topic: "secret", from_line: 20, to_line: 22 },
  { topic: "body", from_line: 3, to_line: 5 },
  { topic: "body", from_line: 6, to_line: 8 },
];

describe("the lines of a handler", () => {
  it("are those of its topics, joined where they touch", () => {
    expect(linesOf({ sections }, ["body"])).toEqual([{ from: 3, to: 8 }]);
    expect(linesOf({ sections }, ["secret", "body"])).toEqual([
      { from: 3, to: 8 },
      { from: 20, to: 22 },
    ]);
    expect(linesOf({ sections }, ["time"])).toEqual([]);
  });

  it("have some round them", () => {
    expect(withContext([{ from: 2, to: 3 }], 4)).toEqual([{ from: 1, to: 4 }]);
    expect(
      withContext(
        [
          { from: 3, to: 4 },
          { from: 8, to: 9 },
        ],
        30,
      ),
    ).toEqual([{ from: 1, to: 11 }]);
  });
});
