import { headerLines, parseHeaderLines } from "$api/header-lines";
import type { BadCertificate, BodyText, Fault, FaultDial, FaultDialDraft } from "$api/types";
import { exactSpan, parseSpan } from "$shared/span";

/** A dial as the fields of a form hold it: text, as typed. */
export interface DialForm {
  /** "503, 503, 200". */
  statuses: string;
  repeat: boolean;
  /** "" for at once. */
  delay: string;
  /** In seconds; "" for nothing said. */
  retryAfter: string;
  retryAfterForm: "seconds" | "date";
  /** A line each. */
  headers: string;
  body: string;
  /** "" where it answers. */
  fault: Fault | "";
  /** "" for all of them. */
  failFirst: string;
  certificate: BadCertificate;
  drip: string;
}

export type DialErrors = Partial<Record<keyof DialForm, string>>;

const base64 = /^\(base64\) ([A-Za-z0-9+/]*={0,2})$/;

function bodyText(body: BodyText): string {
  return typeof body === "string" ? body : `(base64) ${body.base64}`;
}

export function formOf(dial: FaultDial): DialForm {
  return {
    statuses: dial.statuses.join(", "),
    repeat: dial.repeat,
    delay: dial.delay_ms === 0 ? "" : exactSpan(dial.delay_ms),
    retryAfter: dial.retry_after === null ? "" : String(dial.retry_after.seconds),
    retryAfterForm: dial.retry_after?.form ?? "seconds",
    headers: headerLines(dial.headers),
    body: bodyText(dial.body),
    fault: dial.fault ?? "",
    failFirst: dial.fail_first === null ? "" : String(dial.fail_first),
    certificate: dial.certificate,
    drip: String(dial.drip_bytes_per_s),
  };
}

const isWhole = (text: string) => /^\d{1,9}$/.test(text.trim());

/** The dial that a form says, or what is wrong with its fields. */
export function readForm(form: DialForm): { dial: FaultDialDraft; errors: DialErrors } {
  const errors: DialErrors = {};
  const statuses = form.statuses.split(/[\s,;]+/).filter(Boolean);
  if (statuses.length === 0) errors.statuses = "Give a status at least, such as 503.";
  else if (!statuses.every((one) => /^[2-5]\d\d$/.test(one)))
    errors.statuses = "Statuses lie between 200 and 599; write them with commas between.";
  const delay = form.delay.trim() === "" ? 0 : parseSpan(form.delay);
  if (delay === null) errors.delay = "Write it like 500 ms, 20 s or 1 min.";
  else if (delay > 120_000) errors.delay = "It may wait at most 2 min.";
  if (form.retryAfter.trim() !== "" && !isWhole(form.retryAfter))
    errors.retryAfter = "Give whole seconds, or nothing.";
  const { headers, error } = parseHeaderLines(form.headers);
  if (error) errors.headers = error;
  if (form.fault !== "" && form.failFirst.trim() !== "" && !isWhole(form.failFirst))
    errors.failFirst = "Give a whole number, or nothing for all of them.";
  if (form.fault === "drip" && !(isWhole(form.drip) && Number(form.drip) >= 1 && Number(form.drip) <= 1000))
    errors.drip = "From 1 to 1000.";
  const bytes = base64.exec(form.body)?.[1];
  const dial: FaultDialDraft = {
    statuses: statuses.map(Number),
    repeat: form.repeat,
    delay_ms: delay ?? 0,
    headers,
    body: bytes === undefined ? form.body : { base64: bytes },
  };
  if (form.retryAfter.trim() !== "")
    dial.retry_after = { seconds: Number(form.retryAfter), form: form.retryAfterForm };
  if (form.fault !== "") {
    dial.fault = form.fault;
    if (form.failFirst.trim() !== "") dial.fail_first = Number(form.failFirst);
    if (form.fault === "bad_tls") dial.certificate = form.certificate;
    if (form.fault === "drip") dial.drip_bytes_per_s = Number(form.drip);
  }
  return { dial, errors };
}

/** Which field of the form an error of the API is about. */
export function fieldOf(path: string): keyof DialForm | null {
  const name = path.replace(/^dial\./, "").split(/[.[]/)[0];
  const fields: Record<string, keyof DialForm> = {
    statuses: "statuses",
    delay_ms: "delay",
    retry_after: "retryAfter",
    headers: "headers",
    body: "body",
    fault: "fault",
    fail_first: "failFirst",
    certificate: "certificate",
    drip_bytes_per_s: "drip",
  };
  return fields[name ?? ""] ?? null;
}
