import { describe, expect, it } from "vitest";
import type { Delivery, DeliveryStatus, Outcome, Timing } from "$api/types";
import { filterOf, filterKey, isFiltered, resultOf, standingOf, withResult, withStanding } from "./filter";
import { phases } from "./phases";
import { foundIn, rowResult, sentence, shortResult } from "./words";

const now = Date.UTC(2026, 10, 21, 12);
const later = (ms: number) => new Date(now + ms).toISOString();

function delivery(
  status: DeliveryStatus,
  made: number,
  more: Partial<Delivery> = {},
  outcome: Outcome = "http_error",
): Delivery {
  const response_status = outcome === "http_error" ? 503 : outcome === "delivered" ? 200 : null;
  return {
    id: "dlv_1",
    event_id: "evt_1",
    event_type: "message.sent",
    provider: "pulsewave",
    endpoint_id: "ep_1",
    endpoint_name: "Shop",
    url: "http://127.0.0.1:3000/",
    own_url: false,
    status,
    attempt_count: made,
    max_attempts: 4,
    next_attempt_at: null,
    created_at: later(-60_000),
    completed_at: null,
    ended_because: null,
    expires_at: null,
    last_attempt: made ? { number: made, outcome, response_status, duration_ms: 12, error: null } : null,
    trigger: "automatic",
    replay_id: null,
    repeats_delivery_id: null,
    repeats_request_id: null,
    found_in: null,
    ...more,
  };
}

describe("a delivery in one sentence", () => {
  it.each<[Delivery, string]>([
    [delivery("failed", 4), "Failed after 4 attempts: the server answered 503. Next: none."],
    [
      delivery("failed", 1, {}, "timeout"),
      "Failed after 1 attempt: no whole answer came in time. Next: none.",
    ],
    [delivery("failed", 0), "Failed after 0 attempts: no attempt could be made. Next: none."],
    [
      delivery("retrying", 2, { next_attempt_at: later(40_000) }),
      "Attempt 2 of 4 failed: the server answered 503. Next: in 40 s.",
    ],
    [
      delivery("retrying", 5, { next_attempt_at: later(-10) }, "connection_refused"),
      "Attempt 5 of 6 failed: nothing listens there. Next: now.",
    ],
    [delivery("delivered", 1, {}, "delivered"), "Delivered at once: the server answered 200."],
    [delivery("delivered", 3, {}, "delivered"), "Delivered after 3 attempts: the server answered 200."],
    [delivery("pending", 0, { next_attempt_at: later(5_000) }), "Accepted; the first attempt is due in 5 s."],
    [delivery("pending", 0), "Accepted; the first attempt is due now."],
    [delivery("in_flight", 0), "The first attempt is under way."],
    [delivery("in_flight", 1), "Attempt 2 is under way; before it the server answered 503."],
    [delivery("cancelled", 0), "Cancelled before the first attempt."],
    [
      delivery("failed", 4, { ended_because: "exhausted" }),
      "Failed after 4 attempts: the server answered 503. Next: none.",
    ],
    [
      delivery("failed", 2, { ended_because: "expired" }),
      "Expired after 2 attempts, its time to live being over; at last the server answered 503. Next: none.",
    ],
    [
      delivery("failed", 0, { ended_because: "expired" }),
      "Expired before the first attempt: its time to live was over. Next: none.",
    ],
    [
      delivery("failed", 4, { ended_because: "skipped" }),
      "Failed after 4 attempts: the server answered 503. Skipped since, so that its endpoint’s queue goes on.",
    ],
    [delivery("cancelled", 0, { ended_because: "skipped" }), "Skipped before the first attempt."],
    [
      delivery("cancelled", 1, { ended_because: "skipped" }),
      "Skipped after 1 attempt: the server answered 503.",
    ],
  ])("%#", (one, text) => expect(sentence(one, now)).toBe(text));

  it("says nothing of now while something else keeps it back", () => {
    expect(sentence(delivery("pending", 0), now, true)).toBe("Accepted; the first attempt waits.");
    expect(sentence(delivery("retrying", 1), now, true)).toBe(
      "Attempt 1 of 4 failed: the server answered 503. The next waits.",
    );
  });

  it("has a result for its row", () => {
    expect(shortResult(delivery("failed", 1).last_attempt)).toBe("503");
    expect(shortResult(delivery("failed", 1, {}, "dns_failure").last_attempt)).toBe("No such host");
    expect(shortResult(null)).toBe("");
    expect(rowResult(delivery("failed", 1, { ended_because: "exhausted" }))).toBe("503");
    expect(rowResult(delivery("failed", 1, { ended_because: "expired" }))).toBe("Expired");
    expect(rowResult(delivery("cancelled", 0, { ended_because: "skipped" }))).toBe("Skipped");
  });
});

function timing(happened: Partial<Timing>): Timing {
  const none = { dns_ms: null, connect_ms: null, tls_ms: null, first_byte_ms: null, body_ms: null };
  const us = { dns_us: null, connect_us: null, tls_us: null, first_byte_us: null, body_us: null };
  return { ...none, ...us, ...happened };
}

describe("phases", () => {
  it("leave out what did not happen, and share the whole time", () => {
    expect(
      phases(timing({ connect_us: 1000, first_byte_us: 6000, body_us: 1000 }), 10).map(({ title, share }) => [
        title,
        share,
      ]),
    ).toEqual([
      ["Connect", 0.1],
      ["Waiting", 0.6],
      ["Body", 0.1],
    ]);
  });

  it("never take more than there is", () => {
    const sum = phases(timing({ first_byte_us: 1400, body_us: 400 }), 1).reduce(
      (total, phase) => total + phase.share,
      0,
    );
    expect(sum).toBeCloseTo(1);
  });
});

describe("a filter in the address", () => {
  it("is what the API is asked", () => {
    expect(filterOf({ status: "failed", q: "", within: "1h", other: "x" }, now)).toEqual({
      status: "failed",
      since: later(-3_600_000),
    });
    expect(filterOf({ since: later(-10), until: later(0) }, now)).toEqual({
      since: later(-10),
      until: later(0),
    });
  });

  it("is the same for the same list", () => {
    expect(filterKey({ q: "a", other: "1" })).toBe(filterKey({ other: "2", q: "a" }));
    expect(filterKey({ q: "a" })).not.toBe(filterKey({ status: "a" }));
    expect(isFiltered({ other: "1" })).toBe(false);
    expect(isFiltered({ within: "1h" })).toBe(true);
    expect(isFiltered({ attempts: "any" })).toBe(false);
  });
});

describe("the choices of the filter bar", () => {
  it("keep in the address what the API calls them", () => {
    expect(withStanding("failed")).toEqual({ status: "failed", ended_because: null });
    expect(withStanding("because:expired")).toEqual({ status: null, ended_because: "expired" });
    expect(withStanding("")).toEqual({ status: "", ended_because: null });
    expect(withResult("timeout")).toEqual({ outcome: "timeout", response_status: null });
    expect(withResult("answer:5xx")).toEqual({ outcome: null, response_status: "5xx" });
    expect(withResult("")).toEqual({ outcome: "", response_status: null, attempts: null });
    const query = { ended_because: "expired", response_status: "5xx", error_code: "tls_expired" };
    expect(filterOf(query, now)).toEqual(query);
    expect(isFiltered({ error_code: "refused" })).toBe(true);
    const any = { outcome: "timeout", attempts: "any" };
    expect(filterOf(any, now)).toEqual(any);
    expect(filterOf({ attempts: "any" }, now)).toEqual({});
    expect(filterKey(any)).not.toBe(filterKey({ outcome: "timeout" }));
  });

  it("show what a link says, offered here or not", () => {
    expect(standingOf({ ended_because: "expired" }).value).toBe("because:expired");
    const odd = resultOf({ response_status: "404,410" });
    expect(odd.value).toBe("answer:404,410");
    expect(odd.choices.at(-1)).toEqual({ value: "answer:404,410", title: "404,410" });
    expect(resultOf({}).value).toBe("");
    expect(resultOf({ outcome: "timeout" }).choices).toHaveLength(resultOf({}).choices.length);
  });

  it("say where a text was found", () => {
    expect(foundIn(["payload"])).toBe("Payload");
    expect(foundIn(["id", "url", "response_body"])).toBe("Id, URL, response body");
    expect(foundIn(null)).toBe("");
  });
});
