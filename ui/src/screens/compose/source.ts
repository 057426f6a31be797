import { deliveries } from "$api/deliveries";
import { endpoints } from "$api/endpoints";
import { events } from "$api/events";
import { inboxes } from "$api/inboxes";
import { requests } from "$api/requests";
import { Problem } from "$api/problem";
import type { WebhookEvent } from "$api/types";
import { decodeText } from "$domain/bodies/charset";
import { isJsonType } from "$domain/bodies/media-type";
import { looksBinary } from "$domain/bodies/bytes";
import { toBase64 } from "$domain/bodies/base64";
import { plural } from "$shared/size";
import { formatted, jsonFault, type Mode, type Spelling } from "./draft";

/** What "edit and send" starts from. */
export interface Source {
  /** What it is, for people: "the event evt_…". */
  says: string;
  /** What of it does not come along, and who has to be chosen anew: whole sentences, or null. */
  lacks: string | null;
  provider: string | null;
  type: string | null;
  /** The endpoint it went to; "none" where that is none, and one is to be chosen; null for all that subscribe. */
  endpoint: string | null;
  mode: Mode;
  spelling: Spelling;
  text: string;
  contentType: string;
}

/** The id an address names: of an event, a delivery or a captured request. */
export function sourceIdOf(query: Record<string, string>): string | null {
  return query.from ?? query.event ?? query.delivery ?? query.request ?? null;
}

/** Reads what an id stands for: its prefix says what it is. */
export async function readSource(id: string, signal: AbortSignal): Promise<Source> {
  if (id.startsWith("req_")) return ofRequest(id, signal);
  if (!id.startsWith("dlv_")) return { ...(await ofEvent(id, signal)), says: `the event ${id}` };
  const { event_id: event, endpoint_id: endpoint, url } = await deliveries.get(id, { signal });
  const [source, isThere] = await Promise.all([ofEvent(event, signal), isEndpoint(endpoint, signal)]);
  const nobody = isThere
    ? null
    : endpoint
      ? "Its endpoint was deleted"
      : `It went to ${url}, which is no endpoint`;
  const lacks = [source.lacks, nobody && `${nobody}: choose who gets it.`].filter((one) => one !== null);
  return {
    ...source,
    says: `the delivery ${id}`,
    lacks: lacks.join(" ") || null,
    endpoint: isThere ? endpoint : "none",
  };
}

/** Whether it is one that is still there. */
async function isEndpoint(id: string | null, signal: AbortSignal): Promise<boolean> {
  if (id === null) return false;
  try {
    await endpoints.get(id, { signal });
    return true;
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return false;
    throw error;
  }
}

async function ofEvent(id: string, signal: AbortSignal): Promise<Omit<Source, "says">> {
  const [event, payload] = await Promise.all([events.get(id, { signal }), events.payload(id, { signal })]);
  const { provider, type, content_type: contentType } = event;
  const known = { lacks: leftBehind(event), provider, type, endpoint: null };
  // Its data travelled in the query, which is no body to edit: the sample is.
  if (event.method === "GET") return { ...known, mode: "data", spelling: "text", text: "", contentType: "" };
  return { ...known, ...editable(payload, contentType) };
}

/** What went out with an event that was recorded, and that its profile does not make again; null for any other. */
export function leftBehind(
  event: Pick<WebhookEvent, "method" | "path" | "query" | "headers" | "resign">,
): string | null {
  const { method, path, query, headers } = event;
  if (event.resign === "fresh" && path === null && headers.length === 0) return null;
  const own = [
    ...(method === "POST" ? [] : [`its method ${method}`]),
    ...(path === null ? [] : [`its path ${path}`]),
    ...(query === null ? [] : ["its query"]),
    ...(headers.length === 0 ? [] : [`its ${plural(headers.length, "header")}`]),
  ];
  if (own.length === 0) return null;
  const listed = own.length === 1 ? own[0] : `${own.slice(0, -1).join(", ")} and ${own.at(-1)}`;
  return `It was recorded and sent on; here it is made by its profile, without ${listed}.`;
}

async function ofRequest(id: string, signal: AbortSignal): Promise<Source> {
  const [request, body] = await Promise.all([requests.get(id, { signal }), requests.body(id, { signal })]);
  // An inbox that is gone leaves the request without a provider, which one then chooses.
  const inbox = await inboxes.get(request.inbox_id, { signal }).catch(() => null);
  return {
    says: `the captured request ${id}`,
    lacks: null,
    provider: inbox?.provider ?? null,
    type: request.event_type,
    endpoint: null,
    ...editable(body, request.content_type ?? ""),
  };
}

/** JSON is edited as JSON; anything else as the text or the bytes it is. */
export function editable(
  body: Uint8Array<ArrayBuffer>,
  contentType: string,
): Pick<Source, "mode" | "spelling" | "text" | "contentType"> {
  if (looksBinary(body)) return { mode: "bytes", spelling: "base64", text: toBase64(body), contentType };
  const { text } = decodeText(body, contentType || null);
  const mediaType = contentType.split(";")[0]?.trim() ?? "";
  if ((mediaType === "" || isJsonType(mediaType)) && jsonFault(text) === null) {
    return { mode: "payload", spelling: "text", text: formatted(text), contentType: "" };
  }
  const encoded = new TextEncoder().encode(text);
  const isSame = encoded.length === body.length && encoded.every((byte, at) => byte === body[at]);
  return isSame
    ? { mode: "bytes", spelling: "text", text, contentType }
    : { mode: "bytes", spelling: "base64", text: toBase64(body), contentType };
}
