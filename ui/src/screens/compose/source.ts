import { deliveries } from "$api/deliveries";
import { events } from "$api/events";
import { inboxes } from "$api/inboxes";
import { requests } from "$api/requests";
import { decodeText } from "$domain/bodies/charset";
import { isJsonType } from "$domain/bodies/media-type";
import { looksBinary } from "$domain/bodies/bytes";
import { toBase64 } from "$domain/bodies/base64";
import { formatted, jsonFault, type Mode, type Spelling } from "./draft";

/** What "edit and send" starts from. */
export interface Source {
  /** What it is, for people: "the event evt_…". */
  says: string;
  provider: string | null;
  type: string | null;
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
  if (!id.startsWith("dlv_")) return ofEvent(id, `the event ${id}`, null, signal);
  const delivery = await deliveries.get(id, { signal });
  return ofEvent(delivery.event_id, `the delivery ${id}`, delivery.endpoint_id, signal);
}

async function ofEvent(
  id: string,
  says: string,
  endpoint: string | null,
  signal: AbortSignal,
): Promise<Source> {
  const [event, payload] = await Promise.all([events.get(id, { signal }), events.payload(id, { signal })]);
  const { provider, type, content_type: contentType } = event;
  // Its data travelled in the query, which is no body to edit: the sample is.
  if (event.method === "GET") {
    return { says, provider, type, endpoint, mode: "data", spelling: "text", text: "", contentType: "" };
  }
  return { says, provider, type, endpoint, ...editable(payload, contentType) };
}

async function ofRequest(id: string, signal: AbortSignal): Promise<Source> {
  const [request, body] = await Promise.all([requests.get(id, { signal }), requests.body(id, { signal })]);
  // An inbox that is gone leaves the request without a provider, which one then chooses.
  const inbox = await inboxes.get(request.inbox_id, { signal }).catch(() => null);
  return {
    says: `the captured request ${id}`,
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
