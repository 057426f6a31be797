import { headerLines, parseHeaderLines } from "$api/header-lines";
import type { CapturedRequest, Headers, Scheme, SignDraft, Signed, VerifyDraft } from "$api/types";
import { fromBase64, toBase64 } from "$domain/bodies/base64";

/** How the body is written. */
export type BodyForm = "text" | "base64" | "hex";

/** What the bench holds, as typed. */
export interface BenchForm {
  /** The id of a scheme. */
  scheme: string;
  secret: string;
  method: string;
  url: string;
  headers: string;
  body: string;
  bodyForm: BodyForm;
  /** Unix seconds of signing or of checking; "" for now. */
  at: string;
  /** Signed by schemes that sign one; "" has one made up. */
  id: string;
}

/** What the bench begins with where nothing was captured: a message to be signed or checked by a scheme. */
export function benchStart(
  scheme: string,
  { contentType = "application/json", body = '{"hello":"world"}' } = {},
): Omit<BenchForm, "secret"> {
  return {
    scheme,
    method: "POST",
    url: "https://receiver.example/webhooks",
    headers: `Content-Type: ${contentType}`,
    body,
    bodyForm: "text",
    at: "",
    id: "",
  };
}

export type BenchErrors = Partial<Record<keyof BenchForm, string>>;

/** The bytes that a written body means, or what is wrong with it. */
export function bodyOf({ body, bodyForm }: Pick<BenchForm, "body" | "bodyForm">): Uint8Array | string {
  if (bodyForm === "text") return new TextEncoder().encode(body);
  const packed = body.replace(/\s+/g, "");
  if (bodyForm === "base64") return fromBase64(packed) ?? "This is not base64.";
  const digits = packed.replace(/^0x/i, "");
  if (!/^([0-9a-f]{2})*$/i.test(digits)) return "Write two hexadecimal digits for each byte.";
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) =>
    parseInt(digits.slice(at * 2, at * 2 + 2), 16),
  );
}

/** Bytes written as text where a text field can hold them, else as base64. A field holds no carriage return. */
export function written(bytes: Uint8Array): Pick<BenchForm, "body" | "bodyForm"> {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!/[\r\0]/.test(text)) return { body: text, bodyForm: "text" };
  } catch {
    // Not text: below.
  }
  return { body: toBase64(bytes), bodyForm: "base64" };
}

/** The same body in another form; what cannot be read stays as it stands. */
export function rewritten(form: BenchForm, to: BodyForm): Pick<BenchForm, "body" | "bodyForm"> {
  const bytes = bodyOf(form);
  if (typeof bytes === "string") return { body: form.body, bodyForm: to };
  if (to === "base64") return { body: toBase64(bytes), bodyForm: to };
  if (to === "hex")
    return { body: Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" "), bodyForm: to };
  // Bytes that no text field holds stay in the form that does.
  const text = written(bytes);
  return text.bodyForm === "text" ? text : { body: form.body, bodyForm: form.bodyForm };
}

interface Read {
  headers: Headers;
  body: Uint8Array;
  at: number | undefined;
}

function read(form: BenchForm, secretWords: string): { value: Read; errors: BenchErrors } {
  const errors: BenchErrors = {};
  if (form.secret === "") errors.secret = `Give ${secretWords}.`;
  if (form.scheme === "") errors.scheme = "Choose a scheme.";
  const { headers, error } = parseHeaderLines(form.headers);
  if (error) errors.headers = error;
  const body = bodyOf(form);
  if (typeof body === "string") errors.body = body;
  const at = form.at.trim();
  if (at !== "" && !/^\d{1,12}$/.test(at)) errors.at = "Give Unix seconds, or leave it empty for now.";
  return {
    value: {
      headers,
      body: typeof body === "string" ? new Uint8Array() : body,
      at: at === "" ? undefined : Number(at),
    },
    errors,
  };
}

export type BenchResult<T> = { draft: T; errors: null } | { draft: null; errors: BenchErrors };

export function signDraft(form: BenchForm): BenchResult<SignDraft> {
  const { value, errors } = read(form, "the secret");
  if (Object.keys(errors).length) return { draft: null, errors };
  return {
    draft: {
      ...common(form, value),
      ...(value.at === undefined ? {} : { timestamp: value.at }),
      ...(form.id.trim() ? { id: form.id.trim() } : {}),
    },
    errors: null,
  };
}

export function verifyDraft(form: BenchForm): BenchResult<VerifyDraft> {
  const { value, errors } = read(form, "the secret");
  if (Object.keys(errors).length) return { draft: null, errors };
  return {
    draft: { ...common(form, value), ...(value.at === undefined ? {} : { at: value.at }) },
    errors: null,
  };
}

function common(form: BenchForm, { headers, body }: Read) {
  return {
    scheme: form.scheme,
    secret: form.secret,
    method: form.method,
    url: form.url,
    headers,
    body_base64: toBase64(body),
  };
}

const names: [api: string, form: keyof BenchForm][] = [
  ["scheme", "scheme"],
  ["secret", "secret"],
  ["method", "method"],
  ["url", "url"],
  ["headers", "headers"],
  ["timestamp", "at"],
  ["at", "at"],
  ["id", "id"],
  ["body_base64", "body"],
];

/** The field of the bench that an error of the API belongs to. */
export function benchField(api: string): keyof BenchForm | null {
  const found = names.find(
    ([name]) => api === name || api.startsWith(`${name}.`) || api.startsWith(`${name}[`),
  );
  return found?.[1] ?? null;
}

/** A captured request as the bench holds it, to be checked as of its arrival. */
export function formOf(
  request: CapturedRequest,
  body: Uint8Array,
  url: string,
  scheme: string | null,
): Omit<BenchForm, "secret"> {
  return {
    scheme: scheme ?? request.verification.scheme ?? "standardwebhooks",
    method: request.method,
    url,
    headers: headerLines(request.headers),
    ...written(body),
    at: String(Math.floor(Date.parse(request.received_at) / 1000)),
    id: "",
  };
}

/** What is to be sent: the message with what signing changed. */
export function signedMessage(
  form: BenchForm,
  signed: Signed,
): { url: string; headers: Headers; body: Uint8Array } {
  const own = bodyOf(form);
  const changed = signed.body_base64 ? fromBase64(signed.body_base64) : null;
  return {
    url: signed.url ?? form.url,
    headers: signed.headers,
    body: changed ?? (typeof own === "string" ? new Uint8Array() : own),
  };
}

/** Whether the scheme has an id of its own to sign. */
export function takesId(scheme: Scheme | null): boolean {
  return Boolean(scheme?.id_header) || Boolean(scheme?.content?.includes("{id}"));
}
