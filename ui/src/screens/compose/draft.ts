import { JsonText } from "$api/client";
import type { EventDraft, Provider, ProviderEvent, ProviderSample } from "$api/types";
import { fromBase64, toBase64 } from "$domain/bodies/base64";
import { scanJson } from "$domain/bodies/json/scan";
import { prettyJson } from "$domain/bodies/json/pretty";
import { positionOf } from "$domain/bodies/lines";

/** What the editor holds: the inner part, the whole payload, or the body's bytes. */
export const modes = ["data", "payload", "bytes"] as const;
export type Mode = (typeof modes)[number];
/** How bytes are given. */
export const spellings = ["text", "base64", "file"] as const;
export type Spelling = (typeof spellings)[number];

export interface Composition {
  provider: string;
  type: string;
  /** "" for the profile's usual one. */
  envelope: string;
  mode: Mode;
  text: string;
  spelling: Spelling;
  file: Uint8Array | null;
  /** "" for the profile's. */
  contentType: string;
  /** Null for all that subscribe. */
  endpoints: string[] | null;
}

export interface Fault {
  message: string;
  /** Where in the text, where it is in the text. */
  at: { line: number; column: number; offset: number } | null;
}

export type Composed = { draft: EventDraft; fault: null } | { draft: null; fault: Fault };

/** Where a text stops being JSON, or null where it is JSON. */
export function jsonFault(text: string): Fault | null {
  if (text.trim() === "")
    return { message: "There is nothing here yet.", at: { line: 1, column: 1, offset: 0 } };
  const { error } = scanJson(text);
  if (!error) return null;
  return { message: error.message, at: { ...positionOf(text, error.offset), offset: error.offset } };
}

/** The event to be made of what is typed, or what is wrong with it. What is wrong is never sent. */
export function compose(composition: Composition): Composed {
  const { provider, type, mode, endpoints } = composition;
  if (type.trim() === "") return { draft: null, fault: { message: "Give the event a type.", at: null } };
  if (endpoints?.length === 0)
    return { draft: null, fault: { message: "Choose at least one endpoint.", at: null } };
  const base: EventDraft = {
    provider,
    type: type.trim(),
    ...(endpoints ? { endpoint_ids: endpoints } : {}),
    ...(composition.contentType.trim() ? { content_type: composition.contentType.trim() } : {}),
  };
  if (mode === "bytes") return withBytes(base, composition);
  const fault = jsonFault(composition.text);
  if (fault) return { draft: null, fault };
  const json = new JsonText(composition.text);
  if (mode === "payload") return { draft: { ...base, payload: json }, fault: null };
  const envelope = composition.envelope ? { envelope: composition.envelope } : {};
  return { draft: { ...base, ...envelope, data: json }, fault: null };
}

function withBytes(base: EventDraft, { spelling, text, file }: Composition): Composed {
  const bytes = bytesOf(spelling, text, file);
  if (bytes) return { draft: { ...base, payload_base64: toBase64(bytes) }, fault: null };
  const message =
    spelling === "file" ? "Choose a file." : "This is not base64: use A–Z, a–z, 0–9, +, / and =.";
  return { draft: null, fault: { message, at: null } };
}

/** The exact bytes of the body, or null where they cannot be read. */
export function bytesOf(spelling: Spelling, text: string, file: Uint8Array | null): Uint8Array | null {
  if (spelling === "file") return file;
  if (spelling === "text") return new TextEncoder().encode(text);
  return fromBase64(text.replace(/\s+/g, ""));
}

/** JSON with two spaces a level, every digit as it is; the text itself where it is no JSON. */
export function formatted(text: string): string {
  const { index } = scanJson(text);
  return (index && prettyJson(index)) ?? text;
}

/** What a mode's editor starts with for a sample. */
export function startOf(sample: ProviderSample | undefined, mode: Mode): string {
  if (!sample) return mode === "bytes" ? "" : "{}";
  // Where the data travels in the query there is no body to start from.
  const value = mode === "data" || sample.payload === null ? sample.data : sample.payload;
  return mode === "bytes" ? JSON.stringify(value) : JSON.stringify(value, null, 2);
}

export function eventOf(provider: Provider | null, type: string): ProviderEvent | undefined {
  return provider?.events.find((event) => event.type === type);
}

export function asMode(text: string | undefined): Mode {
  return modes.find((mode) => mode === text) ?? "data";
}
