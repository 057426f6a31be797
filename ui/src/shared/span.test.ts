import { describe, expect, it } from "vitest";
import { coarseSpan, exactSpan, offsetsOf, parseSpan, placesOf, planText, runsOf } from "./span";

describe("spans of time", () => {
  it.each([
    [0, "0 ms"],
    [250, "250 ms"],
    [1_500, "1.5 s"],
    [4_000, "4 s"],
    [84_000, "1 min 24 s"],
    [74_160_000, "20 h 36 min"],
    [90_061_500, "1 d 1 h 1 min 1.5 s"],
  ])("%i ms is %s, and reads back as itself", (ms, text) => {
    expect(exactSpan(ms)).toBe(text);
    expect(parseSpan(text)).toBe(ms);
  });

  it.each([
    ["4", 4_000],
    ["0.5", 500],
    ["1m 24s", 84_000],
    ["2H", 7_200_000],
    [" 5 min ", 300_000],
  ])("reads %s", (text, ms) => expect(parseSpan(text)).toBe(ms));

  it.each(["", "soon", "4 parsecs", "-4 s", "4 s and more", "1e3"])("takes “%s” for none", (text) =>
    expect(parseSpan(text)).toBeNull(),
  );
});

describe("a schedule", () => {
  it("counts each delay from the attempt before", () => {
    expect(offsetsOf([4_000, 16_000, 64_000])).toEqual([0, 4_000, 20_000, 84_000]);
    expect(offsetsOf([])).toEqual([0]);
  });

  it("stands on the line in order, from end to end", () => {
    const places = placesOf([0, 4_000, 20_000, 84_000]);
    expect(places[0]).toBe(0);
    expect(places.at(-1)).toBe(1);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
    expect(placesOf([0])).toEqual([0]);
    expect(placesOf([0, 0])).toEqual([0, 0]);
  });
});

describe("a long plan", () => {
  const delays = [9_000, 9_000, 60_000, ...Array.from({ length: 60 }, () => 3_600_000)];

  it("is gathered where attempts come evenly", () => {
    expect(runsOf(delays, true)).toEqual([
      { from: 0, to: 0, every: 0 },
      { from: 1, to: 2, every: 9_000 },
      { from: 3, to: 3, every: 60_000 },
      { from: 4, to: 63, every: 3_600_000 },
    ]);
    expect(runsOf(delays, false)).toHaveLength(64);
  });

  it("is told in a few words", () => {
    expect(planText(delays)).toBe("64 attempts in 2 d 12 h");
    expect(planText([])).toBe("one attempt");
    // As the API's sentence has it, which cuts off.
    expect(coarseSpan(93_600_000 + 59_999)).toBe("1 d 2 h");
    expect(coarseSpan(670_000)).toBe("11 min 10 s");
    expect(planText([75.58 * 3_600_000])).toBe("2 attempts in 3 d 3 h");
  });
});
