import { describe, expect, it } from "vitest";
import type { Endpoint, Provider } from "$api/types";
import {
  disableFieldsOf,
  policyDraftOf,
  policyFormOf,
  retryFieldsOf,
  retryOf,
  successFieldsOf,
} from "./policy";
import { checkPolicy, limitErrors } from "./policy-check";

const fresh = policyFormOf(null);

/** What the API is told where a form differs from an endpoint without rules of its own. */
const told = (edits: Partial<typeof fresh>) => policyDraftOf({ ...fresh, ...edits }, fresh);

describe("the rules of an endpoint", () => {
  it("are left to the profile where nobody touches them", () => {
    expect(told({})).toEqual({});
    // What stands in fields that are not in use is nobody's rule.
    expect(told({ firstWait: "9 s", successStatuses: "204", disableAfter: "3", breakerOpen: "2 s" })).toEqual(
      {},
    );
  });

  it("make a plan that grows, and keep what is at its usual value unsaid", () => {
    const grows = { ownRetry: true, retryKind: "exponential" as const, firstWait: "5 s", factor: "2.5" };
    expect(told({ ...grows, longestWait: "1 h", attempts: "6", jitter: "12.5" })).toEqual({
      retry: {
        exponential: { first_ms: 5_000, factor: 2.5, cap_ms: 3_600_000, max_attempts: 6 },
        jitter: 0.125,
      },
    });
  });

  it("tell all that bounds a plan", () => {
    const plan = retryOf({
      ...fresh,
      ownRetry: true,
      delays: ["1 s"],
      total: "6 h",
      retryAfter: "own",
      retryAfterOn: "429; 503",
      retryAfterMost: "10 min",
      retryOn: "5XX",
      noRetry: "400, 404-410",
    });
    expect(plan).toEqual({
      delays_ms: [1_000],
      jitter: 0,
      max_total_ms: 21_600_000,
      retry_after: { statuses: [429, 503], max_ms: 600_000 },
      retry_on: ["5xx"],
      no_retry: ["400", "404-410"],
    });
    const never = retryOf({ ...fresh, ownRetry: true, retryAfter: "never" });
    expect(never?.retry_after?.statuses).toEqual([]);
  });

  it("come back from what was told", () => {
    const plan = {
      delays_ms: [5_000, 15_000],
      exponential: { first_ms: 5_000, factor: 3, cap_ms: 60_000, max_attempts: 3 },
      jitter: 0.1,
      max_total_ms: 60_000,
      retry_after: { statuses: [], max_ms: 1_000 },
      no_retry: ["400"],
    };
    const fields = retryFieldsOf(plan);
    expect(fields).toMatchObject({
      retryKind: "exponential",
      factor: "3",
      retryAfter: "never",
      total: "1 min",
    });
    const { delays_ms: _, retry_after, ...same } = plan;
    expect(retryOf({ ...fresh, ownRetry: true, ...fields })).toEqual({
      ...same,
      retry_after: { ...retry_after, max_ms: 3_600_000 },
    });
  });

  it("name what counts as delivered", () => {
    const own = { ownSuccess: true };
    expect(told(own).success).toEqual({ kind: "any2xx" });
    expect(told({ ...own, successKind: "statuses", successStatuses: "200 204" }).success).toEqual({
      kind: "statuses",
      statuses: [200, 204],
    });
    const word = { kind: "body_word" as const, word: "True" };
    expect(told({ ...own, ...successFieldsOf(word) }).success).toEqual(word);
  });

  it("name when it is disabled; a rule of its own says itself what it counts", () => {
    const share = { kind: "failure_share" as const, share: 0.95, window_ms: 3_600_000, min_attempts: 20 };
    expect(told({ ownDisable: true, ...disableFieldsOf(share) }).disable).toEqual(share);
    const counting = policyFormOf({ disable_counts: "attempts" } as Endpoint);
    expect(policyDraftOf({ ...counting, ownDisable: true }, counting)).toEqual({
      disable: { kind: "never" },
      disable_counts: null,
    });
    expect([told({ gone: "stays" }), told({ gone: "disables" })]).toEqual([
      { gone_disables: false },
      { gone_disables: true },
    ]);
  });

  it("tell a rate with and without a burst, a breaker, and the way", () => {
    expect(told({ perSecond: "2", burst: "5" }).rate_limit).toEqual({ per_second: 2, burst: 5 });
    expect(told({ perSecond: "2" }).rate_limit).toEqual({ per_second: 2 });
    expect(told({ breaker: true }).breaker).toEqual({ failures: 5, open_ms: 60_000, max_open_ms: 3_600_000 });
    expect(told({ method: " put ", httpVersion: "http2", proxyKind: "system" })).toEqual({
      method: "PUT",
      http_version: "http2",
      proxy: "system",
    });
    expect(told({ proxyKind: "url", proxyUrl: "http://p:1" }).proxy).toBe("http://p:1");
  });

  it("leave a veiled proxy alone, and take it away", () => {
    const was = policyFormOf({ proxy: "http://***@p:1" } as Endpoint);
    expect(policyDraftOf(was, was)).toEqual({});
    expect(policyDraftOf({ ...was, proxyKind: "" }, was)).toEqual({ proxy: null });
  });
});

describe("what is wrong with the rules", () => {
  it("stands at each field, and only at those in use", () => {
    expect(
      checkPolicy({ ...fresh, firstWait: "x", disableShare: "x", breakerOpen: "x", successWord: "" }),
    ).toEqual({});
    const wrong = checkPolicy({
      ...fresh,
      ttl: "soon",
      ownRetry: true,
      retryKind: "exponential",
      firstWait: "x",
      factor: "0.5",
      attempts: "0",
      total: "x",
      noRetry: "abc",
      ownSuccess: true,
      successKind: "body_word",
      ownDisable: true,
      disableKind: "failure_share",
      disableShare: "0",
      breaker: true,
      breakerAfter: "1.5",
      burst: "3",
      proxyKind: "url",
    });
    expect(Object.keys(wrong).sort()).toEqual(
      [
        "attempts",
        "breakerAfter",
        "disableShare",
        "factor",
        "firstWait",
        "noRetry",
        "perSecond",
        "proxyUrl",
        "successWord",
        "total",
        "ttl",
      ].sort(),
    );
    expect(wrong.noRetry).toMatch(/abc/);
  });

  it("is a growing plan with more waits than the provider allows", () => {
    const sent = { name: "Sent", limits: { timeout_ms: null, retries: [1, 5] } } as unknown as Provider;
    const form = { ...fresh, ownRetry: true, retryKind: "exponential" as const };
    expect(limitErrors({ ...form, attempts: "7" }, sent).attempts).toBe(
      "Sent allows 1 to 5 waits; these are 6.",
    );
    expect(limitErrors({ ...form, attempts: "6" }, sent)).toEqual({});
  });
});
