import { describe, expect, test } from "vitest";
import type { Clock, Forecast } from "$api/types";
import { dueTexts, goingText, noticeText, overdueText, speeds } from "./clock-words";

const noon = "2026-11-21T12:00:00.000Z";
const now = Date.parse(noon);
const usual: Clock = {
  mode: "virtual",
  now: noon,
  speed: 60,
  rate: 60,
  paused: false,
  next_due_at: "2026-11-21T12:05:00.000Z",
  jumping_to: null,
  can_change: true,
  noticed: null,
};

describe("a demo's time in words", () => {
  test("says how it goes", () => {
    expect(goingText(usual, true)).toBe("×60 as fast");
    expect(goingText({ ...usual, speed: 1, rate: 1 }, true)).toBe("At real speed");
    expect(goingText({ ...usual, rate: 1 }, true)).toBe("Real speed while requests are under way");
    expect(goingText({ ...usual, rate: 0, paused: true }, true)).toBe("Paused");
    const jumping = { ...usual, jumping_to: "2026-11-22T12:00:00.000Z" };
    expect(goingText(jumping, true)).toBe("Jumping to 2026-11-22 12:00:00");
  });

  test("says what is due next", () => {
    expect(dueTexts(usual, null, now)).toEqual(["Next due: in 5 min"]);
    expect(dueTexts(usual, { by_breaker: 0, by_order: 0 }, now + 300_000)).toEqual(["Next due: now"]);
    expect(dueTexts({ ...usual, next_due_at: null }, null, now)).toEqual(["Nothing is due"]);
    expect(dueTexts(usual, { by_breaker: 22, by_order: 1 }, now)).toEqual([
      "22 wait for a breaker, 1 waits behind another of its queue",
      "Next due: in 5 min",
    ]);
    expect(dueTexts({ ...usual, next_due_at: null }, { by_breaker: 1, by_order: 0 }, now)).toEqual([
      "1 waits for a breaker",
    ]);
  });

  test("offers the speed that is set among the usual ones", () => {
    expect(speeds(60)).toEqual([1, 60, 3600]);
    expect(speeds(10)).toEqual([1, 10, 60, 3600]);
  });
});

describe("what was noticed of the machine's time", () => {
  const hours = 2 * 3_600_000;

  test("is told in words, with what becomes of what is overdue", () => {
    expect(noticeText({ event: "slept", by_ms: hours, at: noon })).toBe("This machine slept for 2 h.");
    expect(noticeText({ event: "set_back", by_ms: hours, at: noon })).toContain("set back by 2 h");
    const forecast: Forecast = {
      now: noon,
      overdue: 340,
      kept_back: { by_breaker: 0, by_order: 0 },
      spread_until: "2026-11-21T12:03:00.000Z",
      waiting: 400,
      buckets: [],
    };
    expect(overdueText(forecast, now, true)).toBe(
      "340 overdue deliveries go out over the next 3 min, until 12:03:00.",
    );
    expect(overdueText({ ...forecast, overdue: 1, spread_until: null }, now, true)).toBe(
      "1 overdue delivery goes out now.",
    );
    expect(overdueText({ ...forecast, overdue: 0 }, now, true)).toBe("");
  });
});
