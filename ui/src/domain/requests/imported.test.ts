import { describe, expect, it } from "vitest";
import { importedFrom, importedWords } from "./imported";

describe("what was imported", () => {
  it("says from what, and from which file where that has a name", () => {
    expect(importedFrom({ format: "har", name: "flows.har" })).toBe("from HAR, flows.har");
    expect(importedFrom({ format: "curl", name: "" })).toBe("from a cURL command");
    expect(importedFrom({ format: "other", name: "a" })).toBe("from other, a");
  });

  it("marks what a file's name hides", () => {
    expect(importedWords({ format: "raw", name: "a\u202eb" })).toBe("Imported from raw HTTP, a‹RLO›b");
  });
});
