import type { RequestFilter } from "$api/types";
import type { RouteQuery } from "$app/route";

/** How far back the list reaches, as the address says it and as people do. */
export const stretches = [
  { value: "15m", title: "Last 15 minutes", ms: 15 * 60_000 },
  { value: "1h", title: "Last hour", ms: 3_600_000 },
  { value: "24h", title: "Last 24 hours", ms: 24 * 3_600_000 },
  { value: "7d", title: "Last 7 days", ms: 7 * 24 * 3_600_000 },
] as const;

/** The parameters of the address that narrow the list. */
export const filterNames = ["method", "verification", "event_type", "since", "until", "q"] as const;

/** The instant a `since` of the address means: a stretch before `now`, or a time as it stands. */
export function sinceInstant(since: string | undefined, now: number): string | undefined {
  const stretch = stretches.find((one) => one.value === since);
  return stretch ? new Date(now - stretch.ms).toISOString() : since;
}

/** What the API is asked for, from the address. `now` is in milliseconds since 1970. */
export function filterOf(query: RouteQuery, inboxId: string | null, now: number): RequestFilter {
  const filter: RequestFilter = {};
  if (inboxId !== null) filter.inbox_id = inboxId;
  for (const name of filterNames) {
    const value = query[name];
    if (value) filter[name] = value;
  }
  if (filter.since) filter.since = sinceInstant(filter.since, now);
  return filter;
}

/** Whether anything narrows the list. */
export function isFiltered(query: RouteQuery): boolean {
  return filterNames.some((name) => query[name]);
}
