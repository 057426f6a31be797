import { describe, expect, it } from "vitest";
import type { Endpoint, Policy, Provider } from "$api/types";
import { draftOf, errorsOf, formOf } from "./form";

const endpoint: Endpoint = {
  id: "ep_1",
  name: "Orders",
  url: "https://orders.test/hook",
  provider: "pulsewave",
  scheme: null,
  envelope: null,
  draft: false,
  requires_test: false,
  tested_at: null,
  disable_counts: null,
  disable: null,
  gone_disables: null,
  success: null,
  ttl_ms: null,
  breaker: null,
  order_on_failure: "skip",
  method: null,
  http_version: "auto",
  proxy: null,
  policy: {} as Policy,
  enabled_events: ["message.*"],
  status: "enabled",
  disabled_reason: null,
  disabled_at: null,
  headers: [["X-Key", "1"]],
  timeout_ms: 5_000,
  retry: {
    delays_ms: [4_000, 84_000],
    jitter: 0.1,
    exponential: null,
    max_total_ms: null,
    retry_after: null,
    retry_on: null,
    no_retry: [],
  },
  rate_limit: { per_second: 0.5, burst: null },
  max_in_flight: 4,
  ordered: true,
  tls: { verify: true, ca_pem: null, client_cert: { cert_pem: "CERT" } },
  secret_hint: "…c0de",
  old_secret_expires_at: null,
  consecutive_failures: 0,
  failing_since: null,
  trial_of: null,
  created_at: "2026-11-21T00:00:00.000Z",
  updated_at: "2026-11-21T00:00:00.000Z",
};

describe("the form of an endpoint", () => {
  it("tells nothing where nothing changed", () => {
    expect(draftOf(formOf(endpoint), endpoint)).toEqual({ draft: {}, errors: null });
  });

  it("tells what changed, and takes away with null", () => {
    const form = {
      ...formOf(endpoint),
      timeout: "",
      ownRetry: false,
      perSecond: "",
      maxInFlight: "",
      headers: "",
      ordered: false,
    };
    expect(draftOf(form, endpoint).draft).toEqual({
      timeout_ms: null,
      retry: null,
      rate_limit: null,
      max_in_flight: null,
      headers: [],
      ordered: false,
    });
  });

  it("reads waits as people write them", () => {
    const form = { ...formOf(endpoint), delays: ["4", "1m 24s", "2 h"], jitter: "25" };
    expect(draftOf(form, endpoint).draft).toEqual({
      retry: { delays_ms: [4_000, 84_000, 7_200_000], jitter: 0.25 },
    });
  });

  it("tells TLS whole, and keeps a key that is not written", () => {
    expect(draftOf({ ...formOf(endpoint), verify: false }, endpoint).draft).toEqual({
      tls: { verify: false, ca_pem: null, client_cert: { cert_pem: "CERT" } },
    });
  });

  it("makes a new one of a URL alone, with a secret only where one is given", () => {
    const form = { ...formOf(null, "generic"), url: " http://a.test " };
    const made = { url: "http://a.test", provider: "generic", enabled_events: ["*"] };
    expect(draftOf(form, null).draft).toEqual(made);
    expect(draftOf({ ...form, secret: "whsec_x" }, null).draft).toEqual({ ...made, secret: "whsec_x" });
  });

  it("names each field that is wrong and asks the API nothing", () => {
    const form = {
      ...formOf(null),
      url: "orders.test",
      events: [],
      headers: "nonsense",
      timeout: "soon",
      ownRetry: true,
      delays: ["4 s", "x"],
      jitter: "101",
      perSecond: "0",
      maxInFlight: "1.5",
      keyPem: "KEY",
    };
    const { draft, errors } = draftOf(form, null);
    expect(draft).toBeNull();
    expect(Object.keys(errors ?? {}).sort()).toEqual(
      [
        "certPem",
        "delays",
        "events",
        "headers",
        "jitter",
        "maxInFlight",
        "perSecond",
        "timeout",
        "url",
      ].sort(),
    );
    expect(errors?.delays).toMatch(/wait 2/);
  });
});

it("puts what the API said at the fields of the form", () => {
  expect(
    errorsOf([
      { field: "url", message: "names no host" },
      { field: "enabled_events[1]", message: "is empty" },
      { field: "retry.delays_ms[0]", message: "is too long" },
      { field: "retry.jitter", message: "must lie between 0 and 1" },
      { field: "tls.client_cert.key_pem", message: "is missing" },
      { field: "colour", message: "is unknown" },
    ]),
  ).toEqual({
    errors: {
      url: "Names no host.",
      events: "Entry 2: is empty",
      delays: "Entry 1: is too long",
      jitter: "Must lie between 0 and 1.",
      keyPem: "Is missing.",
    },
    loose: ["colour: is unknown"],
  });
});

describe("what a provider lets its customers set", () => {
  const provider = {
    name: "Sent",
    limits: { timeout_ms: [5_000, 120_000], retries: [1, 5] },
  } as Provider;

  it("is told beside the field", () => {
    const form = {
      ...formOf(endpoint),
      timeout: "1 s",
      ownRetry: true,
      delays: ["1 s", "1 s", "1 s", "1 s", "1 s", "1 s"],
    };
    const { errors } = draftOf(form, endpoint, provider);
    expect(errors?.timeout).toBe("Sent allows 5 s to 2 min.");
    expect(errors?.delays).toBe("Sent allows 1 to 5 waits; these are 6.");
    expect(draftOf({ ...form, timeout: "6 s", delays: ["1 s"] }, endpoint, provider).errors).toBeNull();
  });

  it("goes out with scheme, envelope and what is counted", () => {
    const form = {
      ...formOf(endpoint),
      scheme: "github",
      envelope: "value",
      disableCounts: "attempts" as const,
    };
    expect(draftOf(form, endpoint).draft).toEqual({
      scheme: "github",
      envelope: "value",
      disable_counts: "attempts",
    });
    const back = { ...endpoint, scheme: "github", disable_counts: "attempts" as const };
    expect(draftOf({ ...formOf(back), scheme: "", disableCounts: "" }, back).draft).toEqual({
      scheme: null,
      disable_counts: null,
    });
  });
});
