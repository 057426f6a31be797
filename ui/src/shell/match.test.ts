import { describe, expect, it } from "vitest";
import { score } from "./match";

describe("the palette", () => {
  it("finds by every word, in any order", () => {
    expect(score("now retry", "Retry now")).toBeGreaterThan(0);
    expect(score("retry later", "Retry now")).toBe(0);
    expect(score("", "anything")).toBeGreaterThan(0);
  });

  it("puts the start of a word before its middle", () => {
    expect(score("de", "Deliveries")).toBeGreaterThan(score("de", "Go deliveries"));
    expect(score("de", "Go deliveries")).toBeGreaterThan(score("de", "Provider"));
  });
});
