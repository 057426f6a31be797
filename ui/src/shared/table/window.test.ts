import { describe, expect, it } from "vitest";
import { moveBy, windowOf } from "./window";

describe("the rows that are drawn", () => {
  it("are those in sight and a few beyond", () => {
    expect(windowOf(2_800, 280, 28, 100_000)).toEqual({ start: 92, end: 118 });
  });

  it("end where the list does", () => {
    expect(windowOf(0, 280, 28, 3)).toEqual({ start: 0, end: 3 });
    expect(windowOf(9_999, 280, 28, 3)).toEqual({ start: 3, end: 3 });
    expect(windowOf(0, 280, 28, 0)).toEqual({ start: 0, end: 0 });
  });
});

describe("keys in a list", () => {
  it("move and stop at its ends", () => {
    expect(moveBy("j", -1, 10, 5)).toBe(0);
    expect(moveBy("k", -1, 10, 5)).toBe(0);
    expect(moveBy("j", 9, 10, 5)).toBe(9);
    expect(moveBy("PageUp", 3, 10, 5)).toBe(0);
    expect(moveBy("End", 3, 10, 5)).toBe(9);
  });

  it("mean nothing in an empty list, and others never do", () => {
    expect(moveBy("j", -1, 0, 5)).toBeNull();
    expect(moveBy("q", 3, 10, 5)).toBeNull();
  });
});
