import { describe, expect, it } from "vitest";
import { plural, size } from "./size";
import { clock, duration, exact, relative } from "./time";

const at = Date.UTC(2026, 10, 21, 4, 45, 12, 34);
const ago = (ms: number) => relative(at - ms, at);

describe("times", () => {
  it("are told from now", () => {
    expect(ago(0)).toBe("now");
    expect(ago(999)).toBe("now");
    expect(ago(12_300)).toBe("12 s ago");
    expect(ago(59 * 60_000 + 59_999)).toBe("59 min ago");
    expect(ago(3_600_000)).toBe("1 h ago");
    expect(ago(49 * 3_600_000)).toBe("2 d ago");
    expect(ago(-40_000)).toBe("in 40 s");
  });

  it("are exact to the millisecond, in UTC where asked", () => {
    expect(exact(at, true)).toBe("2026-11-21 04:45:12.034 UTC");
    expect(clock(at, true)).toBe("04:45:12");
  });
});

describe("lengths of time", () => {
  it.each([
    [0, "0 ms"],
    [0.4, "0 ms"],
    [840, "840 ms"],
    [1_400, "1.4 s"],
    [2_000, "2 s"],
    [12_600, "13 s"],
    [60_000, "1 min"],
    [7_500_000, "2 h 5 min"],
    [90_000_000, "1 d 1 h"],
  ])("%d ms is %s", (ms, text) => expect(duration(ms)).toBe(text));

  it("carry over: nothing lasts 60 s or 60 min", () => {
    expect(duration(999.6)).toBe("1 s");
    expect(duration(59_999)).toBe("1 min");
    expect(duration(119_999)).toBe("2 min");
    expect(duration(3_599_999)).toBe("1 h");
    expect(duration(86_399_999)).toBe("1 d");
  });
});

describe("sizes", () => {
  it.each([
    [0, "0 B"],
    [1_023, "1023 B"],
    [1_024, "1 KiB"],
    [1_434, "1.4 KiB"],
    [33_554_432, "32 MiB"],
    [1_048_575, "1 MiB"],
  ])("%d bytes are %s", (bytes, text) => expect(size(bytes)).toBe(text));
});

describe("counts", () => {
  it("agree with their noun", () => {
    expect(plural(1, "delivery", "deliveries")).toBe("1 delivery");
    expect(plural(0, "delivery", "deliveries")).toBe("0 deliveries");
    expect(plural(12_345, "attempt")).toBe("12,345 attempts");
  });
});
