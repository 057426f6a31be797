import type { DeliveryFilter } from "$api/types";
import type { RouteQuery } from "$app/route";
import { outcomeWords, statusWords } from "./words";

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
  "error_code",
  "response_status",
  "ended_because",
  "q",
] as const;

/** Where deliveries stand, or why they ended: one choice, kept in the address by what the API calls each. */
export const standings = [
  { value: "", title: "Any status" },
  { value: "pending,retrying", title: "Waiting" },
  ...Object.entries(statusWords).map(([value, word]) => ({ value, title: word.text })),
  { value: "because:exhausted", title: "Failed: no attempt left" },
  { value: "because:expired", title: "Failed: expired" },
  { value: "because:skipped", title: "Skipped" },
];

/** How attempts ended, or what they were answered: one choice as well. */
export const results = [
  { value: "", title: "Any result" },
  ...Object.entries(outcomeWords).map(([value, title]) => ({ value, title })),
  { value: "answer:2xx", title: "Answered 2xx" },
  { value: "answer:3xx", title: "Answered 3xx" },
  { value: "answer:4xx", title: "Answered 4xx" },
  { value: "answer:5xx", title: "Answered 5xx" },
];

/** Whose result that is: how deliveries stand, or what any of their attempts came to. */
export const whose = [
  { value: "", title: "Last attempt" },
  { value: "any", title: "Any attempt" },
];

/** Whether an address asks for a result. */
export const asksForResult = (query: Record<string, string>) =>
  Boolean(query.outcome || query.response_status || query.error_code);

/** Whether it asks every attempt for one. */
const asksOfAny = (query: Record<string, string>) => asksForResult(query) && query.attempts === "any";

type Choice = { value: string; title: string };

function chosenOf(choices: Choice[], plain: string | undefined, marked: string | undefined, mark: string) {
  const value = marked ? mark + marked : (plain ?? "");
  // A link may name what is not offered here.
  const known = choices.some((one) => one.value === value);
  const title = marked ?? plain ?? "";
  return { value, choices: known ? choices : [...choices, { value, title }] };
}

/** What is chosen of `standings`, and all that can be. */
export const standingOf = (query: Record<string, string>) =>
  chosenOf(standings, query.status, query.ended_because, "because:");

/** What is chosen of `results`, and all that can be. */
export const resultOf = (query: Record<string, string>) =>
  chosenOf(results, query.outcome, query.response_status, "answer:");

function edit(value: string, plain: string, marked: string, mark: string): RouteQuery {
  const isMarked = value.startsWith(mark);
  return { [plain]: isMarked ? null : value, [marked]: isMarked ? value.slice(mark.length) : null };
}

/** What a choice of `standings` changes in the address. */
export const withStanding = (value: string) => edit(value, "status", "ended_because", "because:");

/** What a choice of `results` changes in the address. */
export const withResult = (value: string): RouteQuery => ({
  ...edit(value, "outcome", "response_status", "answer:"),
  ...(value ? {} : { attempts: null }),
});

/** The filter that an address names. `now` in milliseconds anchors the stretches that end now. */
export function filterOf(query: Record<string, string>, now: number): DeliveryFilter {
  const filter: DeliveryFilter = {};
  for (const name of names) if (query[name]) filter[name] = query[name];
  if (asksOfAny(query)) filter.attempts = "any";
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
  const parts = [...names, "within", "since", "until"].map((name) => query[name] ?? "");
  return [...parts, asksOfAny(query) ? "any" : ""].join("\n");
}

export function isFiltered(query: Record<string, string>): boolean {
  return filterKey(query).trim() !== "";
}

/** Takes every filter out of an address. */
export const noFilter: RouteQuery = Object.fromEntries(
  [...names, "attempts", "within", "since", "until"].map((name) => [name, null]),
);
