import { headerLines, parseHeaderLines } from "$api/header-lines";
import type {
  Endpoint,
  EndpointDraft,
  FailureCount,
  FieldError,
  Provider,
  RetryPolicy,
  TlsPolicy,
} from "$api/types";
import { exactSpan, parseSpan } from "$shared/span";
import { asSentence } from "$shared/sentence";
import { everything } from "./patterns";

/** An endpoint as the fields of a form hold it: text, as typed. */
export interface EndpointForm {
  name: string;
  url: string;
  provider: string;
  /** "" for the provider's. */
  scheme: string;
  /** "" for the profile's own choice. */
  envelope: string;
  events: string[];
  /** "" has one made for a new endpoint, and leaves those of one that is there. */
  secret: string;
  headers: string;
  /** "" for the profile's. */
  timeout: string;
  ownRetry: boolean;
  /** One wait to an entry. */
  delays: string[];
  /** In hundredths. */
  jitter: string;
  perSecond: string;
  maxInFlight: string;
  ordered: boolean;
  /** "" for what the profile counts. */
  disableCounts: "" | FailureCount;
  verify: boolean;
  caPem: string;
  certPem: string;
  /** Only ever written: "" keeps what there is. */
  keyPem: string;
}

export type FormErrors = Partial<Record<keyof EndpointForm, string>>;
export type DraftResult =
  { draft: Partial<EndpointDraft>; errors: null } | { draft: null; errors: FormErrors };

/** The form for an endpoint, or for a new one of a provider. */
export function formOf(endpoint: Endpoint | null, provider = ""): EndpointForm {
  return {
    name: endpoint?.name ?? "",
    url: endpoint?.url ?? "",
    provider: endpoint?.provider ?? provider,
    scheme: endpoint?.scheme ?? "",
    envelope: endpoint?.envelope ?? "",
    events: endpoint?.enabled_events ?? [everything],
    secret: "",
    headers: headerLines(endpoint?.headers ?? []),
    timeout: endpoint?.timeout_ms ? exactSpan(endpoint.timeout_ms) : "",
    ownRetry: Boolean(endpoint?.retry),
    delays: endpoint?.retry?.delays_ms.map(exactSpan) ?? [],
    jitter: String(Math.round((endpoint?.retry?.jitter ?? 0) * 10_000) / 100),
    perSecond: endpoint?.rate_limit?.per_second.toString() ?? "",
    maxInFlight: endpoint?.max_in_flight?.toString() ?? "",
    ordered: endpoint?.ordered ?? false,
    disableCounts: endpoint?.disable_counts ?? "",
    verify: endpoint?.tls.verify ?? true,
    caPem: endpoint?.tls.ca_pem ?? "",
    certPem: endpoint?.tls.client_cert?.cert_pem ?? "",
    keyPem: "",
  };
}

/** What the API is asked for: everything said of a new endpoint, only what changed for one that is there. */
export function draftOf(
  form: EndpointForm,
  endpoint: Endpoint | null,
  provider: Provider | null = null,
): DraftResult {
  const errors = { ...limitErrors(form, provider), ...check(form) };
  if (Object.keys(errors).length > 0) return { draft: null, errors };
  const was = formOf(endpoint);
  const draft: Partial<EndpointDraft> = {};
  const name = form.name.trim();
  if (name !== was.name && (endpoint !== null || name !== "")) draft.name = name;
  if (form.url.trim() !== was.url) draft.url = form.url.trim();
  if (form.provider !== was.provider) draft.provider = form.provider;
  if (form.scheme !== was.scheme) draft.scheme = form.scheme || null;
  if (form.envelope !== was.envelope) draft.envelope = form.envelope || null;
  if (endpoint === null || !sameList(form.events, was.events)) draft.enabled_events = form.events;
  if (form.secret !== "") draft.secret = form.secret;
  if (form.headers !== was.headers) draft.headers = parseHeaderLines(form.headers).headers;
  if (form.timeout.trim() !== was.timeout) draft.timeout_ms = parseSpan(form.timeout);
  if (changed(form, was, ["ownRetry", "delays", "jitter"])) draft.retry = retryOf(form);
  if (form.perSecond.trim() !== was.perSecond) {
    draft.rate_limit = form.perSecond.trim() === "" ? null : { per_second: Number(form.perSecond) };
  }
  if (form.maxInFlight.trim() !== was.maxInFlight) {
    draft.max_in_flight = form.maxInFlight.trim() === "" ? null : Number(form.maxInFlight);
  }
  if (form.ordered !== was.ordered) draft.ordered = form.ordered;
  if (form.disableCounts !== was.disableCounts) draft.disable_counts = form.disableCounts || null;
  if (changed(form, was, ["verify", "caPem", "certPem", "keyPem"])) draft.tls = tlsOf(form);
  return { draft, errors: null };
}

/** The waits that can be read, for drawing them while they are typed. */
export function delaysOf(form: EndpointForm): number[] {
  return form.delays.map(parseSpan).filter((ms) => ms !== null);
}

function retryOf(form: EndpointForm): RetryPolicy | null {
  return form.ownRetry ? { delays_ms: delaysOf(form), jitter: Number(form.jitter || 0) / 100 } : null;
}

/** It replaces what was there, so all of it is told; a key that is not written stays. */
function tlsOf(form: EndpointForm): TlsPolicy {
  const cert = form.certPem.trim();
  return {
    verify: form.verify,
    ca_pem: form.caPem.trim() || null,
    client_cert: cert
      ? { cert_pem: cert, ...(form.keyPem.trim() ? { key_pem: form.keyPem.trim() } : {}) }
      : null,
  };
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

/** Values that the provider does not let its customers set. */
function limitErrors(form: EndpointForm, provider: Provider | null): FormErrors {
  const errors: FormErrors = {};
  if (!provider) return errors;
  const { timeout_ms: spans, retries } = provider.limits;
  const within = (value: number, [least = 0, most = 0]: readonly number[]) => value >= least && value <= most;
  const timeout = form.timeout.trim() === "" ? null : parseSpan(form.timeout);
  if (spans && timeout !== null && !within(timeout, spans)) {
    errors.timeout = `${provider.name} allows ${boundsText(spans, "span")}.`;
  }
  if (retries && form.ownRetry && !within(form.delays.length, retries)) {
    errors.delays = `${provider.name} allows ${boundsText(retries, "count")} waits; these are ${form.delays.length}.`;
  }
  return errors;
}

function check(form: EndpointForm): FormErrors {
  const errors: FormErrors = {};
  if (form.url.trim() === "") errors.url = "Give the URL that deliveries go to.";
  else if (!/^https?:\/\//i.test(form.url.trim())) errors.url = "Begin it with http:// or https://.";
  if (form.events.length === 0) errors.events = "Choose at least one event, or all of them.";
  const { error } = parseHeaderLines(form.headers);
  if (error !== null) errors.headers = error;
  if (form.timeout.trim() !== "" && parseSpan(form.timeout) === null) {
    errors.timeout = "Write it as 10 s or 1500 ms, or leave it empty.";
  }
  if (form.ownRetry) {
    const bad = form.delays.findIndex((text) => parseSpan(text) === null);
    if (bad >= 0) errors.delays = `Write wait ${bad + 1} as 4 s, 5 min or 2 h 30 min.`;
    if (!isNumber(form.jitter || "0", 0, 100)) errors.jitter = "Give 0 to 100.";
  }
  if (form.perSecond.trim() !== "" && !isNumber(form.perSecond, Number.MIN_VALUE, Infinity)) {
    errors.perSecond = "Give a number above 0 (0.5 is one every two seconds), or leave it empty.";
  }
  if (form.maxInFlight.trim() !== "" && !/^\d+$/.test(form.maxInFlight.trim())) {
    errors.maxInFlight = "Give a whole number, or leave it empty.";
  }
  if (form.keyPem.trim() !== "" && form.certPem.trim() === "") {
    errors.certPem = "A key needs its certificate.";
  }
  return errors;
}

function isNumber(text: string, least: number, most: number): boolean {
  const value = Number(text.trim());
  return text.trim() !== "" && Number.isFinite(value) && value >= least && value <= most;
}

function sameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, index) => text === other[index]);
}

function changed(form: EndpointForm, was: EndpointForm, fields: (keyof EndpointForm)[]): boolean {
  return fields.some((field) => JSON.stringify(form[field]) !== JSON.stringify(was[field]));
}

const fields: [api: string, form: keyof EndpointForm][] = [
  ["name", "name"],
  ["url", "url"],
  ["provider", "provider"],
  ["scheme", "scheme"],
  ["envelope", "envelope"],
  ["disable_counts", "disableCounts"],
  ["enabled_events", "events"],
  ["secret", "secret"],
  ["headers", "headers"],
  ["timeout_ms", "timeout"],
  ["retry.jitter", "jitter"],
  ["retry", "delays"],
  ["rate_limit", "perSecond"],
  ["max_in_flight", "maxInFlight"],
  ["ordered", "ordered"],
  ["tls.ca_pem", "caPem"],
  ["tls.client_cert.key_pem", "keyPem"],
  ["tls.client_cert", "certPem"],
  ["tls", "verify"],
];

/** Puts what the API said of its fields at those of the form; what belongs to none comes as `loose`. */
export function errorsOf(told: FieldError[]): { errors: FormErrors; loose: string[] } {
  const errors: FormErrors = {};
  const loose: string[] = [];
  for (const { field, message } of told) {
    const found = fields.find(
      ([api]) => field === api || field.startsWith(`${api}.`) || field.startsWith(`${api}[`),
    );
    const place = /\[(\d+)\]/.exec(field)?.[1];
    const text = place === undefined ? asSentence(message) : `Entry ${Number(place) + 1}: ${message}`;
    if (!found) loose.push(`${field}: ${message}`);
    else errors[found[1]] = errors[found[1]] ? `${errors[found[1]]} ${text}` : text;
  }
  return { errors, loose };
}

/** Fields that are seen without opening anything. */
export const firstFields: readonly (keyof EndpointForm)[] = [
  "name",
  "url",
  "provider",
  "scheme",
  "events",
  "secret",
];
