import type {
  Attempt,
  AttemptSummary,
  Delivery,
  DeliveryStatus,
  FoundIn,
  Outcome,
  Trigger,
} from "$api/types";
import { plural } from "$shared/size";
import { relative } from "$shared/time";
import type { Tone } from "$shared/tone";

interface Word {
  tone: Tone;
  text: string;
}

export const statusWords: Record<DeliveryStatus, Word> = {
  pending: { tone: "off", text: "Pending" },
  in_flight: { tone: "busy", text: "In flight" },
  retrying: { tone: "wait", text: "Retrying" },
  delivered: { tone: "good", text: "Delivered" },
  failed: { tone: "bad", text: "Failed" },
  cancelled: { tone: "off", text: "Cancelled" },
  paused: { tone: "off", text: "Paused" },
};

export const outcomeWords: Record<Outcome, string> = {
  delivered: "Delivered",
  http_error: "HTTP error",
  redirect: "Redirect",
  timeout: "Timeout",
  dns_failure: "No such host",
  connection_refused: "Refused",
  connection_reset: "Connection reset",
  tls_failure: "TLS failure",
  invalid_response: "Not HTTP",
  blocked: "Blocked",
  interrupted: "Interrupted",
};

const placeWords: Record<FoundIn, string> = {
  id: "Id",
  event_type: "Event type",
  provider_event_id: "Event’s id",
  endpoint_name: "Endpoint’s name",
  url: "URL",
  error: "Error",
  payload: "Payload",
  request_body: "Request body",
  response_body: "Response body",
};

/** Where the text stands that was searched for, as a list. */
export function foundIn(places: FoundIn[] | null): string {
  return (places ?? []).map((place, at) => (at ? lower(placeWords[place]) : placeWords[place])).join(", ");
}

const lower = (words: string) => (words === "URL" ? words : words[0]!.toLowerCase() + words.slice(1));

export const triggerWords: Record<Trigger, string> = {
  automatic: "by plan",
  manual: "by hand",
  replay: "by a replay",
  relay: "by its inbox’s relay",
};

export function outcomeTone(outcome: Outcome): Tone {
  if (outcome === "delivered") return "good";
  return outcome === "interrupted" ? "wait" : "bad";
}

/** What an attempt came to, as part of a sentence. */
export function cause(outcome: Outcome, status: number | null): string {
  switch (outcome) {
    case "delivered":
    case "http_error":
      return `the server answered ${status ?? "nothing that is known"}`;
    case "redirect":
      return `the server answered ${status ?? "with a redirect"}, and redirects are not followed`;
    case "timeout":
      return "no whole answer came in time";
    case "dns_failure":
      return "the host’s name has no address";
    case "connection_refused":
      return "nothing listens there";
    case "connection_reset":
      return "the connection broke before the answer was whole";
    case "tls_failure":
      return "no TLS connection came about";
    case "invalid_response":
      return "what came back is not HTTP";
    case "blocked":
      return "Hookbench did not send it";
    case "interrupted":
      return "Hookbench stopped while the attempt was under way";
  }
}

/** The newest result in a word or two, for a row: "503", "Timeout". */
export function shortResult(last: AttemptSummary | null): string {
  if (!last) return "";
  return last.response_status === null ? outcomeWords[last.outcome] : String(last.response_status);
}

/** The newest result of a delivery for its row; how it ended, where that was not by an attempt. */
export function rowResult({ status, ended_because, last_attempt }: Delivery): string {
  if (status === "failed" && ended_because === "expired") return "Expired";
  if (ended_because === "skipped") return "Skipped";
  return shortResult(last_attempt);
}

/**
 * Where a delivery stands, in one or two sentences. `now` in milliseconds; `kept` where something other than its plan
 * keeps back what is due.
 */
export function sentence(delivery: Delivery, now: number, kept = false): string {
  const { status, attempt_count: made, max_attempts: most, last_attempt: last } = delivery;
  const because = last ? cause(last.outcome, last.response_status) : "";
  const next = delivery.next_attempt_at === null ? null : Date.parse(delivery.next_attempt_at);
  const when = next === null ? "none" : next <= now ? "now" : relative(next, now);
  switch (status) {
    case "pending":
      if (kept) return "Accepted; the first attempt waits.";
      return next === null || next <= now
        ? "Accepted; the first attempt is due now."
        : `Accepted; the first attempt is due ${when}.`;
    case "in_flight":
      return made
        ? `Attempt ${made + 1} is under way; before it ${because}.`
        : "The first attempt is under way.";
    case "retrying":
      return `Attempt ${made} of ${Math.max(made + 1, most)} failed: ${because}. ${kept ? "The next waits." : `Next: ${when}.`}`;
    case "delivered":
      return made <= 1
        ? `Delivered at once: ${because}.`
        : `Delivered after ${plural(made, "attempt")}: ${because}.`;
    case "failed":
      return failed(delivery, because || "no attempt could be made");
    case "cancelled": {
      const word = delivery.ended_because === "skipped" ? "Skipped" : "Cancelled";
      return made
        ? `${word} after ${plural(made, "attempt")}: ${because}.`
        : `${word} before the first attempt.`;
    }
    case "paused":
      return "Paused while its endpoint is disabled. It goes on when the endpoint is enabled again.";
  }
}

function failed({ ended_because, attempt_count: made }: Delivery, because: string): string {
  switch (ended_because) {
    case "expired":
      return made
        ? `Expired after ${plural(made, "attempt")}, its time to live being over; at last ${because}. Next: none.`
        : "Expired before the first attempt: its time to live was over. Next: none.";
    case "skipped":
      return `Failed after ${plural(made, "attempt")}: ${because}. Skipped since, so that its endpoint’s queue goes on.`;
    default:
      return `Failed after ${plural(made, "attempt")}: ${because}. Next: none.`;
  }
}

/** One attempt for a screen reader. */
export function attemptLabel(attempt: Attempt, now: number): string {
  const result = cause(attempt.outcome, attempt.response?.status ?? null);
  return `Attempt ${attempt.number}, ${result}, ${relative(Date.parse(attempt.started_at), now)}`;
}
