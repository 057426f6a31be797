import { describe, expect, it } from "vitest";
import type { Delivery, DeliveryStatus, Endpoint, EndpointHealth } from "$api/types";
import { actionsOf, type Standing, type Verdict } from "./actions";
import { forecastText } from "./forecast";
import { goesNotBefore, plannedFrom, waitsBecause } from "./waits";

const now = Date.UTC(2026, 10, 21, 12);
const at = (ms: number) => new Date(now + ms).toISOString();

const one = (status: DeliveryStatus, more: Partial<Delivery> = {}) =>
  ({ id: "dlv_5", status, next_attempt_at: at(-1), ...more }) as Delivery;

function standing(endpoint: Partial<Endpoint> = {}, health: Partial<EndpointHealth> = {}): Standing {
  return {
    endpoint: {
      status: "enabled",
      draft: false,
      ordered: false,
      max_in_flight: null,
      ...endpoint,
    } as Endpoint,
    health: {
      waiting: 0,
      due: 0,
      in_flight: 0,
      held_by: null,
      breaker: null,
      rate: null,
      ...health,
    } as EndpointHealth,
  };
}

const ordered = standing({ ordered: true });
const heldBy = (held_by: string, waiting = 3) => standing({ ordered: true }, { held_by, waiting });

describe("what can be done with a delivery", () => {
  const word = (verdict: Verdict) => (verdict.hidden ? "-" : verdict.because === null ? "yes" : "no");
  it.each<[string, Delivery, Standing | null, string]>([
    ["retrying", one("retrying"), standing(), "yes yes -"],
    ["pending, endpoint not known yet", one("pending"), null, "yes yes -"],
    ["retrying in order", one("retrying"), ordered, "yes yes yes"],
    ["under way", one("in_flight"), standing(), "no no -"],
    ["under way in order", one("in_flight"), ordered, "no no no"],
    ["delivered", one("delivered"), null, "yes - -"],
    ["cancelled", one("cancelled"), null, "yes - -"],
    ["failed", one("failed"), ordered, "yes - -"],
    ["failed and holds the queue", one("failed"), heldBy("dlv_5"), "yes - yes"],
    ["waits behind the holder", one("pending"), heldBy("dlv_2"), "no yes yes"],
    ["was there before the holder", one("pending"), heldBy("dlv_7"), "yes yes yes"],
    ["paused", one("paused"), standing({ status: "disabled" }), "no yes -"],
    ["failed, endpoint disabled", one("failed"), standing({ status: "disabled" }), "no - -"],
    ["paused with its endpoint, and goes elsewhere", one("paused", { own_url: true }), null, "yes yes -"],
    ["endpoint is a draft", one("paused"), standing({ status: "disabled", draft: true }), "no yes -"],
  ])("%s", (_, delivery, how, expected) => {
    const { retry, cancel, skip } = actionsOf(delivery, how);
    expect([retry, cancel, skip].map(word).join(" ")).toBe(expected);
  });
});

it("is not tried again where its endpoint was deleted", () => {
  const { retry, cancel } = actionsOf(one("failed"), null, true);
  expect(retry).toEqual({
    hidden: false,
    because: "Its endpoint was deleted: edit it, and send it to another one.",
  });
  expect(cancel).toEqual({ hidden: true });
});

describe("why a delivery waits", () => {
  const texts = (delivery: Delivery, how: Standing | null) =>
    waitsBecause(delivery, how, now).map((reason) => reason.text);
  const open = { state: "open", failures: 5, opened_at: at(-10_000), probe_at: at(20_000) } as const;

  it("is nothing where only its time has not come", () => {
    expect(texts(one("retrying", { next_attempt_at: at(60_000) }), standing())).toEqual([]);
    expect(texts(one("retrying"), null)).toEqual([]);
    expect(texts(one("delivered"), heldBy("dlv_2"))).toEqual([]);
  });

  it("is the queue, with whom it waits for", () => {
    const [reason] = waitsBecause(one("pending"), heldBy("dlv_2"), now);
    expect(reason).toEqual({
      text: "The queue is held by an earlier delivery that failed:",
      delivery: "dlv_2",
    });
    expect(texts(one("failed"), heldBy("dlv_5"))).toEqual([
      "It holds its endpoint’s queue: 3 deliveries wait behind it. Retry it until it is delivered, or skip it.",
    ]);
    expect(texts(one("pending"), standing({ ordered: true }, { waiting: 2 }))).toEqual([
      "Its endpoint takes one delivery at a time, in order: those before it go first.",
    ]);
  });

  it("is the breaker, as long as that keeps it back", () => {
    expect(texts(one("retrying"), standing({}, { breaker: open }))).toEqual([
      "The breaker is open after 5 failures in a row: nothing is sent until a probe in 20 s.",
    ]);
    const due = { ...open, probe_at: at(-1) };
    expect(texts(one("retrying"), standing({}, { breaker: due }))).toEqual([
      "The breaker is open after 5 failures in a row: a probe is due now.",
    ]);
    const later = one("retrying", { next_attempt_at: at(60_000) });
    expect(texts(later, standing({}, { breaker: open }))).toEqual([]);
    expect(texts(one("retrying"), standing({}, { breaker: { ...open, state: "half_open" } }))).toEqual([
      "The breaker is half open: one probe is under way, and the others wait for how it ends.",
    ]);
    expect(texts(one("retrying"), standing({}, { breaker: { ...open, state: "closed" } }))).toEqual([]);
  });

  it("has a time where one is known", () => {
    const when = (delivery: Delivery, how: Standing | null) => goesNotBefore(delivery, how, now);
    expect(when(one("pending"), standing({}, { breaker: open }))).toBe(now + 20_000);
    expect(when(one("pending"), standing({}, { breaker: { ...open, state: "closed" } }))).toBeNull();
    expect(when(one("pending"), heldBy("dlv_2"))).toBe(Infinity);
    expect(when(one("pending"), standing({ ordered: true }, { waiting: 2 }))).toBe(Infinity);
    expect(when(one("pending"), standing({ ordered: true }, { waiting: 1 }))).toBeNull();
    expect(when(one("paused"), standing({ status: "disabled" }))).toBe(Infinity);
    expect(when(one("delivered"), heldBy("dlv_2"))).toBeNull();
    expect(when(one("pending"), null)).toBeNull();
  });

  it("moves what is planned behind a probe, and takes it away where nobody knows when", () => {
    const planned = [at(-5_000), at(25_000)];
    expect(plannedFrom(planned, now + 56_000)).toEqual([at(56_000), at(86_000)]);
    expect(plannedFrom(planned, now - 5_000), "what is later than the probe stays").toEqual(planned);
    expect(plannedFrom(planned, null)).toEqual(planned);
    expect(plannedFrom(planned, Infinity)).toEqual([]);
    expect(plannedFrom([], now)).toEqual([]);
  });

  it("is the endpoint, or its limits", () => {
    const disabled = standing({ status: "disabled", disabled_reason: "10 failures in a row." });
    expect(texts(one("paused"), disabled)).toEqual(["Disabled: 10 failures in a row."]);
    expect(texts(one("pending"), standing({ max_in_flight: 2 }, { in_flight: 2 }))).toEqual([
      "Its endpoint takes 2 at a time, and so many are under way.",
    ]);
    const rate = { per_second: 5, available: 0 };
    expect(texts(one("pending"), standing({}, { rate, due: 1_204 }))).toEqual([
      "Its endpoint takes 5 a second; 1,204 are due.",
    ]);
    expect(texts(one("pending"), standing({}, { rate: { ...rate, available: 2 }, due: 1 }))).toEqual([]);
  });
});

describe("the forecast in one line", () => {
  const forecast = {
    now: at(0),
    waiting: 1_204,
    overdue: 340,
    kept_back: { by_breaker: 0, by_order: 0 },
    spread_until: at(125_000),
    buckets: [],
  };

  it("says until when what is overdue goes out", () => {
    expect(forecastText(forecast, true)).toBe("1,204 wait; 340 overdue go out bit by bit until 12:02:05");
    expect(forecastText({ ...forecast, waiting: 1, overdue: 1 }, true)).toBe(
      "1 waits; 1 overdue goes out bit by bit until 12:02:05",
    );
  });

  it("says how many wait for a breaker", () => {
    const kept_back = { by_breaker: 22, by_order: 3 };
    expect(forecastText({ ...forecast, kept_back, overdue: 0 }, true)).toBe("22 wait for a breaker");
    expect(forecastText({ ...forecast, kept_back }, true)).toMatch(/^1,204 wait; .*; 22 wait for a breaker$/);
  });

  it("says nothing where nothing is kept back", () => {
    const kept_back = { by_breaker: 0, by_order: 3 };
    expect(forecastText({ ...forecast, kept_back, overdue: 0 }, true)).toBeNull();
    expect(forecastText({ ...forecast, overdue: 0 }, true)).toBeNull();
    expect(forecastText({ ...forecast, spread_until: null }, true)).toBeNull();
  });
});
