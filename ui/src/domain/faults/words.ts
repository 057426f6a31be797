import type { Fault, FaultDial, FaultReceived, FaultReceiver, Forecast } from "$api/types";
import { count, plural } from "$shared/size";
import { duration } from "$shared/time";
import type { Tone } from "$shared/tone";

export const faultWords: Record<Fault, string> = {
  reset: "reset the connection",
  close: "closed without an answer",
  no_answer: "no answer",
  drip: "a few bytes a second",
  half_headers: "half a head",
  wrong_length: "a body too short",
  bad_tls: "a bad certificate",
};

/** What the next request is in for: "503", "no answer", "200, a few bytes a second". */
export function turnText(turn: { status: number | null; fault: Fault | null }): string {
  if (turn.fault === null) return String(turn.status ?? "");
  if (turn.fault === "bad_tls") return faultWords.bad_tls;
  return turn.status === null ? faultWords[turn.fault] : `${turn.status}, ${faultWords[turn.fault]}`;
}

/** How a request went, in a few words, and how that is marked. */
export function receivedText(row: FaultReceived): { tone: Tone; text: string } {
  // What was refused came to no turn; a handshake that failed says the rest in its sentence.
  if (row.method === null) return { tone: "bad", text: row.fault ? faultWords[row.fault] : "not readable" };
  if (row.fault !== null && row.fault !== "bad_tls")
    return { tone: "bad", text: turnText({ status: row.status, fault: row.fault }) };
  const good = row.status !== null && row.status < 300;
  return { tone: good ? "good" : "bad", text: String(row.status ?? "") };
}

/** Where a receiver stands in its dial, in a sentence. */
export function standing(receiver: Pick<FaultReceiver, "next" | "turns" | "dial">): string {
  const { turns, dial } = receiver;
  const next = turnText(receiver.next);
  const before =
    turns === 0 ? "Nothing has come since it was set" : `${plural(turns, "request")} since it was set`;
  return `${before}. The next gets: ${next}${dial.delay_ms > 0 ? `, after ${count(dial.delay_ms)} ms` : ""}.`;
}

/** What is to be said of a dial beside what it does; empty where nothing is. `verified`: the endpoint checks TLS. */
export function dialNote(dial: FaultDial, verified: boolean): string {
  if (dial.fault !== "bad_tls") return "";
  return verified
    ? "The trial speaks TLS to it and trusts its authority: what is wrong is the certificate alone."
    : "The trial speaks TLS to it, and takes any certificate, as its endpoint does.";
}

/**
 * What a jump to the end of a trial's plan does to everything else in the workspace, in a sentence. `end` and `now` in
 * milliseconds; the forecast is until the end, and counts the trial's own delivery as well.
 */
export function leapText(end: number, now: number, forecast: Forecast | null): string {
  const whole = `Time goes on for the whole workspace, by ${duration(Math.max(end - now, 0))} to the end of the plan`;
  const others = (forecast?.buckets ?? []).reduce((sum, bucket) => sum + bucket.count, 0) - 1;
  if (others <= 0) return `${whole}.`;
  return `${whole}: ${plural(others, "other delivery is", "other deliveries are")} due on the way.`;
}
