import { headerLines, parseHeaderLines } from "$api/header-lines";
import type { Inbox, InboxDraft, Provider } from "$api/types";

/** An inbox as the fields of a form hold it: text, as typed. */
export interface InboxForm {
  name: string;
  slug: string;
  /** "" for none. */
  provider: string;
  /** "" for the provider's. */
  scheme: string;
  /** Only ever written: "" keeps what there is. */
  secret: string;
  /** Takes the secret away. */
  forgetSecret: boolean;
  /** Whether the provider's handshakes are answered. */
  handshakes: boolean;
  /** What a subscription has to name in a handshake; "" for any. */
  verifyToken: string;
  status: string;
  delayMs: string;
  headers: string;
  /** `null` where the body is bytes, which the form leaves alone. */
  body: string | null;
  maxRequests: string;
  maxAge: string;
  maxAgeUnit: AgeUnit;
}

/** What an inbox of a provider has to answer, where the usual 200 does not count as delivered. */
export function answerFor(
  provider: Pick<Provider, "success_statuses"> | null,
): NonNullable<InboxDraft["response"]> | null {
  const counting = provider?.success_statuses ?? null;
  if (counting === null || counting.includes(200)) return null;
  const status = counting[0];
  return status === undefined ? null : { status };
}

export type AgeUnit = "minutes" | "hours" | "days";

const unitMs: Record<AgeUnit, number> = { minutes: 60_000, hours: 3_600_000, days: 86_400_000 };

/** The form for an inbox, or for a new one. */
export function formOf(inbox: Inbox | null): InboxForm {
  const age = ageOf(inbox?.retention.max_age_ms ?? null);
  const body = inbox?.response.body ?? "";
  return {
    name: inbox?.name ?? "",
    slug: inbox?.slug ?? "",
    provider: inbox?.provider ?? "",
    scheme: inbox?.scheme ?? "",
    secret: "",
    forgetSecret: false,
    handshakes: inbox?.handshakes ?? true,
    verifyToken: inbox?.verify_token ?? "",
    status: String(inbox?.response.status ?? 200),
    delayMs: String(inbox?.response.delay_ms ?? 0),
    headers: headerLines(inbox?.response.headers ?? []),
    body: typeof body === "string" ? body : null,
    maxRequests: inbox?.retention.max_requests?.toString() ?? "",
    ...age,
  };
}

function ageOf(ms: number | null): Pick<InboxForm, "maxAge" | "maxAgeUnit"> {
  if (ms === null) return { maxAge: "", maxAgeUnit: "days" };
  const units: AgeUnit[] = ["days", "hours", "minutes"];
  const unit = units.find((one) => ms % unitMs[one] === 0) ?? "minutes";
  return { maxAge: String(ms / unitMs[unit]), maxAgeUnit: unit };
}

export type FormErrors = Partial<Record<keyof InboxForm, string>>;
export type DraftResult = { draft: InboxDraft; errors: null } | { draft: null; errors: FormErrors };

/** What the API is asked for: everything for a new inbox, only what changed for one that is there. */
export function draftOf(form: InboxForm, inbox: Inbox | null): DraftResult {
  const was = formOf(inbox);
  const errors = check(form);
  const { headers } = parseHeaderLines(form.headers);
  if (Object.keys(errors).length > 0) return { draft: null, errors };
  const draft: InboxDraft = {};
  if (form.name.trim() !== was.name && form.name.trim() !== "") draft.name = form.name.trim();
  if (form.slug.trim() !== was.slug && form.slug.trim() !== "") draft.slug = form.slug.trim();
  if (form.provider !== was.provider) draft.provider = form.provider === "" ? null : form.provider;
  if (form.scheme !== was.scheme) draft.scheme = form.scheme === "" ? null : form.scheme;
  if (form.secret !== "") draft.secret = form.secret;
  else if (form.forgetSecret && inbox) draft.secret = null;
  if (form.handshakes !== was.handshakes) draft.handshakes = form.handshakes;
  const token = form.verifyToken.trim();
  if (token !== was.verifyToken) draft.verify_token = token === "" ? null : token;
  const response: InboxDraft["response"] = {};
  // Of a provider the usual answer is what that counts as delivered: another one is told, 200 as well.
  const isChosen = inbox === null && form.provider !== "";
  if (isChosen || form.status.trim() !== was.status) response.status = Number(form.status);
  if (form.delayMs.trim() !== was.delayMs) response.delay_ms = Number(form.delayMs || 0);
  if (form.headers !== was.headers) response.headers = headers;
  if (form.body !== null && form.body !== was.body) response.body = form.body;
  if (Object.keys(response).length > 0) draft.response = response;
  const retention: InboxDraft["retention"] = {};
  if (form.maxRequests.trim() !== was.maxRequests) retention.max_requests = wholeOrNull(form.maxRequests);
  const [age, ageWas] = [ageMs(form), ageMs(was)];
  if (age !== ageWas) retention.max_age_ms = age;
  if (Object.keys(retention).length > 0) draft.retention = retention;
  return { draft, errors: null };
}

function check(form: InboxForm): FormErrors {
  const errors: FormErrors = {};
  const slug = form.slug.trim();
  if (slug !== "" && !/^[a-z0-9][a-z0-9-]{0,63}$/.test(slug)) {
    errors.slug = "Use 1 to 64 lower-case letters, digits and hyphens, not beginning with a hyphen.";
  }
  if (!isWhole(form.status, 200, 599)) errors.status = "Give a status from 200 to 599.";
  if (form.delayMs.trim() !== "" && !isWhole(form.delayMs, 0, 120_000)) {
    errors.delayMs = "Give 0 to 120000 milliseconds.";
  }
  const { error } = parseHeaderLines(form.headers);
  if (error !== null) errors.headers = error;
  if (form.maxRequests.trim() !== "" && !isWhole(form.maxRequests, 1, Number.MAX_SAFE_INTEGER)) {
    errors.maxRequests = "Give a whole number from 1, or leave it empty to keep all.";
  }
  if (form.maxAge.trim() !== "" && !isWhole(form.maxAge, 1, 100_000)) {
    errors.maxAge = "Give a whole number from 1, or leave it empty to keep them for ever.";
  }
  return errors;
}

function isWhole(text: string, least: number, most: number): boolean {
  const value = Number(text.trim());
  return /^\d+$/.test(text.trim()) && value >= least && value <= most;
}

function wholeOrNull(text: string): number | null {
  return text.trim() === "" ? null : Number(text);
}

function ageMs(form: Pick<InboxForm, "maxAge" | "maxAgeUnit">): number | null {
  return form.maxAge.trim() === "" ? null : Number(form.maxAge) * unitMs[form.maxAgeUnit];
}

/** Which field of the form an error of the API belongs to. */
export function fieldOf(apiField: string): keyof InboxForm | null {
  const names: Record<string, keyof InboxForm> = {
    name: "name",
    slug: "slug",
    provider: "provider",
    scheme: "scheme",
    secret: "secret",
    handshakes: "handshakes",
    verify_token: "verifyToken",
    "response.status": "status",
    "response.delay_ms": "delayMs",
    "response.headers": "headers",
    "response.body": "body",
    "retention.max_requests": "maxRequests",
    "retention.max_age_ms": "maxAge",
  };
  const known = Object.keys(names).find((name) => apiField === name || apiField.startsWith(`${name}.`));
  return known ? (names[known] ?? null) : null;
}
