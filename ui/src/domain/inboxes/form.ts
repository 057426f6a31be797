import { headerLines, parseHeaderLines } from "$api/header-lines";
import type { Inbox, InboxDraft, Provider } from "$api/types";
import { exactSpan, parseSpan } from "$shared/span";
import { delayText, readDelay } from "../replies/form";

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
  /** "" for at once. */
  delay: string;
  headers: string;
  /** `null` where the body is bytes, which the form leaves alone. */
  body: string | null;
  maxRequests: string;
  /** "" for ever. */
  maxAge: string;
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

/** The form for an inbox, or for a new one. */
export function formOf(inbox: Inbox | null): InboxForm {
  const age = inbox?.retention.max_age_ms ?? null;
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
    delay: delayText(inbox?.response.delay_ms ?? 0),
    headers: headerLines(inbox?.response.headers ?? []),
    body: typeof body === "string" ? body : null,
    maxRequests: inbox?.retention.max_requests?.toString() ?? "",
    maxAge: age === null ? "" : exactSpan(age),
  };
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
  const [{ delay }, { delay: delayWas }] = [readDelay(form.delay), readDelay(was.delay)];
  if (delay !== delayWas) response.delay_ms = delay;
  if (form.headers !== was.headers) response.headers = headers;
  if (form.body !== null && form.body !== was.body) response.body = form.body;
  if (Object.keys(response).length > 0) draft.response = response;
  const retention: InboxDraft["retention"] = {};
  if (form.maxRequests.trim() !== was.maxRequests) retention.max_requests = wholeOrNull(form.maxRequests);
  const [age, ageWas] = [parseSpan(form.maxAge), parseSpan(was.maxAge)];
  if (age !== ageWas) retention.max_age_ms = age;
  if (Object.keys(retention).length > 0) draft.retention = retention;
  return { draft, errors: null };
}

/** The least that requests are kept for, in milliseconds. */
const shortestAge = 60_000;

function check(form: InboxForm): FormErrors {
  const errors: FormErrors = {};
  const slug = form.slug.trim();
  if (slug !== "" && !/^[a-z0-9][a-z0-9-]{0,63}$/.test(slug)) {
    errors.slug = "Use 1 to 64 lower-case letters, digits and hyphens, not beginning with a hyphen.";
  }
  if (!isWhole(form.status, 200, 599)) errors.status = "Give a status from 200 to 599.";
  const { error: late } = readDelay(form.delay);
  if (late) errors.delay = late;
  const { error } = parseHeaderLines(form.headers);
  if (error !== null) errors.headers = error;
  if (form.maxRequests.trim() !== "" && !isWhole(form.maxRequests, 1, Number.MAX_SAFE_INTEGER)) {
    errors.maxRequests = "Give a whole number from 1, or leave it empty to keep all.";
  }
  const age = parseSpan(form.maxAge);
  if (form.maxAge.trim() !== "" && age === null) {
    errors.maxAge = "Write it like 12 h or 30 d, or leave it empty to keep them for ever.";
  } else if (age !== null && age < shortestAge) {
    errors.maxAge = "Keep them for 1 min at least, or leave it empty to keep them for ever.";
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
    "response.delay_ms": "delay",
    "response.headers": "headers",
    "response.body": "body",
    "retention.max_requests": "maxRequests",
    "retention.max_age_ms": "maxAge",
  };
  const known = Object.keys(names).find((name) => apiField === name || apiField.startsWith(`${name}.`));
  return known ? (names[known] ?? null) : null;
}
