import type { Provider } from "$api/types";
import { exactSpan, parseSpan } from "$shared/span";
import { listOf, type PolicyErrors, type PolicyForm } from "./policy";

/** What is wrong with the rules as far as the form can tell. Fields that are not in use are not looked at. */
export function checkPolicy(form: PolicyForm): PolicyErrors {
  const errors: PolicyErrors = {};
  const spanOf = (field: "timeout" | "ttl" | "total", example: string) => {
    if (form[field].trim() !== "" && parseSpan(form[field]) === null) {
      errors[field] = `Write it as ${example}, or leave it empty.`;
    }
  };
  const span = (...fields: (keyof PolicyForm)[]) => {
    for (const field of fields) {
      if (parseSpan(String(form[field])) === null) errors[field] = "Write it as 30 s, 5 min or 2 h.";
    }
  };
  const whole = (field: "disableAfter" | "disableLeast" | "breakerAfter" | "attempts") => {
    if (!/^[1-9]\d*$/.test(form[field].trim())) errors[field] = "Give a whole number from 1 on.";
  };
  const statuses = (field: "successStatuses" | "retryAfterOn", needed: boolean) => {
    const listed = listOf(form[field]);
    const fits = listed.every((one) => /^[1-5]\d\d$/.test(one));
    if (!fits || (needed && listed.length === 0)) errors[field] = "Give statuses such as 200, 204.";
  };
  const ranges = (field: "retryOn" | "noRetry") => {
    const bad = listOf(form[field]).find((one) => !/^([1-5]\d\d(-[1-5]\d\d)?|[1-5]xx)$/.test(one));
    if (bad !== undefined) errors[field] = `“${bad}” is no status: write 406, 500-504 or 5xx.`;
  };
  spanOf("timeout", "10 s or 1500 ms");
  spanOf("ttl", "15 min or 1 d");
  if (form.ownRetry) {
    spanOf("total", "6 h or 3 d");
    if (form.retryKind === "delays") {
      const bad = form.delays.findIndex((text) => parseSpan(text) === null);
      if (bad >= 0) errors.delays = `Write wait ${bad + 1} as 4 s, 5 min or 2 h 30 min.`;
    } else {
      span("firstWait", "longestWait");
      whole("attempts");
      if (!isNumber(form.factor, 1, 100)) errors.factor = "Give 1 to 100.";
    }
    if (!isNumber(form.jitter || "0", 0, 100)) errors.jitter = "Give 0 to 100.";
    if (form.retryAfter === "own") {
      span("retryAfterMost");
      statuses("retryAfterOn", true);
    }
    ranges("retryOn");
    ranges("noRetry");
  }
  if (form.ownSuccess) {
    if (form.successKind !== "any2xx") statuses("successStatuses", form.successKind === "statuses");
    if (form.successKind === "body_word" && form.successWord.trim() === "") {
      errors.successWord = "Give the word that the body is.";
    }
  }
  if (form.ownDisable) {
    if (form.disableKind === "consecutive_failures") whole("disableAfter");
    if (form.disableKind === "failing_for") span("disableFor");
    if (form.disableKind === "failure_share") {
      span("disableWindow");
      whole("disableLeast");
      if (!isNumber(form.disableShare, 0.01, 100)) errors.disableShare = "Give more than 0, at most 100.";
    }
  }
  if (form.breaker) {
    whole("breakerAfter");
    span("breakerOpen", "breakerMost");
  }
  if (form.perSecond.trim() !== "" && !isNumber(form.perSecond, Number.MIN_VALUE, Infinity)) {
    errors.perSecond = "Give a number above 0 (0.5 is one every two seconds), or leave it empty.";
  }
  if (form.burst.trim() !== "" && !/^[1-9]\d*$/.test(form.burst.trim())) {
    errors.burst = "Give a whole number from 1 on, or leave it empty.";
  } else if (form.burst.trim() !== "" && form.perSecond.trim() === "") {
    errors.perSecond = "A burst needs a rate.";
  }
  if (form.maxInFlight.trim() !== "" && !/^\d+$/.test(form.maxInFlight.trim())) {
    errors.maxInFlight = "Give a whole number, or leave it empty.";
  }
  if (form.proxyKind === "url" && form.proxyUrl.trim() === "") {
    errors.proxyUrl = "Give the proxy’s URL, such as http://proxy:3128.";
  }
  return errors;
}

/** Values that the provider does not let its customers set. */
export function limitErrors(form: PolicyForm, provider: Provider | null): PolicyErrors {
  const errors: PolicyErrors = {};
  if (!provider) return errors;
  const { timeout_ms: spans, retries } = provider.limits;
  const within = (value: number, [least = 0, most = 0]: readonly number[]) => value >= least && value <= most;
  const timeout = form.timeout.trim() === "" ? null : parseSpan(form.timeout);
  if (spans && timeout !== null && !within(timeout, spans)) {
    errors.timeout = `${provider.name} allows ${boundsText(spans, "span")}.`;
  }
  if (!retries || !form.ownRetry) return errors;
  const grows = form.retryKind === "exponential";
  const count = grows ? Number(form.attempts) - 1 : form.delays.length;
  if (!within(count, retries)) {
    errors[grows ? "attempts" : "delays"] =
      `${provider.name} allows ${boundsText(retries, "count")} waits; these are ${count}.`;
  }
  return errors;
}

/** What the provider lets its customers set: "5 s to 2 min", or null where it names no bounds. */
export function boundsText(
  bounds: readonly number[] | null | undefined,
  unit: "span" | "count",
): string | null {
  if (!bounds) return null;
  const [least = 0, most = 0] = bounds;
  return unit === "span" ? `${exactSpan(least)} to ${exactSpan(most)}` : `${least} to ${most}`;
}

function isNumber(text: string, least: number, most: number): boolean {
  const value = Number(text.trim());
  return text.trim() !== "" && Number.isFinite(value) && value >= least && value <= most;
}

/** Where the API's names of these fields stand in the form; the longer name before the shorter. */
export const policyPlaces: [api: string, form: keyof PolicyForm][] = [
  ["timeout_ms", "timeout"],
  ["ttl_ms", "ttl"],
  ["retry.jitter", "jitter"],
  ["retry.exponential.first_ms", "firstWait"],
  ["retry.exponential.factor", "factor"],
  ["retry.exponential.cap_ms", "longestWait"],
  ["retry.exponential", "attempts"],
  ["retry.max_total_ms", "total"],
  ["retry.retry_after.statuses", "retryAfterOn"],
  ["retry.retry_after", "retryAfterMost"],
  ["retry.retry_on", "retryOn"],
  ["retry.no_retry", "noRetry"],
  ["retry", "delays"],
  ["success.word", "successWord"],
  ["success", "successStatuses"],
  ["disable.count", "disableAfter"],
  ["disable.duration_ms", "disableFor"],
  ["disable.share", "disableShare"],
  ["disable.window_ms", "disableWindow"],
  ["disable.min_attempts", "disableLeast"],
  ["disable_counts", "disableCounts"],
  ["disable", "disableKind"],
  ["gone_disables", "gone"],
  ["breaker.open_ms", "breakerOpen"],
  ["breaker.max_open_ms", "breakerMost"],
  ["breaker", "breakerAfter"],
  ["rate_limit.burst", "burst"],
  ["rate_limit", "perSecond"],
  ["max_in_flight", "maxInFlight"],
  ["order_on_failure", "orderOnFailure"],
  ["ordered", "ordered"],
  ["method", "method"],
  ["http_version", "httpVersion"],
  ["proxy", "proxyUrl"],
];
