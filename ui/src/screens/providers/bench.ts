import { parseHeaderLines } from "$api/header-lines";
import type { Scheme, SignDraft, VerifyDraft } from "$api/types";
import { toBase64 } from "$domain/bodies/base64";

/** What the bench holds, as typed. */
export interface BenchForm {
  /** The id of a scheme of the catalogue, or "own" for one written out. */
  scheme: string;
  own: string;
  secret: string;
  method: string;
  url: string;
  headers: string;
  body: string;
  /** Unix seconds of signing or of checking; "" for now. */
  at: string;
  /** Signed by schemes that sign one; "" has one made up. */
  id: string;
}

export type BenchErrors = Partial<Record<keyof BenchForm, string>>;

interface Read {
  scheme: SignDraft["scheme"];
  headers: SignDraft["headers"] & object;
  at: number | undefined;
}

function read(form: BenchForm): { value: Read; errors: BenchErrors } {
  const errors: BenchErrors = {};
  let scheme: Read["scheme"] = form.scheme;
  if (form.scheme === "own") {
    try {
      const parsed: unknown = JSON.parse(form.own);
      if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed))
        // Whether it is a whole scheme is for the API to say, which names the field that is wrong.
        scheme = parsed as Scheme;
      else errors.own = "Write a JSON object in the catalogue’s form.";
    } catch (error) {
      errors.own = `This is not JSON: ${(error as Error).message}`;
    }
  }
  if (form.secret === "") errors.secret = "Give the secret.";
  const { headers, error } = parseHeaderLines(form.headers);
  if (error) errors.headers = error;
  const at = form.at.trim();
  if (at !== "" && !/^\d{1,12}$/.test(at)) errors.at = "Give Unix seconds, or leave it empty for now.";
  return { value: { scheme, headers, at: at === "" ? undefined : Number(at) }, errors };
}

export type BenchResult<T> = { draft: T; errors: null } | { draft: null; errors: BenchErrors };

const bodyOf = (form: BenchForm) => toBase64(new TextEncoder().encode(form.body));

export function signDraft(form: BenchForm): BenchResult<SignDraft> {
  const { value, errors } = read(form);
  if (Object.keys(errors).length) return { draft: null, errors };
  return {
    draft: {
      scheme: value.scheme,
      secret: form.secret,
      method: form.method,
      url: form.url,
      headers: value.headers,
      body_base64: bodyOf(form),
      ...(value.at === undefined ? {} : { timestamp: value.at }),
      ...(form.id.trim() ? { id: form.id.trim() } : {}),
    },
    errors: null,
  };
}

export function verifyDraft(form: BenchForm): BenchResult<VerifyDraft> {
  const { value, errors } = read(form);
  if (Object.keys(errors).length) return { draft: null, errors };
  return {
    draft: {
      scheme: value.scheme,
      secret: form.secret,
      method: form.method,
      url: form.url,
      headers: value.headers,
      body_base64: bodyOf(form),
      ...(value.at === undefined ? {} : { at: value.at }),
    },
    errors: null,
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

/** The field of the bench that an error of the API belongs to. A scheme written out has a field of its own. */
export function benchField(api: string, form: BenchForm): keyof BenchForm | null {
  const found = names.find(
    ([name]) => api === name || api.startsWith(`${name}.`) || api.startsWith(`${name}[`),
  );
  if (!found) return null;
  return found[1] === "scheme" && form.scheme === "own" ? "own" : found[1];
}

/** A scheme of one's own begins as one that is known. */
export function ownStart(scheme: Scheme | null): string {
  if (!scheme) return "{}";
  const { sources: _, note: __, ...rest } = scheme;
  return JSON.stringify({ ...rest, id: "own", name: `Like ${scheme.name}` }, null, 2);
}
