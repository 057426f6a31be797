import type {
  DisableRule,
  Endpoint,
  EndpointDraft,
  FailureCount,
  HttpVersion,
  OrderOnFailure,
  RetryDraft,
  SuccessRule,
} from "$api/types";
import { exactSpan, parseSpan } from "$shared/span";

/** The rules that an endpoint is sent to by, as the fields of a form hold them: text, as typed. */
export interface PolicyForm {
  /** "" for the profile's. */
  timeout: string;
  ownRetry: boolean;
  retryKind: "delays" | "exponential";
  /** One wait to an entry. */
  delays: string[];
  firstWait: string;
  factor: string;
  longestWait: string;
  attempts: string;
  /** In hundredths. */
  jitter: string;
  /** "" for no such end. */
  total: string;
  /** "" for the usual way. */
  retryAfter: "" | "never" | "own";
  retryAfterMost: string;
  retryAfterOn: string;
  /** "" for every status that is no success. */
  retryOn: string;
  noRetry: string;
  /** "" for ever. */
  ttl: string;
  ownSuccess: boolean;
  successKind: SuccessRule["kind"];
  successStatuses: string;
  successWord: string;
  ownDisable: boolean;
  disableKind: DisableRule["kind"];
  disableAfter: string;
  disableCounting: FailureCount;
  disableFor: string;
  /** In hundredths. */
  disableShare: string;
  disableWindow: string;
  disableLeast: string;
  /** "" for what the profile counts. */
  disableCounts: "" | FailureCount;
  /** "" for the profile's way. */
  gone: "" | "disables" | "stays";
  breaker: boolean;
  breakerAfter: string;
  breakerOpen: string;
  breakerMost: string;
  perSecond: string;
  burst: string;
  maxInFlight: string;
  ordered: boolean;
  orderOnFailure: OrderOnFailure;
  /** "" for the event's own. */
  method: string;
  httpVersion: HttpVersion;
  /** "" for the workspace's. */
  proxyKind: "" | "none" | "system" | "url";
  proxyUrl: string;
}

export type PolicyErrors = Partial<Record<keyof PolicyForm, string>>;

/** What a plan that grows begins with, unless there is one. */
const growing = { first_ms: 5_000, factor: 2, cap_ms: 3_600_000, max_attempts: 8 };
/** The usual way with a receiver's `Retry-After`, as the engine has it. */
const usual = { statuses: [429, 503], max_ms: 3_600_000 };

/** A number in hundredths, without the dust of binary fractions. */
export function hundredths(share: number): string {
  return String(Math.round(share * 10_000) / 100);
}

export function policyFormOf(endpoint: Endpoint | null): PolicyForm {
  const proxy = endpoint?.proxy ?? "";
  const isUrl = proxy !== "" && proxy !== "none" && proxy !== "system";
  return {
    timeout: spanText(endpoint?.timeout_ms),
    ownRetry: Boolean(endpoint?.retry),
    ...retryFieldsOf(endpoint?.retry ?? {}),
    ttl: spanText(endpoint?.ttl_ms),
    ownSuccess: Boolean(endpoint?.success),
    ...successFieldsOf(endpoint?.success ?? { kind: "any2xx" }),
    ownDisable: Boolean(endpoint?.disable),
    ...disableFieldsOf(endpoint?.disable ?? { kind: "never" }),
    disableCounts: endpoint?.disable_counts ?? "",
    gone: endpoint?.gone_disables === true ? "disables" : endpoint?.gone_disables === false ? "stays" : "",
    breaker: Boolean(endpoint?.breaker),
    breakerAfter: String(endpoint?.breaker?.failures ?? 5),
    breakerOpen: exactSpan(endpoint?.breaker?.open_ms ?? 60_000),
    breakerMost: exactSpan(endpoint?.breaker?.max_open_ms ?? 3_600_000),
    perSecond: endpoint?.rate_limit?.per_second.toString() ?? "",
    burst: endpoint?.rate_limit?.burst?.toString() ?? "",
    maxInFlight: endpoint?.max_in_flight?.toString() ?? "",
    ordered: endpoint?.ordered ?? false,
    orderOnFailure: endpoint?.order_on_failure ?? "skip",
    method: endpoint?.method ?? "",
    httpVersion: endpoint?.http_version ?? "auto",
    proxyKind: isUrl ? "url" : (proxy as "" | "none" | "system"),
    proxyUrl: isUrl ? proxy : "",
  };
}

type RetryFields = Pick<PolicyForm, (typeof retryFields)[number]>;
const retryFields = [
  "retryKind",
  "delays",
  "firstWait",
  "factor",
  "longestWait",
  "attempts",
  "jitter",
  "total",
  "retryAfter",
  "retryAfterMost",
  "retryAfterOn",
  "retryOn",
  "noRetry",
] as const;

/** The fields of a plan: the endpoint's, or the profile's that one's own begins as. */
export function retryFieldsOf(retry: RetryDraft): RetryFields {
  const grows = retry.exponential ?? growing;
  const after = retry.retry_after ?? usual;
  return {
    retryKind: retry.exponential ? "exponential" : "delays",
    delays: (retry.delays_ms ?? []).map(exactSpan),
    firstWait: exactSpan(grows.first_ms),
    factor: String(grows.factor),
    longestWait: exactSpan(grows.cap_ms),
    attempts: String(grows.max_attempts),
    jitter: hundredths(retry.jitter ?? 0),
    total: spanText(retry.max_total_ms),
    retryAfter: retry.retry_after ? (after.statuses.length ? "own" : "never") : "",
    retryAfterMost: exactSpan(after.max_ms),
    retryAfterOn: (after.statuses.length ? after : usual).statuses.join(", "),
    retryOn: (retry.retry_on ?? []).join(", "),
    noRetry: (retry.no_retry ?? []).join(", "),
  };
}

export function successFieldsOf(
  rule: SuccessRule,
): Pick<PolicyForm, "successKind" | "successStatuses" | "successWord"> {
  return {
    successKind: rule.kind,
    successStatuses: rule.kind === "any2xx" ? "" : (rule.statuses ?? []).join(", "),
    successWord: rule.kind === "body_word" ? rule.word : "",
  };
}

export function disableFieldsOf(
  rule: DisableRule,
): Pick<
  PolicyForm,
  | "disableKind"
  | "disableAfter"
  | "disableCounting"
  | "disableFor"
  | "disableShare"
  | "disableWindow"
  | "disableLeast"
> {
  return {
    disableKind: rule.kind,
    disableAfter: String(rule.kind === "consecutive_failures" ? rule.count : 10),
    disableCounting: rule.kind === "consecutive_failures" ? rule.counting : "deliveries",
    disableFor: exactSpan(rule.kind === "failing_for" ? rule.duration_ms : 86_400_000),
    disableShare: rule.kind === "failure_share" ? hundredths(rule.share) : "95",
    disableWindow: exactSpan(rule.kind === "failure_share" ? rule.window_ms : 3_600_000),
    disableLeast: String(rule.kind === "failure_share" ? rule.min_attempts : 20),
  };
}

/** What of the rules the API is told: only what differs from what was. */
export function policyDraftOf(form: PolicyForm, was: PolicyForm): Partial<EndpointDraft> {
  const draft: Partial<EndpointDraft> = {};
  const differs = (...fields: (keyof PolicyForm)[]) =>
    fields.some((field) => JSON.stringify(form[field]) !== JSON.stringify(was[field]));
  if (differs("timeout")) draft.timeout_ms = parseSpan(form.timeout);
  if (differs("ownRetry", ...(form.ownRetry ? retryFields : []))) draft.retry = retryOf(form);
  if (differs("ttl")) draft.ttl_ms = parseSpan(form.ttl);
  const success = form.ownSuccess ? (["successKind", "successStatuses", "successWord"] as const) : [];
  if (differs("ownSuccess", ...success)) draft.success = form.ownSuccess ? successOf(form) : null;
  const disable = form.ownDisable ? disableFields : [];
  if (differs("ownDisable", ...disable)) draft.disable = form.ownDisable ? disableOf(form) : null;
  // A rule of its own says itself what it counts, and the API takes no second answer.
  const counts = form.ownDisable ? "" : form.disableCounts;
  if (counts !== was.disableCounts) draft.disable_counts = counts || null;
  if (differs("gone")) draft.gone_disables = form.gone === "" ? null : form.gone === "disables";
  const breaker = form.breaker ? (["breakerAfter", "breakerOpen", "breakerMost"] as const) : [];
  if (differs("breaker", ...breaker)) draft.breaker = breakerOf(form);
  if (differs("perSecond", "burst")) draft.rate_limit = rateOf(form);
  if (differs("maxInFlight")) draft.max_in_flight = numberOf(form.maxInFlight);
  if (differs("ordered")) draft.ordered = form.ordered;
  if (differs("orderOnFailure")) draft.order_on_failure = form.orderOnFailure;
  if (differs("method")) draft.method = form.method.trim().toUpperCase() || null;
  if (differs("httpVersion")) draft.http_version = form.httpVersion;
  if (differs("proxyKind", ...(form.proxyKind === "url" ? (["proxyUrl"] as const) : []))) {
    draft.proxy = form.proxyKind === "url" ? form.proxyUrl.trim() : form.proxyKind || null;
  }
  return draft;
}

const disableFields = [
  "disableKind",
  "disableAfter",
  "disableCounting",
  "disableFor",
  "disableShare",
  "disableWindow",
  "disableLeast",
] as const;

/** The waits that can be read. */
export function delaysOf(form: PolicyForm): number[] {
  return form.delays.map(parseSpan).filter((ms) => ms !== null);
}

/** One's own plan, or null for the profile's. What is left at its usual value is not told. */
export function retryOf(form: PolicyForm): RetryDraft | null {
  if (!form.ownRetry) return null;
  const only = listOf(form.retryOn);
  const never = listOf(form.noRetry);
  return {
    ...(form.retryKind === "exponential"
      ? {
          exponential: {
            first_ms: parseSpan(form.firstWait) ?? 0,
            factor: Number(form.factor),
            cap_ms: parseSpan(form.longestWait) ?? 0,
            max_attempts: Number(form.attempts),
          },
        }
      : { delays_ms: delaysOf(form) }),
    jitter: Number(form.jitter || 0) / 100,
    ...(form.total.trim() ? { max_total_ms: parseSpan(form.total) } : {}),
    ...(form.retryAfter === "never" ? { retry_after: { ...usual, statuses: [] } } : {}),
    ...(form.retryAfter === "own"
      ? {
          retry_after: {
            statuses: listOf(form.retryAfterOn).map(Number),
            max_ms: parseSpan(form.retryAfterMost) ?? 0,
          },
        }
      : {}),
    ...(only.length ? { retry_on: only } : {}),
    ...(never.length ? { no_retry: never } : {}),
  };
}

function successOf(form: PolicyForm): SuccessRule {
  const statuses = listOf(form.successStatuses).map(Number);
  switch (form.successKind) {
    case "any2xx":
      return { kind: "any2xx" };
    case "statuses":
      return { kind: "statuses", statuses };
    case "body_word":
      return { kind: "body_word", word: form.successWord, ...(statuses.length ? { statuses } : {}) };
  }
}

function disableOf(form: PolicyForm): DisableRule {
  switch (form.disableKind) {
    case "never":
      return { kind: "never" };
    case "consecutive_failures":
      return {
        kind: "consecutive_failures",
        count: Number(form.disableAfter),
        counting: form.disableCounting,
      };
    case "failing_for":
      return { kind: "failing_for", duration_ms: parseSpan(form.disableFor) ?? 0 };
    case "failure_share":
      return {
        kind: "failure_share",
        share: Number(form.disableShare) / 100,
        window_ms: parseSpan(form.disableWindow) ?? 0,
        min_attempts: Number(form.disableLeast),
      };
  }
}

function breakerOf(form: PolicyForm): EndpointDraft["breaker"] {
  if (!form.breaker) return null;
  return {
    failures: Number(form.breakerAfter),
    open_ms: parseSpan(form.breakerOpen) ?? 0,
    max_open_ms: parseSpan(form.breakerMost) ?? 0,
  };
}

function rateOf(form: PolicyForm): EndpointDraft["rate_limit"] {
  const perSecond = numberOf(form.perSecond);
  if (perSecond === null) return null;
  const burst = numberOf(form.burst);
  return { per_second: perSecond, ...(burst === null ? {} : { burst }) };
}

/** What a person writes one after the other, by commas or blanks. */
export function listOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[\s,;]+/)
    .filter(Boolean);
}

function numberOf(text: string): number | null {
  return text.trim() === "" ? null : Number(text);
}

function spanText(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? "" : exactSpan(ms);
}
