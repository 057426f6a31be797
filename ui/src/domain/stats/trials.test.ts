import { expect, it } from "vitest";
import type { Delivery, Stats } from "$api/types";
import { withoutTrials } from "./trials";

it("leaves out what failed at trials, also at those that are ended, and nothing else", () => {
  const now = Date.UTC(2026, 10, 21, 12);
  const failed = (id: string, endpoint_id: string | null, ago: number) =>
    ({ id, endpoint_id, completed_at: new Date(now - ago).toISOString() }) as Delivery;
  const stats = { endpoints: [{ endpoint_id: "ep_shop" }] } as Stats;
  const all = [
    failed("of an endpoint with figures", "ep_shop", 3_600_000),
    failed("of one whose first figures are still to come", "ep_new", 1_000),
    failed("of none", null, 3_600_000),
    failed("of a trial", "ep_trial", 1_000),
    failed("of a trial, long ago", "ep_trial", 3_600_000),
    failed("of a trial that is ended", "ep_ended", 3_600_000),
  ];
  const left = withoutTrials(all, stats, new Set(["ep_trial"]), now);
  expect(left.map(({ id }) => id)).toEqual(all.slice(0, 3).map(({ id }) => id));
});
