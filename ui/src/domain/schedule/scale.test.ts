import { describe, expect, it } from "vitest";
import { apart, TimeScale } from "./scale";

const start = Date.UTC(2026, 10, 21, 12);
const day = 86_400_000;
const scale = (offsets: number[], more: { end?: number; gap?: number } = {}) =>
  new TimeScale({
    start,
    end: start + (more.end ?? offsets.at(-1) ?? 0),
    anchors: offsets.map((ms) => start + ms),
    gap: more.gap ?? 0,
  });

describe("a line of time", () => {
  it("runs from the start to the end, and shows seconds and hours alike", () => {
    const line = scale([0, 4_000, 84_000, 4_000_000, day]);
    expect(line.place(start)).toBe(0);
    expect(line.place(start + day)).toBe(1);
    expect(line.place(start - 1)).toBe(0);
    expect(line.place(start + 2 * day)).toBe(1);
    const waits = line.anchors.slice(1).map((place, index) => place - line.anchors[index]!);
    expect(Math.min(...waits)).toBeGreaterThan(0.09);
  });

  it("is about even where the waits are", () => {
    const line = scale([0, 3_600_000, 7_200_000, 10_800_000]);
    const waits = line.anchors.slice(1).map((place, index) => place - line.anchors[index]!);
    expect(waits[0]! / waits[2]!).toBeLessThan(4);
  });

  it("moves moments apart that would cover each other, and the times between them too", () => {
    const line = scale([0, 20, 40, 60_000], { gap: 0.2 });
    for (let index = 1; index < line.anchors.length; index++) {
      expect(line.anchors[index]! - line.anchors[index - 1]!).toBeGreaterThanOrEqual(0.2 - 1e-9);
    }
    const between = line.place(start + 30);
    expect(between).toBeGreaterThan(line.anchors[1]!);
    expect(between).toBeLessThan(line.anchors[2]!);
    expect(line.place(start + 20)).toBeCloseTo(line.anchors[1]!);
  });

  it("never runs back", () => {
    const line = scale([0, 0, 5, 900, 901, 3_600_000], { gap: 0.1, end: day });
    let before = -1;
    for (let at = 0; at <= day; at = at * 1.3 + 1) {
      const place = line.place(start + at);
      expect(place).toBeGreaterThanOrEqual(before);
      expect(place).toBeLessThanOrEqual(1);
      before = place;
    }
  });

  it("has only the marks that it reaches, with room for their words", () => {
    expect(
      scale([0, 2_000])
        .ticks(0.1)
        .map((tick) => tick.text),
    ).toEqual(["+1 s"]);
    expect(scale([0]).ticks(0.1)).toEqual([]);
    const ticks = scale([0, 4_000], { end: day }).ticks(0.15);
    expect(ticks.length).toBeGreaterThan(2);
    for (let index = 1; index < ticks.length; index++) {
      expect(ticks[index]!.place - ticks[index - 1]!.place).toBeGreaterThanOrEqual(0.15);
    }
  });
});

describe("places that are moved apart", () => {
  it("keep their order and the edge", () => {
    const moved = apart([0, 0.01, 0.99, 1, 1], 0.1);
    expect(moved[0]).toBe(0);
    expect(moved.at(-1)).toBe(1);
    for (let index = 1; index < moved.length; index++) {
      expect(moved[index]! - moved[index - 1]!).toBeGreaterThanOrEqual(0.1 - 1e-9);
    }
    expect(apart([0.5], 0.1)).toEqual([0.5]);
  });
});
