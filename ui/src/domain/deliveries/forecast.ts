import type { Forecast, KeptBack } from "$api/types";
import { count } from "$shared/size";
import { clock } from "$shared/time";

/** What is due and waits for something else, in few words: "22 wait for a breaker"; "" where nothing does. */
export function keptText({ by_breaker: breaker, by_order: order }: KeptBack): string {
  const waits = (many: number, one: string, several: string) =>
    many === 0 ? [] : [many === 1 ? `1 waits ${one}` : `${count(many)} wait ${several}`];
  return [
    ...waits(breaker, "for a breaker", "for a breaker"),
    ...waits(order, "behind another of its queue", "behind others of their queue"),
  ].join(", ");
}

/**
 * What keeps back what waits, in one line: a breaker, or that it goes out bit by bit: "1,204 wait; 340 overdue go out
 * bit by bit until 14:05:00". Null where nothing does: what is due the moment it is asked goes out at once, and that an
 * ordered endpoint gets one after the other is no news.
 */
export function forecastText(forecast: Forecast, utc: boolean): string | null {
  const breaker = keptText({ ...forecast.kept_back, by_order: 0 });
  return [spreadText(forecast, utc), breaker].filter(Boolean).join("; ") || null;
}

function spreadText({ waiting, overdue, spread_until }: Forecast, utc: boolean): string {
  if (spread_until === null || overdue === 0) return "";
  const waits = `${count(waiting)} ${waiting === 1 ? "waits" : "wait"}`;
  const goes = overdue === 1 ? "goes" : "go";
  return `${waits}; ${count(overdue)} overdue ${goes} out bit by bit until ${clock(Date.parse(spread_until), utc)}`;
}
