import { describe, expect, it } from "vitest";
import { thin } from "./thin";

describe("attempts for which there is no room", () => {
  it("all are drawn where they fit", () => {
    expect(thin(2, 3, 5, null)).toEqual({ full: [0, 1, 2, 3, 4], strokes: [] });
  });

  it("the first, the last, the chosen, the newest and the next stay", () => {
    const { full, strokes } = thin(40, 60, 8, 20);
    expect(full).toHaveLength(8);
    expect(full).toEqual(expect.arrayContaining([0, 20, 39, 40, 99]));
    expect(full.length + strokes.length).toBe(100);
    expect([...full].sort((one, other) => one - other)).toEqual(full);
  });

  it("nothing is planned, or nothing has happened", () => {
    expect(thin(50, 0, 6, null).full).toEqual(expect.arrayContaining([0, 49]));
    expect(thin(0, 50, 6, null).full).toEqual([0, 1, 2, 3, 4, 49]);
  });
});
