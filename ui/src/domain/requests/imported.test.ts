import { describe, expect, it } from "vitest";
import { importedFrom, importedWords, readAs } from "./imported";

describe("what was imported", () => {
  it("says from what, and from which file where that has a name", () => {
    expect(importedFrom({ format: "har", name: "flows.har" })).toBe("from HAR, flows.har");
    expect(importedFrom({ format: "curl", name: "" })).toBe("from a cURL command");
    expect(importedFrom({ format: "other", name: "a" })).toBe("from other, a");
  });

  it("says what a file was read as", () => {
    expect(["har", "curl", "postman", "other"].map(readAs)).toEqual([
      "HAR",
      "A cURL command",
      "A Postman collection",
      "Other",
    ]);
  });

  it("marks what a file's name hides", () => {
    expect(importedWords({ format: "raw", name: "a\u202eb" })).toBe("Imported from raw HTTP, a‹RLO›b");
  });
});
