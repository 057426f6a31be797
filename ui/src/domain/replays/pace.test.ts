import { describe, expect, it } from "vitest";
import { paceOf, usualPace } from "./pace";

describe("the pace of a replay", () => {
  it("is as fast as it goes unless something is said", () => {
    expect(paceOf(usualPace)).toEqual({ draft: {}, errors: {} });
    expect(paceOf({ ...usualPace, reason: " asked for " }).draft.reason).toBe("asked for");
  });

  it("is a rate, or that of the originals and so many times as fast", () => {
    expect(paceOf({ ...usualPace, perSecond: "2.5", faster: "x" })).toEqual({
      draft: { per_second: 2.5 },
      errors: {},
    });
    expect(paceOf({ ...usualPace, by: "gaps", perSecond: "x" })).toEqual({
      draft: { gaps: "original" },
      errors: {},
    });
    expect(paceOf({ ...usualPace, by: "gaps", faster: "10" }).draft).toEqual({
      gaps: "original",
      gap_factor: 0.1,
    });
  });

  it("says what is no number above 0", () => {
    expect(paceOf({ ...usualPace, perSecond: "0" }).errors.perSecond).toMatch(/above 0/);
    expect(paceOf({ ...usualPace, by: "gaps", faster: "fast" }).errors.faster).toMatch(/above 0/);
    expect(paceOf({ ...usualPace, by: "gaps", faster: "Infinity" }).errors.faster).toMatch(/above 0/);
  });
});
