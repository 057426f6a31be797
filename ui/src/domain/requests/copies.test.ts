import { describe, expect, it } from "vitest";
import { copies, copiedWords, testNames } from "./copies";

describe("copies", () => {
  it("say what is there and what is not in it", () => {
    expect(copiedWords("curl", null)).toBe("The cURL command is on the clipboard");
    expect(copiedWords("go", "the request’s secret: reveal it to have it in")).toBe(
      "The code is on the clipboard, without the request’s secret: reveal it to have it in",
    );
  });

  it("are saved where they are tests, each under a name of its own", () => {
    const tests = copies.filter(({ title }) => title.startsWith("Save")).map(({ tool }) => tool);
    expect(tests).toEqual(Object.keys(testNames));
    expect(new Set(Object.values(testNames)).size).toBe(tests.length);
  });
});
