import type { RequestFilter } from "$api/types";
import type { RouteQuery } from "$app/route";
import { asText, quoted } from "./filter-words";

/** How far back the list reaches, as the filter says it and as people do. */
export const stretches = [
  { value: "15m", title: "Last 15 minutes" },
  { value: "1h", title: "Last hour" },
  { value: "24h", title: "Last 24 hours" },
  { value: "7d", title: "Last 7 days" },
] as const;

/** The parameters of the address that narrow the list: the filter, and those of links from before there was one. */
export const filterNames = ["filter", "method", "verification", "event_type", "since", "until", "q"] as const;

/** An address with another filter, and with nothing else that narrows the list. */
export function withFilter(text: string | null): RouteQuery {
  return { ...Object.fromEntries(filterNames.map((name) => [name, null])), filter: text };
}

/** The filter as it is written, from the address. */
export function filterText(query: RouteQuery): string {
  const words = [
    query.filter,
    query.method && `method:${quoted(query.method)}`,
    query.verification,
    query.event_type && `type:${query.event_type}`,
    query.since && `since:${query.since}`,
    query.until && `until:${query.until}`,
    query.q && asText(query.q),
  ];
  return words.filter(Boolean).join(" ");
}

/** What the API is asked for, from the address. */
export function filterOf(query: RouteQuery, inboxId: string | null): RequestFilter {
  const filter: RequestFilter = {};
  const text = filterText(query);
  if (inboxId !== null) filter.inbox_id = inboxId;
  if (text) filter.filter = text;
  return filter;
}

/** Whether anything narrows the list. */
export function isFiltered(query: RouteQuery): boolean {
  return filterText(query) !== "";
}
