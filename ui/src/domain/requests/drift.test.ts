import { describe, expect, it } from "vitest";
import { driftsText, driftText, timesText } from "./drift";

describe("drift in words", () => {
  it("says on a row what differs first, and how much else", () => {
    expect(driftsText([])).toBe("");
    expect(driftsText(["new_field"])).toBe("New field");
    expect(driftsText(["new_field", "changed_type", "missing_field"])).toBe("New field +2");
  });

  it("says what was and what is", () => {
    expect(driftText({ kind: "changed_type", was: ["null", "string"], is: "integer" })).toBe(
      "was null or text, is a whole number",
    );
    expect(driftText({ kind: "new_field", was: [], is: "array" })).toBe("is new: an array");
    expect(driftText({ kind: "missing_field", was: ["string"], is: null })).toBe(
      "is missing: until then it was always there (text)",
    );
  });

  it("says how often it has been so", () => {
    expect(timesText(1)).toBe("the first time");
    expect(timesText(3)).toBe("the first of 3 times");
    expect(timesText(null)).toBe("");
  });
});
