import type { Headers, Scheme } from "$api/types";
import type { Known } from "./pieces";

interface Message {
  headers: Headers;
  method?: string;
  url?: string;
}

/** The parts of a signed content that the message itself names. */
export function knownOf(scheme: Scheme | null, message: Message | null): Known {
  if (!scheme || !message) return {};
  return {
    id: headerOf(message.headers, scheme.id_header),
    ts: headerOf(message.headers, scheme.timestamp?.header),
    method: message.method ?? null,
    url: message.url ?? null,
  };
}

/** The value of the first header of a name that is text, or `null`. */
function headerOf(headers: Headers, name: string | null | undefined): string | null {
  if (!name) return null;
  const value = headers.find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1];
  return typeof value === "string" && value !== "" ? value : null;
}
