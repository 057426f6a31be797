import { describe, expect, it } from "vitest";
import { drawnAttempts, reachOf } from "./drawn";

const start = Date.UTC(2026, 10, 21, 12, 0, 0, 250);
const time = (ms: number) => new Date(start + ms).toISOString();
const attempt = (number: number, after_ms: number, [earliest, at, latest]: [number, number, number]) => ({
  number,
  after_ms,
  earliest: time(earliest),
  at: time(at),
  latest: time(latest),
});

/** At 0, 5, 20 and 65 s with 10 % jitter, as the engine draws it for an event that expires after a minute. */
const drawn = {
  attempts: [
    attempt(1, 0, [0, 0, 0]),
    attempt(2, 5_000, [4_500, 5_000, 5_500]),
    attempt(3, 15_000, [18_000, 20_000, 22_000]),
    attempt(4, 45_000, [58_500, 59_999, 59_999]),
  ],
};

describe("a drawn attempt", () => {
  it("is as far from the first as it is planned", () => {
    const attempts = drawnAttempts(drawn, 60_000);
    expect(attempts.map(({ number, at, after }) => [number, at, after])).toEqual([
      [1, 0, 0],
      [2, 5_000, 5_000],
      [3, 20_000, 15_000],
      [4, 59_999, 45_000],
    ]);
  });

  it("is made perhaps, where only jitter brings it before the event expires", () => {
    expect(drawnAttempts(drawn, 60_000).map((one) => one.perhaps)).toEqual([false, false, false, true]);
    const cut = { attempts: [attempt(1, 0, [0, 0, 0]), attempt(2, 1_501, [1_500, 1_500, 1_500])] };
    expect(drawnAttempts(cut, null)[1]?.perhaps).toBe(false);
  });

  it("reaches from its earliest to its latest moment, or until the event expires", () => {
    expect(drawnAttempts(drawn, 60_000).map(reachOf)).toEqual([
      "",
      "+4.5 s to +5.5 s",
      "+18 s to +22 s",
      "+58.5 s until the event expires",
    ]);
    expect(drawnAttempts(drawn, null).map(reachOf)[3]).toBe("+58.5 s to +59.999 s");
  });
});
