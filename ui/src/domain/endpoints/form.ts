import { headerLines, parseHeaderLines } from "$api/header-lines";
import type { Endpoint, EndpointDraft, FieldError, Provider, TlsPolicy } from "$api/types";
import { asSentence } from "$shared/sentence";
import { everything } from "../subscriptions/patterns";
import { type PolicyForm, policyDraftOf, policyFormOf } from "./policy";
import { checkPolicy, limitErrors, policyPlaces } from "./policy-check";

/** An endpoint as the fields of a form hold it: text, as typed. */
export interface EndpointForm extends PolicyForm {
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
    ...policyFormOf(endpoint),
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
  const errors = { ...limitErrors(form, provider), ...checkPolicy(form), ...check(form) };
  if (Object.keys(errors).length > 0) return { draft: null, errors };
  const was = formOf(endpoint);
  const draft = policyDraftOf(form, was);
  const name = form.name.trim();
  if (name !== was.name && (endpoint !== null || name !== "")) draft.name = name;
  if (form.url.trim() !== was.url) draft.url = form.url.trim();
  if (form.provider !== was.provider) draft.provider = form.provider;
  if (form.scheme !== was.scheme) draft.scheme = form.scheme || null;
  if (form.envelope !== was.envelope) draft.envelope = form.envelope || null;
  if (endpoint === null || !sameList(form.events, was.events)) draft.enabled_events = form.events;
  if (form.secret !== "") draft.secret = form.secret;
  if (form.headers !== was.headers) draft.headers = parseHeaderLines(form.headers).headers;
  if (changed(form, was, ["verify", "caPem", "certPem", "keyPem"])) draft.tls = tlsOf(form);
  return { draft, errors: null };
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

function check(form: EndpointForm): FormErrors {
  const errors: FormErrors = {};
  if (form.url.trim() === "") errors.url = "Give the URL that deliveries go to.";
  else if (!/^https?:\/\//i.test(form.url.trim())) errors.url = "Begin it with http:// or https://.";
  if (form.events.length === 0) errors.events = "Choose at least one event, or all of them.";
  const { error } = parseHeaderLines(form.headers);
  if (error !== null) errors.headers = error;
  if (form.keyPem.trim() !== "" && form.certPem.trim() === "") {
    errors.certPem = "A key needs its certificate.";
  }
  return errors;
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
  ["enabled_events", "events"],
  ["secret", "secret"],
  ["headers", "headers"],
  ...policyPlaces,
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
