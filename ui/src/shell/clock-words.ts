import type { Clock, Forecast, KeptBack, MachineNotice } from "$api/types";
import { keptText } from "$domain/deliveries/forecast";
import { count } from "$shared/size";
import { clock as timeOfDay, duration, exact, relative } from "$shared/time";

const usual = [1, 60, 3600];

/** The speeds to choose from: the usual ones, and the one that is set. */
export function speeds(set: number): number[] {
  return [...new Set([...usual, set])].sort((a, b) => a - b);
}

export function speedTitle(speed: number): string {
  return `×${speed}`;
}

/** How a demo's time goes at this moment, in few words. */
export function goingText(clock: Clock, utc: boolean): string {
  if (clock.jumping_to) return `Jumping to ${exact(Date.parse(clock.jumping_to), utc).slice(0, 19)}`;
  if (clock.paused) return "Paused";
  if (clock.rate < clock.speed) return "Real speed while requests are under way";
  return clock.speed === 1 ? "At real speed" : `${speedTitle(clock.speed)} as fast`;
}

/**
 * How much is due and waits for something else, and when the next thing happens by itself: what matters most comes last.
 */
export function dueTexts(clock: Clock, kept: KeptBack | null, now: number): string[] {
  const waits = [kept ? keptText(kept) : ""].filter(Boolean);
  if (clock.next_due_at === null) return waits.length > 0 ? waits : ["Nothing is due"];
  const next = Date.parse(clock.next_due_at);
  return [...waits, `Next due: ${next <= now ? "now" : relative(next, now)}`];
}

/** What was noticed of the machine's time, as a sentence. */
export function noticeText(notice: MachineNotice): string {
  const by = duration(notice.by_ms);
  switch (notice.event) {
    case "slept":
      return `This machine slept for ${by}.`;
    case "held_up":
      return `Hookbench was held up for ${by}.`;
    case "set_forward":
      return `This machine’s clock was set forward by ${by}.`;
    case "set_back":
      return `This machine’s clock was set back by ${by}; what waits went back with it.`;
  }
}

/** What becomes of what is overdue, as a sentence; nothing where nothing is. */
export function overdueText(forecast: Forecast, now: number, utc: boolean): string {
  if (forecast.overdue === 0) return "";
  const [what, go] = forecast.overdue === 1 ? ["delivery", "goes"] : ["deliveries", "go"];
  const many = `${count(forecast.overdue)} overdue ${what}`;
  if (forecast.spread_until === null) return `${many} ${go} out now.`;
  const until = Date.parse(forecast.spread_until);
  return `${many} ${go} out over the next ${duration(Math.max(until - now, 0))}, until ${timeOfDay(until, utc)}.`;
}
