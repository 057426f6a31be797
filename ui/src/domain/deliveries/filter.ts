import type { DeliveryFilter } from "$api/types";
import type { RouteQuery } from "$app/route";

/** Stretches of time that a filter offers; in the address as `within`. */
export const spans = [
  { value: "15m", title: "Last 15 min", ms: 900_000 },
  { value: "1h", title: "Last hour", ms: 3_600_000 },
  { value: "24h", title: "Last 24 h", ms: 86_400_000 },
  { value: "7d", title: "Last 7 d", ms: 604_800_000 },
];

const names = [
  "status",
  "outcome",
  "endpoint_id",
  "event_id",
  "replay_id",
  "event_type",
  "provider",
  "q",
] as const;

/** The filter that an address names. `now` in milliseconds anchors the stretches that end now. */
export function filterOf(query: Record<string, string>, now: number): DeliveryFilter {
  const filter: DeliveryFilter = {};
  for (const name of names) if (query[name]) filter[name] = query[name];
  const span = spans.find((one) => one.value === query.within);
  if (span) filter.since = new Date(now - span.ms).toISOString();
  else {
    if (query.since) filter.since = query.since;
    if (query.until) filter.until = query.until;
  }
  return filter;
}

/** The part of an address that filters: equal keys mean equal lists. */
export function filterKey(query: Record<string, string>): string {
  return [...names, "within", "since", "until"].map((name) => query[name] ?? "").join("\n");
}

export function isFiltered(query: Record<string, string>): boolean {
  return filterKey(query).trim() !== "";
}

/** Takes every filter out of an address. */
export const noFilter: RouteQuery = Object.fromEntries(
  [...names, "within", "since", "until"].map((name) => [name, null]),
);
