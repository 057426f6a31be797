import type { Delivery, Stats } from "$api/types";

/** What ended less long ago may not be in the figures yet, in milliseconds: they are counted by the minute. */
const counted = 120_000;

/**
 * Deliveries without those of trials, whose failures are wanted. Figures leave trials out, also those that are ended:
 * so a delivery of an endpoint that they do not name was one of a trial. `trials` are the endpoints of those that live,
 * `now` is in milliseconds.
 */
export function withoutTrials(
  deliveries: Delivery[],
  stats: Stats,
  trials: ReadonlySet<string | null>,
  now: number,
): Delivery[] {
  const named = new Set(stats.endpoints.map((endpoint) => endpoint.endpoint_id));
  return deliveries.filter(({ endpoint_id: id, completed_at: ended }) => {
    if (id === null || named.has(id)) return true;
    return !trials.has(id) && ended !== null && now - Date.parse(ended) < counted;
  });
}
