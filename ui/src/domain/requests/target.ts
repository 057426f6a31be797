import type { Endpoint, Resign } from "$api/types";
import { recall, remember } from "$shared/memory";

/** Where captured requests are sent on to, and how they are signed. */
export interface Target {
  target: "endpoint" | "url";
  endpointId: string;
  url: string;
  /** What a person chose; null is what is usual there. */
  resign: Resign | null;
}

/** Where the last one went, as far as that is still there. */
export function usualTarget(endpoints: Pick<Endpoint, "id">[]): Target {
  const isThere = (wanted: string | null) => endpoints.some((one) => one.id === wanted);
  return {
    target: endpoints.length > 0 && recall("send.target") !== "url" ? "endpoint" : "url",
    endpointId: [recall("send.endpoint"), endpoints[0]?.id ?? null].find(isThere) ?? "",
    url: recall("send.url") ?? "",
    resign: null,
  };
}

/** As chosen; an endpoint usually wants a signature of its own, and a URL what was captured. */
export function resignOf({ target, resign }: Target): Resign {
  return resign ?? (target === "url" ? "exact" : "fresh");
}

/** What is wrong with it, by field. */
export function targetErrors({ target, endpointId, url }: Omit<Target, "resign">): {
  endpoint_id?: string;
  url?: string;
} {
  if (target === "endpoint")
    return endpointId === "" ? { endpoint_id: "Choose the endpoint to send to." } : {};
  if (/^https?:\/\/[^/\s]/i.test(url.trim())) return {};
  return { url: "Give a whole address, such as http://127.0.0.1:3000/hooks." };
}

/** Keeps it for the next time. */
export function rememberTarget({ target, endpointId, url }: Omit<Target, "resign">): void {
  remember("send.target", target);
  remember(target === "url" ? "send.url" : "send.endpoint", target === "url" ? url.trim() : endpointId);
}
