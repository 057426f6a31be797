import { describe, expect, it } from "vitest";
import { saidOf } from "./verdict";

describe("what is said beside a verdict", () => {
  it("is left out of a valid one where the head says all of it", () => {
    expect(saidOf({ status: "valid", message: "The signature is right." })).toBeNull();
    expect(saidOf({ status: "valid", message: "The signature and the time are right." })).toBeNull();
  });

  it("is told of a valid one that has more to it, and of all the others", () => {
    const far = "The signature is right. Its time lies in the year 58858.";
    expect(saidOf({ status: "valid", message: far })).toBe(far);
    expect(saidOf({ status: "unsigned", message: "It has no header." })).toBe("It has no header.");
  });
});
