import type { Delivery } from "$api/types";
import { count, plural } from "$shared/size";
import { asSentence } from "$shared/sentence";
import { relative } from "$shared/time";
import { heldBy, holdsQueue, isWaiting, type Standing } from "./actions";

/** Something that keeps a delivery back, or that it keeps back itself. */
export interface Reason {
  text: string;
  /** The delivery that the text speaks of. */
  delivery?: string;
}

/**
 * Why a delivery waits, beyond its plan: what its endpoint says, most lasting first. Empty where only its time
 * has not come. `now` in milliseconds.
 */
export function waitsBecause(delivery: Delivery, standing: Standing | null, now: number): Reason[] {
  if (!standing) return [];
  const { endpoint, health } = standing;
  if (holdsQueue(delivery, standing)) {
    const behind = health.waiting
      ? `${plural(health.waiting, "delivery waits", "deliveries wait")} behind it`
      : "";
    return [
      {
        text: `It holds its endpoint’s queue${behind && `: ${behind}`}. Retry it until it is delivered, or skip it.`,
      },
    ];
  }
  if (!isWaiting(delivery)) return [];
  if (endpoint.draft) {
    return [{ text: "Its endpoint is a draft: it goes on once a test has been delivered there." }];
  }
  if (endpoint.status === "disabled") {
    return [
      {
        text: endpoint.disabled_reason
          ? `Disabled: ${asSentence(endpoint.disabled_reason)}`
          : "Its endpoint is disabled.",
      },
    ];
  }
  const reasons: Reason[] = [];
  const holder = heldBy(delivery, standing);
  if (holder)
    reasons.push({ text: "The queue is held by an earlier delivery that failed:", delivery: holder });
  const breaker = ofBreaker(delivery, standing, now);
  if (breaker) reasons.push({ text: breaker });
  const isDue = delivery.next_attempt_at !== null && Date.parse(delivery.next_attempt_at) <= now;
  if (isDue && !reasons.length) reasons.push(...ofLimits(standing));
  return reasons;
}

function ofBreaker(delivery: Delivery, { health: { breaker } }: Standing, now: number): string | null {
  if (!breaker || breaker.state === "closed") return null;
  if (breaker.state === "half_open") {
    return "The breaker is half open: one probe is under way, and the others wait for how it ends.";
  }
  const failures = plural(breaker.failures, "failure");
  if (breaker.probe_at === null)
    return `The breaker is open after ${failures} in a row: nothing is sent for now.`;
  const probe = Date.parse(breaker.probe_at);
  const next = delivery.next_attempt_at === null ? null : Date.parse(delivery.next_attempt_at);
  if (next !== null && next > probe) return null;
  const when = probe <= now ? "a probe is due now" : `nothing is sent until a probe ${relative(probe, now)}`;
  return `The breaker is open after ${failures} in a row: ${when}.`;
}

/** Whether its endpoint takes one delivery at a time and there are others. */
function waitsInOrder({ endpoint, health }: Standing): boolean {
  return endpoint.ordered && health.waiting + health.in_flight > 1;
}

/** What keeps back what is due already. */
function ofLimits({ endpoint, health }: Standing): Reason[] {
  if (waitsInOrder({ endpoint, health })) {
    return [{ text: "Its endpoint takes one delivery at a time, in order: those before it go first." }];
  }
  if (endpoint.max_in_flight !== null && health.in_flight >= endpoint.max_in_flight) {
    return [
      { text: `Its endpoint takes ${count(endpoint.max_in_flight)} at a time, and so many are under way.` },
    ];
  }
  if (health.rate && health.rate.available < 1) {
    return [{ text: `Its endpoint takes ${health.rate.per_second} a second; ${count(health.due)} are due.` }];
  }
  return [];
}

/**
 * When it is attempted at the earliest because of what its endpoint says, in milliseconds like `now`: null where
 * nothing keeps it back for long, Infinity where nobody knows.
 */
export function goesNotBefore(delivery: Delivery, standing: Standing | null, now: number): number | null {
  if (!standing || !isWaiting(delivery)) return null;
  const { endpoint, health } = standing;
  if (endpoint.status === "disabled" || heldBy(delivery, standing)) return Infinity;
  const probe = health.breaker?.state === "open" ? health.breaker.probe_at : null;
  if (probe) return Date.parse(probe);
  const isDue = delivery.next_attempt_at !== null && Date.parse(delivery.next_attempt_at) <= now;
  return isDue && waitsInOrder(standing) ? Infinity : null;
}

/** What is planned where nothing goes out before `from`: all of it that much later; nothing where nobody knows when. */
export function plannedFrom(planned: string[], from: number | null): string[] {
  const first = planned[0];
  if (from === null || first === undefined) return planned;
  if (from === Infinity) return [];
  const late = from - Date.parse(first);
  return late <= 0 ? planned : planned.map((at) => new Date(Date.parse(at) + late).toISOString());
}
