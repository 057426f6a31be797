import { describe, expect, test } from "vitest";
import type { Clock } from "$api/types";
import { Reckoning } from "./reckoning";

const noon = Date.parse("2026-11-21T12:00:00.000Z");

function clock(rate: number, after = 0, due: number | null = null): Clock {
  return {
    mode: "virtual",
    now: new Date(noon + after).toISOString(),
    speed: 60,
    rate,
    paused: rate === 0,
    next_due_at: due === null ? null : new Date(noon + due).toISOString(),
    jumping_to: null,
    can_change: true,
    noticed: null,
  };
}

describe("a demo's time between two readings", () => {
  test("goes on at its rate and stands while it is paused", () => {
    const reckoning = new Reckoning();
    reckoning.read(clock(60), 1_000);
    expect(reckoning.at(1_500) - noon).toBe(30_000);
    reckoning.read(clock(0, 40_000), 2_000);
    expect(reckoning.at(9_000) - noon).toBe(40_000);
  });

  test("waits where something is due, as the server does", () => {
    const reckoning = new Reckoning();
    reckoning.read(clock(3600, 0, 5_000), 0);
    expect(reckoning.at(60_000) - noon).toBe(5_000);
    reckoning.read(clock(1, 5_000, 5_000), 60_000);
    expect(reckoning.at(60_500) - noon).toBe(5_500);
  });

  test("never goes back, but for another demo's", () => {
    const reckoning = new Reckoning();
    reckoning.read(clock(3600), 0);
    expect(reckoning.at(100) - noon).toBe(360_000);
    reckoning.read(clock(1, 300_000), 100);
    expect(reckoning.at(100) - noon).toBe(360_000);
    reckoning.read(clock(1, -86_400_000), 200);
    expect(reckoning.at(200) - noon).toBe(-86_400_000);
  });
});
