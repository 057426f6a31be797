import { describe, expect, it } from "vitest";
import type { EndpointHealth } from "$api/types";
import { formOf } from "./form";
import {
  breakerStanding,
  breakerText,
  disablingText,
  paceText,
  resumedText,
  ruleText,
  successText,
} from "./policy-words";
import { sectionOf, sectionsOf } from "./sections";

const now = Date.parse("2026-11-21T12:00:00.000Z");
const at = (ms: number) => new Date(now + ms).toISOString();

describe("rules in words", () => {
  it("say what counts as delivered", () => {
    expect(successText({ kind: "any2xx" })).toBe("any 2xx");
    expect(successText({ kind: "statuses", statuses: [200, 202, 204] })).toBe("200, 202 or 204");
    expect(successText({ kind: "body_word", word: "True", statuses: null })).toBe(
      "any 2xx with the body “True”",
    );
  });

  it("say when it is disabled", () => {
    expect(ruleText({ kind: "never" })).toBe("never by itself");
    expect(ruleText({ kind: "consecutive_failures", count: 1, counting: "attempts" })).toBe(
      "after 1 failed attempt in a row",
    );
    expect(ruleText({ kind: "failure_share", share: 0.955, window_ms: 3_600_000, min_attempts: 20 })).toBe(
      "when 95.5 % of 20 or more attempts in 1 h failed",
    );
  });

  it("say how near that is", () => {
    const health = { consecutive_failures: 3, failing_since: at(-60_000) } as EndpointHealth;
    expect(
      disablingText({ kind: "consecutive_failures", count: 10, counting: "deliveries" }, health, now),
    ).toBe("Disabled after 10 failed deliveries in a row; by now 3 of 10.");
    expect(disablingText({ kind: "failing_for", duration_ms: 86_400_000 }, health, now)).toBe(
      "Disabled after 1 d of nothing but failures; failing for 1 min by now.",
    );
    const untried = { ...health, consecutive_failures: 0, failing_since: null };
    expect(disablingText({ kind: "failing_for", duration_ms: 86_400_000 }, untried, now)).toBe(
      "Disabled after 1 d of nothing but failures; it is not failing.",
    );
  });

  it("say how a breaker is set, and where it stands", () => {
    expect(breakerText(null)).toBe("none");
    expect(breakerText({ failures: 5, open_ms: 60_000, max_open_ms: 60_000 })).toBe(
      "opens after 5 failures in a row, for 1 min",
    );
    const open = { state: "open" as const, failures: 5, opened_at: at(-1_000), probe_at: at(20_000) };
    expect(breakerStanding(open, now).detail).toBe("Nothing goes out. A probe goes out in 20 s.");
    expect(breakerStanding(open, now + 30_000).detail).toBe("Nothing goes out. A probe is due.");
  });

  it("say pace, and what goes on when it is enabled again", () => {
    const rate_limit = { per_second: 2.5, burst: 10 };
    expect(paceText({ rate_limit, max_in_flight: null, ordered: true })).toBe(
      "2.5 a second in bursts of 10, any number at once, in the order of the events",
    );
    expect(resumedText(0, null, now)).toBe("is enabled");
    expect(resumedText(1, at(100), now)).toBe("is enabled: 1 paused delivery goes out now");
    expect(resumedText(1_200, at(120_000), now)).toBe(
      "is enabled: 1,200 paused deliveries go out one after the other, the last in 2 min",
    );
  });
});

describe("the parts that rules are folded into", () => {
  it("hold every field of the form but those that are always seen", () => {
    const seen = ["name", "url", "provider", "scheme", "envelope", "events", "secret"];
    const hidden = Object.keys(formOf(null)).filter((field) => sectionOf(field) === null);
    expect(hidden.sort()).toEqual(seen.sort());
  });

  it("say what is the endpoint’s own, and warn of TLS", () => {
    const left = sectionsOf(formOf(null), null);
    expect(Object.values(left).map((one) => one.own)).toEqual([false, false, false, false, false, false]);
    const form = {
      ...formOf(null),
      verify: false,
      breaker: true,
      headers: "X-A: 1",
      method: "put",
      perSecond: "5",
    };
    const told = sectionsOf(form, null);
    expect(told.tls).toEqual({ text: "the certificate is NOT checked", own: true });
    expect(told.way.text).toBe("1 header, PUT");
    expect(told.pace.text).toBe("5 a second, any number at once, in any order");
    expect(told.trouble.text).toMatch(/a breaker opens after 5 failures$/);
  });
});
