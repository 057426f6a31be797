import type { Delivery, Endpoint, EndpointHealth } from "$api/types";

/** How a delivery's endpoint stands; null where it has none, or where that is not known yet. */
export interface Standing {
  endpoint: Endpoint;
  health: EndpointHealth;
}

/** Whether something can be done now: `hidden` where it means nothing, else why not, or null where it can. */
export type Verdict = { hidden: true } | { hidden: false; because: string | null };

export interface Actions {
  retry: Verdict;
  cancel: Verdict;
  skip: Verdict;
}

/** Whether it is offered and can be done. */
export function canBe(verdict: Verdict | undefined): boolean {
  return verdict !== undefined && !verdict.hidden && verdict.because === null;
}

const yes: Verdict = { hidden: false, because: null };
const nothing: Verdict = { hidden: true };
const no = (because: string): Verdict => ({ hidden: false, because });

const underWay = "An attempt is under way: it can be retried or cancelled once that has ended.";

export function canRetry(delivery: Delivery): boolean {
  return delivery.status !== "in_flight";
}

/** Whether it waits: for its time, or for its endpoint. */
export function isWaiting(delivery: Delivery): boolean {
  return ["pending", "retrying", "paused"].includes(delivery.status);
}

/** The delivery that holds its endpoint's queue, and so this one too; null where none does. */
export function heldBy(delivery: Delivery, standing: Standing | null): string | null {
  const holder = standing?.endpoint.ordered ? standing.health.held_by : null;
  // Ids sort by the time they were made: what was accepted before the holder waits for nothing.
  return holder && holder < delivery.id ? holder : null;
}

/** Whether it failed for good and its endpoint's queue stands still for it. */
export function holdsQueue(delivery: Delivery, standing: Standing | null): boolean {
  return standing?.health.held_by === delivery.id;
}

/** What can be done with a delivery, and why not where it cannot. `gone`: its endpoint was deleted. */
export function actionsOf(delivery: Delivery, standing: Standing | null, gone = false): Actions {
  if (delivery.status === "in_flight") {
    const skip = standing?.endpoint.ordered ? no(underWay) : nothing;
    return { retry: no(underWay), cancel: no(underWay), skip };
  }
  const waits = isWaiting(delivery);
  const ordered = standing?.endpoint.ordered ?? false;
  return {
    retry: gone
      ? no("Its endpoint was deleted: edit it, and send it to another one.")
      : retryOf(delivery, standing),
    cancel: waits ? yes : nothing,
    skip: holdsQueue(delivery, standing) || (waits && ordered) ? yes : nothing,
  };
}

function retryOf(delivery: Delivery, standing: Standing | null): Verdict {
  const { endpoint } = standing ?? {};
  if (endpoint?.draft)
    return no("Its endpoint is a draft: a test that arrives makes it live, and this goes on.");
  if ((delivery.status === "paused" && !delivery.own_url) || endpoint?.status === "disabled") {
    return no("Its endpoint is disabled: enable it before this is retried.");
  }
  if (heldBy(delivery, standing)) {
    return no("An earlier delivery holds the queue: retry or skip that one first.");
  }
  return yes;
}
