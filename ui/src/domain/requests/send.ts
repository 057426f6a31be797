import { parseHeaderLines } from "$api/header-lines";
import type { SendOn } from "$api/requests";
import type { CapturedRequest, Resign, WebhookEvent } from "$api/types";
import { toBase64 } from "../bodies/base64";
import { targetErrors, type Target } from "./target";

/** What is in the form for sending a captured request on. */
export interface SendForm extends Target {
  /** What is added to the target's path; nothing where it is empty. */
  path: string;
  resign: Resign;
  /** What was edited; `null` is as captured. */
  edits: Edits | null;
}

/** What can be edited of a request. */
export interface Edits {
  method: string;
  query: string;
  headers: string;
  /** As text, as bytes that are not edited, or `null` for the captured one. */
  body: string | Uint8Array | null;
}

/** What the form starts from where it repeats what a delivery has sent. */
export interface Sent {
  delivery: string;
  endpointId: string | null;
  url: string;
  event: Pick<WebhookEvent, "method" | "path" | "query" | "headers" | "resign">;
  /** The body it carried; `null` where that is too large to be edited. */
  body: Uint8Array | null;
}

export type SendResult = { how: SendOn; errors: null } | { how: null; errors: Record<string, string> };

/** What the API is asked for; only what differs from the captured request is told. */
export function sendOnOf(
  form: SendForm,
  captured: CapturedRequest,
  was: Pick<Edits, "headers" | "body">,
): SendResult {
  const errors: Record<string, string> = { ...targetErrors(form) };
  const how: SendOn = { resign: form.resign };
  if (form.target === "endpoint") how.endpoint_id = form.endpointId;
  else how.url = form.url.trim();
  const path = form.path.trim();
  if (path !== "" && !path.startsWith("/")) errors.path = "Begin it with a slash.";
  else if (path !== "") how.path = path;
  if (form.edits) {
    const { method, headers, body } = form.edits;
    const query = form.edits.query.trim().replace(/^\?/, "");
    if (query !== (captured.query ?? "")) how.query = query === "" ? null : query;
    if (method.trim() === "") errors.method = "A request needs a method.";
    else if (method.trim() !== captured.method) how.method = method.trim();
    const parsed = parseHeaderLines(headers);
    if (parsed.error !== null) errors.headers = parsed.error;
    else if (headers !== was.headers) how.headers = parsed.headers;
    if (body !== null && body !== was.body) {
      how.body_base64 = toBase64(typeof body === "string" ? new TextEncoder().encode(body) : body);
    }
  }
  return Object.keys(errors).length > 0 ? { how: null, errors } : { how, errors: null };
}

/** Whether anything stands below the inbox's own address. */
export function hasPath(captured: Pick<CapturedRequest, "path">): boolean {
  return captured.path !== "" && captured.path !== "/";
}

/** Bodies up to this size are edited; larger ones go as they are. */
export const EDITABLE = 1024 * 1024;

/** The body as text to edit, or `null` where that would change its bytes. */
export function editableText(body: Uint8Array): string | null {
  if (body.length > EDITABLE) return null;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
    // The editor has line feeds only, and would not give these back as they were.
    return text.includes("\r") || text.includes("\0") ? null : text;
  } catch {
    return null;
  }
}
