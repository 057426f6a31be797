import { headerLines, parseHeaderLines } from "$api/header-lines";
import type { BodyText, FaultDial, Headers } from "$api/types";
import { exactSpan, parseSpan } from "$shared/span";

/** What a receiver of our own answers: one status a request, with what goes with it. */
export interface Reply {
  statuses: number[];
  /** Whether the statuses begin anew after the last one; else the last one stays. */
  repeat: boolean;
  delay_ms: number;
  retry_after: FaultDial["retry_after"];
  headers: Headers;
  body: BodyText;
}

/** The same as the fields of a form hold it: text, as typed. */
export interface ReplyForm {
  /** "503, 200". */
  statuses: string;
  repeat: boolean;
  /** "" for at once. */
  delay: string;
  /** In seconds; "" for nothing said. */
  retryAfter: string;
  retryAfterForm: "seconds" | "date";
  /** A line each. */
  answerHeaders: string;
  body: string;
}

export type ReplyErrors = Partial<Record<keyof ReplyForm, string>>;

const base64 = /^\(base64\) ([A-Za-z0-9+/]*={0,2})$/;

/** How a body that no text field holds is written into one. */
function bodyText(body: BodyText): string {
  return typeof body === "string" ? body : `(base64) ${body.base64}`;
}

/** What is left out is as usual: 200, at once, with nothing in it. */
export function replyForm(reply: Partial<Reply>): ReplyForm {
  return {
    statuses: (reply.statuses ?? [200]).join(", "),
    repeat: reply.repeat ?? false,
    delay: delayText(reply.delay_ms ?? 0),
    retryAfter: reply.retry_after ? String(reply.retry_after.seconds) : "",
    retryAfterForm: reply.retry_after?.form ?? "seconds",
    answerHeaders: headerLines(reply.headers ?? []),
    body: bodyText(reply.body ?? ""),
  };
}

/** The longest wait before an answer, in milliseconds. */
const longestDelay = 120_000;

/** How a wait before an answer is written: "" for none. */
export const delayText = (ms: number): string => (ms === 0 ? "" : exactSpan(ms));

/** Reads it, in milliseconds. */
export function readDelay(text: string): { delay: number; error: string | null } {
  const delay = text.trim() === "" ? 0 : parseSpan(text);
  if (delay === null) return { delay: 0, error: "Write it like 500 ms, 20 s or 1 min." };
  return { delay, error: delay > longestDelay ? "It may wait at most 2 min." : null };
}

/** Whether a field holds a whole number. */
export const isWhole = (text: string) => /^\d{1,9}$/.test(text.trim());

/** The answer that a form says, and what is wrong with its fields. */
export function readReply(form: ReplyForm): { reply: Reply; errors: ReplyErrors } {
  const errors: ReplyErrors = {};
  const statuses = form.statuses.split(/[\s,;]+/).filter(Boolean);
  if (statuses.length === 0) errors.statuses = "Give a status at least, such as 503.";
  else if (!statuses.every((one) => /^[2-5]\d\d$/.test(one)))
    errors.statuses = "Statuses lie between 200 and 599; write them with commas between.";
  const { delay, error: late } = readDelay(form.delay);
  if (late) errors.delay = late;
  const says = form.retryAfter.trim() !== "";
  if (says && !isWhole(form.retryAfter)) errors.retryAfter = "Give whole seconds, or nothing.";
  const { headers, error } = parseHeaderLines(form.answerHeaders);
  if (error) errors.answerHeaders = error;
  const bytes = base64.exec(form.body)?.[1];
  const reply: Reply = {
    statuses: statuses.map(Number),
    repeat: form.repeat,
    delay_ms: delay,
    retry_after: says ? { seconds: Number(form.retryAfter), form: form.retryAfterForm } : null,
    headers,
    body: bytes === undefined ? form.body : { base64: bytes },
  };
  return { reply, errors };
}

/** Which field of the form an error of the API is about; its name begins where the answer does. */
export function replyField(name: string): keyof ReplyForm | null {
  const fields: Record<string, keyof ReplyForm> = {
    statuses: "statuses",
    repeat: "repeat",
    delay_ms: "delay",
    retry_after: "retryAfter",
    headers: "answerHeaders",
    body: "body",
  };
  return fields[name.split(/[.[]/)[0] ?? ""] ?? null;
}
