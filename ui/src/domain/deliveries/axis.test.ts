import { describe, expect, it } from "vitest";
import type { Attempt, DeliveryDetail } from "$api/types";
import { draw } from "./axis";

const now = Date.UTC(2026, 10, 21, 12);
const at = (ms: number) => new Date(now + ms).toISOString();
const width = 600;

function detail(made: number[], planned: number[], more: Partial<DeliveryDetail> = {}): DeliveryDetail {
  const attempts = made.map((ms, index) => ({ number: index + 1, started_at: at(ms) }) as Attempt);
  const open = planned.length > 0;
  return {
    status: open ? "retrying" : "failed",
    created_at: at(made[0] ?? 0),
    completed_at: open ? null : at(made.at(-1) ?? 0),
    ended_because: open ? null : "exhausted",
    expires_at: null,
    attempts,
    planned_attempts: planned.map(at),
    ...more,
  } as DeliveryDetail;
}

describe("the line of a delivery", () => {
  it("has what was, now, and what is to come, in this order and none on another", () => {
    const drawn = draw(detail([-4_100, -50], [4_000, 80_000, 86_400_000]), null, now, width);
    expect(drawn.markers.map(({ kind, number }) => `${kind} ${number}`)).toEqual([
      "made 1",
      "made 2",
      "planned 3",
      "planned 4",
      "planned 5",
    ]);
    const places = drawn.markers.map(({ place }) => place);
    places.splice(2, 0, drawn.now ?? NaN);
    for (let index = 1; index < places.length; index++) {
      expect((places[index]! - places[index - 1]!) * width).toBeGreaterThanOrEqual(29.9);
    }
    expect(drawn.flags).toEqual([{ kind: "plan_ends", at: now + 86_400_000, place: 1 }]);
  });

  it("keeps what is overdue behind now, and tells when it was due", () => {
    const drawn = draw(detail([-60_000], [-5_000, 90_000]), null, now, width);
    const [, due] = drawn.markers;
    expect(due).toMatchObject({ kind: "planned", number: 2, at: now - 5_000 });
    expect(due!.place).toBeGreaterThan(drawn.now!);
    const last = draw(detail([-60_000], [-5_000]), null, now, width);
    expect(last.flags, "an end that is over is no end to come").toEqual([]);
  });

  it("moves the now along as time goes, and takes it away at the end", () => {
    const one = detail([-1_000], [600_000]);
    const early = draw(one, null, now, width).now!;
    const late = draw(one, null, now + 300_000, width).now!;
    expect(late).toBeGreaterThan(early);
    expect(draw(detail([-4_000, -1_000], []), null, now, width).now).toBeNull();
  });

  it("has the attempt that is under way at now", () => {
    const one = detail([-4_000], [], { status: "in_flight", completed_at: null, ended_because: null });
    const drawn = draw(one, null, now, width);
    expect(drawn.markers.at(-1)).toEqual({ kind: "under_way", number: 2, place: drawn.now });
  });

  it("draws an expiry that is near, and only tells one that is far off", () => {
    const near = draw(detail([-1_000], [60_000], { expires_at: at(120_000) }), null, now, width);
    const flag = near.flags.find(({ kind }) => kind === "expires")!;
    expect(flag.place).toBe(1);
    expect(near.markers.at(-1)!.place).toBeLessThan(1);
    const far = draw(detail([-1_000], [60_000], { expires_at: at(7 * 86_400_000) }), null, now, width);
    expect(far.flags.find(({ kind }) => kind === "expires")!.place).toBeNull();
    expect(far.markers.at(-1)!.place).toBe(1);
  });

  it("says how it ended where no attempt did", () => {
    const expired = detail([-9_000], [], { ended_because: "expired", completed_at: at(-2_000) });
    expect(draw(expired, null, now, width).flags).toEqual([{ kind: "expired", at: now - 2_000, place: 1 }]);
    expect(draw(detail([-9_000], []), null, now, width).flags).toEqual([]);
  });

  it("draws as strokes what there is no room for, and always the chosen one", () => {
    const made = Array.from({ length: 60 }, (_, index) => (index - 60) * 60_000);
    const drawn = draw(detail(made, [60_000]), 30, now, 400);
    expect(drawn.markers.length).toBeLessThan(12);
    expect(drawn.markers.map(({ number }) => number)).toContain(30);
    expect(drawn.markers.length + drawn.strokes.length).toBe(61);
  });
});
