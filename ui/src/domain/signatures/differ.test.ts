import { describe, expect, it } from "vitest";
import { differenceWords, firstDifference } from "./differ";

describe("two signatures", () => {
  it("differ first at a place", () => {
    expect(firstDifference("abc", "abc")).toBeNull();
    expect(firstDifference("abc", "abd")).toBe(2);
    expect(firstDifference("abc", "ab")).toBe(2);
    expect(firstDifference("", "x")).toBe(0);
  });

  it("and the difference says something by itself", () => {
    expect(differenceWords("aBc", "aBc")).toMatch(/same/);
    expect(differenceWords("ab01", "AB01")).toMatch(/case of letters only, first at character 1/);
    expect(differenceWords("abcdef", "abcd")).toMatch(/ends after 4 of 6/);
    expect(differenceWords("abcd", "abcdef")).toMatch(/goes on after the end, at character 5/);
    expect(differenceWords("abcdefgh", "12345678")).toMatch(/Nothing of it agrees/);
    expect(differenceWords("abcdefgh", "abcdefxx")).toMatch(/from character 7 on/);
    expect(differenceWords("abc", "")).toMatch(/empty/);
  });
});
