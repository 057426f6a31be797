import type {
  Breaker,
  DisableRule,
  EndpointHealth,
  HttpVersion,
  OrderOnFailure,
  Policy,
  RetryDraft,
  SuccessRule,
} from "$api/types";
import { count, plural } from "$shared/size";
import { exactSpan, planText } from "$shared/span";
import { duration } from "$shared/time";
import type { Tone } from "$shared/tone";
import { hundredths } from "./policy";

/** "200, 204 or 410". */
function either(words: readonly (string | number)[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/** A plan in a few words, with how it grows where it does. */
export function retryText(retry: RetryDraft): string {
  return planText(retry.delays_ms ?? []);
}

/** What counts as delivered. */
export function successText(rule: SuccessRule): string {
  if (rule.kind === "any2xx") return "any 2xx";
  const statuses = rule.statuses?.length ? either(rule.statuses) : "any 2xx";
  return rule.kind === "statuses" ? statuses : `${statuses} with the body “${rule.word}”`;
}

/** When an endpoint that fails is disabled, to stand behind "Disabled". */
export function ruleText(rule: DisableRule): string {
  switch (rule.kind) {
    case "never":
      return "never by itself";
    case "consecutive_failures": {
      const what = rule.counting === "attempts" ? "failed attempt" : "failed delivery";
      const many = rule.counting === "attempts" ? "failed attempts" : "failed deliveries";
      return `after ${plural(rule.count, what, many)} in a row`;
    }
    case "failing_for":
      return `after ${exactSpan(rule.duration_ms)} of nothing but failures`;
    case "failure_share":
      return `when ${hundredths(rule.share)} % of ${rule.min_attempts} or more attempts in ${exactSpan(rule.window_ms)} failed`;
  }
}

export function breakerText(breaker: Breaker | null): string {
  if (!breaker) return "none";
  const longest =
    breaker.max_open_ms > breaker.open_ms ? `, then longer, up to ${exactSpan(breaker.max_open_ms)}` : "";
  return `opens after ${plural(breaker.failures, "failure")} in a row, for ${exactSpan(breaker.open_ms)}${longest}`;
}

/** How a receiver's `Retry-After` is followed. */
export function retryAfterText(after: RetryDraft["retry_after"]): string {
  if (!after) return "followed on 429 and 503, up to 1 h";
  if (after.statuses.length === 0) return "not followed";
  return `followed on ${after.statuses.join(", ")}, up to ${exactSpan(after.max_ms)}`;
}

/** How fast, how many at once and in which order. */
export function paceText(policy: Pick<Policy, "rate_limit" | "max_in_flight" | "ordered">): string {
  const { rate_limit: rate } = policy;
  const burst = rate?.burst ? ` in bursts of ${count(rate.burst)}` : "";
  return [
    rate ? `${rate.per_second} a second${burst}` : "no rate limit",
    policy.max_in_flight === null ? "any number at once" : `${policy.max_in_flight} at once`,
    policy.ordered ? "in the order of the events" : "in any order",
  ].join(", ");
}

export const orderWords: Record<OrderOnFailure, string> = {
  skip: "the next one goes",
  block: "it holds the queue until somebody retries it with success, skips or deletes it",
};

export const versionWords: Record<HttpVersion, string> = {
  auto: "HTTP/1.1, or HTTP/2 where the server offers it over TLS",
  http1: "HTTP/1.1 alone",
  http2: "HTTP/2 alone",
};

export function proxyText(proxy: string): string {
  if (proxy === "none") return "no proxy";
  return proxy === "system" ? "the system’s proxy" : `through ${proxy}`;
}

/** Where a breaker stands. `now` in milliseconds. */
export function breakerStanding(
  standing: NonNullable<EndpointHealth["breaker"]>,
  now: number,
): { tone: Tone; text: string; detail: string } {
  switch (standing.state) {
    case "closed":
      return {
        tone: "good",
        text: "Closed",
        detail: standing.failures
          ? `${plural(standing.failures, "failure")} in a row count for it.`
          : "Deliveries go out.",
      };
    case "open": {
      const wait = standing.probe_at === null ? 0 : Date.parse(standing.probe_at) - now;
      const probe = wait > 0 ? `A probe goes out in ${duration(wait)}.` : "A probe is due.";
      return { tone: "bad", text: "Open", detail: `Nothing goes out. ${probe}` };
    }
    case "half_open":
      return {
        tone: "wait",
        text: "Half open",
        detail: "A probe decides: delivered, it closes; failed, it opens for longer.",
      };
  }
}

/** The rule that disables an endpoint, and how near it is. `now` in milliseconds. */
export function disablingText(rule: DisableRule, health: EndpointHealth, now: number): string {
  const failing = health.failing_since === null ? null : Date.parse(health.failing_since);
  const words = `Disabled ${ruleText(rule)}`;
  if (rule.kind === "consecutive_failures") {
    return `${words}; by now ${count(health.consecutive_failures)} of ${count(rule.count)}.`;
  }
  if (rule.kind === "failing_for") {
    return failing === null
      ? `${words}; it is not failing.`
      : `${words}; failing for ${duration(Math.max(0, now - failing))} by now.`;
  }
  return `${health.disable?.sentence ?? words}.`;
}

/** What goes on since an endpoint was enabled, to stand behind its name. */
export function resumedText(deliveries: number, until: string | null, now: number): string {
  if (deliveries === 0) return "is enabled";
  const wait = until === null ? 0 : Date.parse(until) - now;
  const them = plural(deliveries, "paused delivery goes", "paused deliveries go");
  return wait < 2_000
    ? `is enabled: ${them} out now`
    : `is enabled: ${them} out one after the other, the last in ${duration(wait)}`;
}
