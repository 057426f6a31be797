import type { Scheme, SchemeForm } from "$api/types";
import { asSentence } from "$shared/sentence";

/** A scheme of the keyed family as the fields of a form hold it: text, as typed. */
export interface SchemeFields {
  id: string;
  name: string;
  header: string;
  format: string;
  separator: string;
  several: Several;
  /** Further headers, one to a line, where each signature has one of its own. */
  severalHeaders: string;
  time: TimePlace;
  timeHeader: string;
  timeBody: string;
  timeUnit: string;
  idHeader: string;
  content: string;
  algorithm: string;
  encoding: string;
  secret: string;
  past: string;
  future: string;
  extraHeaders: string;
  note: string;
}

export type Several = "one" | "parts" | "repeated_header" | "headers";
export type TimePlace = "none" | "signature" | "header" | "body";
export type SchemeErrors = Partial<Record<keyof SchemeFields, string>>;

/** Text of a JSON value that should be text; anything else is nothing that a field could show. */
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const number = (value: unknown): string => (typeof value === "number" ? String(value) : "");
const object = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};

export function fieldsOf(form: SchemeForm): SchemeFields {
  const { several } = form;
  const headers = object(several).headers;
  const time = form.timestamp ? object(form.timestamp) : null;
  const tolerance = object(form.tolerance);
  const extra = Array.isArray(form.extra_headers) ? (form.extra_headers as unknown[]) : [];
  return {
    id: text(form.id),
    name: text(form.name),
    header: text(form.signature_header),
    format: text(form.signature_format),
    separator: text(form.separator),
    several: Array.isArray(headers) ? "headers" : isSeveral(several) ? several : "one",
    severalHeaders: Array.isArray(headers) ? headers.map(text).join("\n") : "",
    time: time === null ? "none" : time.header ? "header" : time.body ? "body" : "signature",
    timeHeader: text(time?.header),
    timeBody: text(time?.body),
    timeUnit: text(time?.unit) || "s",
    idHeader: text(form.id_header),
    content: text(form.content),
    algorithm: text(form.algorithm),
    encoding: text(form.encoding),
    secret: text(form.secret),
    past: number(tolerance.past_s),
    future: number(tolerance.future_s),
    extraHeaders: extra.map((pair) => (Array.isArray(pair) ? pair.map(text).join(": ") : "")).join("\n"),
    note: text(form.note),
  };
}

const isSeveral = (value: unknown): value is Several =>
  value === "one" || value === "parts" || value === "repeated_header";

/** The form as the API takes it. What the fields do not show is kept as it stood in `was`. */
export function jsonOf(fields: SchemeFields, was: SchemeForm = {}): SchemeForm {
  const form: SchemeForm = { ...was };
  const set = (name: string, value: unknown) => {
    if (value === undefined) delete form[name];
    else form[name] = value;
  };
  set("id", fields.id.trim());
  set("name", fields.name.trim());
  set("signature_header", fields.header.trim());
  // Formats and templates are exact: a space at their end is meant.
  set("signature_format", fields.format);
  set("separator", fields.separator === "" ? undefined : fields.separator);
  set("several", severalOf(fields));
  set("timestamp", timeOf(fields));
  set("id_header", fields.idHeader.trim() || undefined);
  set("content", fields.content);
  set("algorithm", fields.algorithm);
  set("encoding", fields.encoding);
  set("secret", fields.secret);
  const past = wholeOrNull(fields.past);
  const future = wholeOrNull(fields.future);
  set("tolerance", past === null && future === null ? undefined : { past_s: past, future_s: future });
  const extra = lines(fields.extraHeaders).map(pairOf);
  set("extra_headers", extra.length ? extra : undefined);
  set("note", fields.note.trim() || undefined);
  return form;
}

function severalOf({ several, severalHeaders }: SchemeFields): unknown {
  if (several === "one") return undefined;
  return several === "headers" ? { headers: lines(severalHeaders) } : several;
}

function timeOf({ time, timeHeader, timeBody, timeUnit }: SchemeFields): unknown {
  if (time === "none") return undefined;
  if (time === "header") return { header: timeHeader.trim(), unit: timeUnit };
  return time === "body" ? { body: timeBody.trim(), unit: timeUnit } : { unit: timeUnit };
}

const lines = (value: string) =>
  value
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean);

function pairOf(line: string): [string, string] {
  const colon = line.indexOf(":");
  return colon < 0 ? [line, ""] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
}

const wholeOrNull = (value: string) => (/^\d+$/.test(value.trim()) ? Number(value.trim()) : null);

/** What the form itself can see to be wrong, before the API is asked. */
export function fieldErrors(fields: SchemeFields): SchemeErrors {
  const errors: SchemeErrors = {};
  for (const name of ["past", "future"] as const) {
    const value = fields[name].trim();
    if (value !== "" && !/^\d{1,9}$/.test(value))
      errors[name] = "Give whole seconds, or leave it empty for no rule.";
  }
  if (fields.time === "header" && fields.timeHeader.trim() === "") errors.timeHeader = "Name the header.";
  if (fields.time === "body" && !fields.timeBody.trim().startsWith("/"))
    errors.timeBody = "Write a JSON pointer, such as /timestamp.";
  return errors;
}

const apiNames: Record<string, keyof SchemeFields> = {
  id: "id",
  name: "name",
  signature_header: "header",
  signature_format: "format",
  separator: "separator",
  several: "several",
  "several.headers": "severalHeaders",
  timestamp: "time",
  "timestamp.header": "timeHeader",
  "timestamp.body": "timeBody",
  "timestamp.unit": "timeUnit",
  id_header: "idHeader",
  content: "content",
  algorithm: "algorithm",
  encoding: "encoding",
  secret: "secret",
  tolerance: "past",
  "tolerance.past_s": "past",
  "tolerance.future_s": "future",
  extra_headers: "extraHeaders",
  note: "note",
};

/** What the form calls its fields. */
export const labels: Record<keyof SchemeFields, string> = {
  id: "Id",
  name: "Name",
  header: "Header",
  format: "Format",
  separator: "Separator",
  several: "Several signatures",
  severalHeaders: "Further headers",
  time: "Time",
  timeHeader: "Time header",
  timeBody: "Place in the body",
  timeUnit: "Unit",
  idHeader: "Id header",
  content: "Content",
  algorithm: "Algorithm",
  encoding: "Encoding",
  secret: "Secret",
  past: "Oldest, in seconds",
  future: "Ahead, in seconds",
  extraHeaders: "Further headers",
  note: "Note",
};

/** What the API said of a scheme, with the fields named as the form names them. */
export function inFormWords(message: string): string {
  return message.replace(/`([a-z._]+)`/g, (all, api: string) => {
    const name = apiNames[api];
    return name ? `“${labels[name]}”` : all;
  });
}

/** A fault of a scheme as a sentence: of which field, and what. */
export function faultText(field: string, message: string): string {
  const name = schemeField(field);
  const whose = name ? `“${labels[name]}”` : field.replace(/^scheme\.?/, "") || "the scheme";
  return asSentence(`${whose} ${inFormWords(message)}`);
}

/** The field that an error of the API belongs to: `scheme.content` when signing, `content` when saving. */
export function schemeField(api: string): keyof SchemeFields | null {
  let name = api.replace(/^scheme\.?/, "").replace(/\[\d+\].*$/, "");
  while (name !== "") {
    const found = apiNames[name];
    if (found) return found;
    name = name.includes(".") ? name.slice(0, name.lastIndexOf(".")) : "";
  }
  return null;
}

/** A scheme's form without what the program says about it. */
export function formOfScheme(scheme: Scheme): SchemeForm {
  const { about: _, ...form } = scheme;
  return Object.fromEntries(
    Object.entries(form).filter(([, value]) => value !== null && value !== undefined),
  );
}

/** What a copy begins as: its own id and name, without what tells where the original was read. */
export function copyOf(form: SchemeForm, taken: string[]): SchemeForm {
  const { sources: _, ...rest } = form;
  return { ...rest, id: freeId(`${text(form.id)}_copy`, taken), name: `${text(form.name)} (copy)` };
}

/** What a new scheme begins as: how nearly everybody signs. */
export function blank(taken: string[]): SchemeForm {
  return {
    id: freeId("my_scheme", taken),
    name: "My scheme",
    signature_header: "X-Signature",
    signature_format: "sha256={sig}",
    content: "{body}",
    algorithm: "hmac-sha256",
    encoding: "hex",
    secret: "raw",
  };
}

function freeId(wanted: string, taken: string[]): string {
  if (!taken.includes(wanted)) return wanted;
  for (let count = 2; ; count++) if (!taken.includes(`${wanted}_${count}`)) return `${wanted}_${count}`;
}

/** A form as it is written to a file and shown beside the fields. */
export function written(form: SchemeForm): string {
  return `${JSON.stringify(form, null, 2)}\n`;
}

export type ReadForm = { form: SchemeForm; error: null } | { form: null; error: string };

/** Reads a form from text: one object. */
export function readForm(json: string): ReadForm {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return { form: value as SchemeForm, error: null };
    return { form: null, error: "Write one JSON object: the scheme." };
  } catch (error) {
    return { form: null, error: `This is not JSON: ${(error as Error).message}` };
  }
}

/** Reads what a file holds: one scheme, or a list of them. */
export function readFile(json: string): SchemeForm[] | string {
  try {
    const value: unknown = JSON.parse(json);
    const all = Array.isArray(value) ? (value as unknown[]) : [value];
    const isForm = (one: unknown) => typeof one === "object" && one !== null && !Array.isArray(one);
    if (all.length > 0 && all.every(isForm))
      return all.map((one) => {
        const { about: _, ...form } = one as SchemeForm;
        return form;
      });
    return "The file should hold a scheme, or a list of schemes.";
  } catch (error) {
    return `The file is not JSON: ${(error as Error).message}`;
  }
}
