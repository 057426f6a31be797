import type { DeliveryStatus, Inbox, InboxRelay, RequestRelay } from "$api/types";
import { plural } from "$shared/size";
import type { Tone } from "$shared/tone";

/** What stands on the bar of an inbox: "relays to 2 targets"; null where it relays to none. */
export function relayWords(relay: InboxRelay | null): string | null {
  const all = relay?.targets ?? [];
  const on = all.filter((one) => one.enabled !== false);
  if (on.length > 0) return `relays to ${plural(on.length, "target")}`;
  return all.length > 0 ? "relays to none: its targets are off" : null;
}

/** Who answers the sender, as a sentence. */
export function answerWords(inbox: Pick<Inbox, "response">, target: string | null): string {
  return target === null
    ? `The inbox answers ${inbox.response.status} at once; the targets get the request behind that.`
    : `The sender waits for what ${target} answers. A rule that takes the request, and a handshake, answer before it.`;
}

/** What a host policy means, in a line. */
export const hostWords = {
  target: "The Host header names the target, as for any request sent there.",
  sender:
    "The Host header stays as the sender wrote it: for targets that check a signature over it, or serve several names.",
} as const;

type Standing = Pick<RequestRelay, "status" | "response" | "way">;

/** Where the passing on of a request to one target stands. */
export function relayState({ status, response, way }: Standing): { tone: Tone; text: string } {
  if (way === "queued") {
    const { tone, text } = states[status];
    return { tone, text: response ? `${text} ${response.status}` : text };
  }
  switch (status) {
    case "failed":
      return { tone: "bad", text: response ? `Broke off after ${response.status}` : "No answer" };
    case "delivered":
      if (!response) return { tone: "good", text: "Answered" };
      return { tone: isGood(response.status) ? "good" : "bad", text: `Answered ${response.status}` };
    case "cancelled":
      return { tone: "wait", text: "Sender hung up" };
    default:
      return { tone: "busy", text: "Under way" };
  }
}

const isGood = (status: number) => status >= 200 && status < 300;

const states: Record<DeliveryStatus, { tone: Tone; text: string }> = {
  pending: { tone: "off", text: "Pending" },
  in_flight: { tone: "busy", text: "In flight" },
  retrying: { tone: "wait", text: "Retrying" },
  delivered: { tone: "good", text: "Delivered" },
  failed: { tone: "bad", text: "Failed" },
  cancelled: { tone: "off", text: "Cancelled" },
  paused: { tone: "off", text: "Paused" },
};

/** How it goes there, in a few words. */
export function wayWords({ way }: Pick<RequestRelay, "way">): string {
  return way === "inline" ? "while the sender waited" : "behind the answer";
}
