import { parseHeaderLines } from "$api/header-lines";
import type { Provider } from "$api/types";
import { plural } from "$shared/size";
import { planText } from "$shared/span";
import type { EndpointForm } from "./form";
import { delaysOf, listOf } from "./policy";
import { breakerText, proxyText, ruleText, successText } from "./policy-words";

/** The parts that the rules of an endpoint are folded into. */
export type PolicySection = "retries" | "success" | "trouble" | "pace" | "way" | "tls";

const prefixes: [PolicySection, RegExp][] = [
  [
    "retries",
    /^(timeout|ttl|total|delays|ownRetry|retry|firstWait|factor|longestWait|attempts|jitter|noRetry)/,
  ],
  ["success", /^(ownSuccess|success)/],
  ["trouble", /^(ownDisable|disable|gone|breaker)/],
  ["pace", /^(perSecond|burst|maxInFlight|order)/],
  ["way", /^(headers|method|httpVersion|proxy)/],
  ["tls", /^(verify|caPem|certPem|keyPem)/],
];

/** Where a field of the form is found, or null where it is seen without unfolding anything. */
export function sectionOf(field: string): PolicySection | null {
  return prefixes.find(([, fields]) => fields.test(field))?.[0] ?? null;
}

interface Told {
  /** What is in force, in a few words. */
  text: string;
  /** Whether anything in it is the endpoint's own. */
  own: boolean;
}

/** What each part holds, as the form stands. */
export function sectionsOf(form: EndpointForm, provider: Provider | null): Record<PolicySection, Told> {
  const as = `as ${provider?.name ?? "the profile"}`;
  return {
    retries: retries(form, provider, as),
    success: {
      text: form.ownSuccess
        ? ownSuccessText(form)
        : `${provider ? successText(provider.success_rule) : "its rule"}, ${as}`,
      own: form.ownSuccess,
    },
    trouble: trouble(form, provider, as),
    pace: pace(form),
    way: way(form),
    tls: {
      text: form.verify ? "the certificate is checked" : "the certificate is NOT checked",
      own: !form.verify || form.caPem.trim() !== "" || form.certPem.trim() !== "",
    },
  };
}

function retries(form: EndpointForm, provider: Provider | null, as: string): Told {
  const grows = `up to ${form.attempts} attempts, waits growing from ${form.firstWait}`;
  const own = form.retryKind === "exponential" ? grows : planText(delaysOf(form));
  const plan = form.ownRetry ? own : `${provider ? planText(provider.retry.delays_ms) : "its plan"}, ${as}`;
  const more = [
    form.timeout.trim() && `timeout ${form.timeout.trim()}`,
    form.ttl.trim() && `events live ${form.ttl.trim()}`,
  ].filter(Boolean);
  return { text: [plan, ...more].join("; "), own: form.ownRetry || more.length > 0 };
}

function ownSuccessText(form: EndpointForm): string {
  const statuses = listOf(form.successStatuses).map(Number);
  switch (form.successKind) {
    case "any2xx":
      return successText({ kind: "any2xx" });
    case "statuses":
      return statuses.length ? successText({ kind: "statuses", statuses }) : "certain statuses";
    case "body_word":
      return successText({ kind: "body_word", word: form.successWord, statuses });
  }
}

const disabling: Record<EndpointForm["disableKind"], string> = {
  never: "never disabled by itself",
  consecutive_failures: "disabled after failures in a row",
  failing_for: "disabled after failing for long",
  failure_share: "disabled when a share has failed",
};

function trouble(form: EndpointForm, provider: Provider | null, as: string): Told {
  const rule = form.ownDisable
    ? disabling[form.disableKind]
    : `disabled ${provider ? ruleText(provider.disable_rule) : "by its rule"}, ${as}`;
  const breaker = form.breaker ? `; a breaker opens after ${form.breakerAfter} failures` : "";
  return {
    text: `${rule}${breaker}${breaker ? "" : `; breaker: ${breakerText(null)}`}`,
    own: form.ownDisable || form.disableCounts !== "" || form.gone !== "" || form.breaker,
  };
}

function pace(form: EndpointForm): Told {
  const rate = form.perSecond.trim();
  const most = form.maxInFlight.trim();
  const text = [
    rate ? `${rate} a second` : "no rate limit",
    most ? `${most} at once` : "any number at once",
    form.ordered ? "in the order of the events" : "in any order",
  ].join(", ");
  return { text, own: rate !== "" || most !== "" || form.ordered };
}

function way(form: EndpointForm): Told {
  const { headers } = parseHeaderLines(form.headers);
  const versions = { auto: "", http1: "HTTP/1.1", http2: "HTTP/2" };
  const proxy =
    form.proxyKind === "url" ? "through a proxy" : form.proxyKind === "" ? "" : proxyText(form.proxyKind);
  const told = [
    headers.length ? plural(headers.length, "header") : "",
    form.method.trim().toUpperCase(),
    versions[form.httpVersion],
    proxy,
  ].filter(Boolean);
  return { text: told.join(", ") || "nothing of its own", own: told.length > 0 };
}
