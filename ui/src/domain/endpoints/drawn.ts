import type { Schedule } from "$api/types";
import { exactSpan } from "$shared/span";

/** An attempt of a drawn plan. Times in milliseconds since the first attempt. */
export interface DrawnAttempt {
  number: number;
  at: number;
  /** How long after the one before it, as the plan says. */
  after: number;
  earliest: number;
  latest: number;
  /** As planned it comes too late for the event: it is made only if jitter brings it forward. */
  perhaps: boolean;
  /** Only that the event expires keeps it from being later. */
  untilExpiry: boolean;
}

/** The attempts of a drawn plan, where an event expires so many milliseconds after the first; null: never. */
export function drawnAttempts({ attempts }: Pick<Schedule, "attempts">, ttl: number | null): DrawnAttempt[] {
  const start = Date.parse(attempts[0]?.at ?? "");
  const since = (at: string) => Date.parse(at) - start;
  return attempts.map((one, index) => {
    const [at, latest] = [since(one.at), since(one.latest)];
    const before = attempts[index - 1];
    return {
      number: one.number,
      at,
      after: one.after_ms,
      earliest: since(one.earliest),
      latest,
      // Waits may be cut to whole milliseconds, each once.
      perhaps: before !== undefined && at - since(before.at) < one.after_ms - 1,
      // The last millisecond in which it may still be made.
      untilExpiry: ttl !== null && latest === ttl - 1,
    };
  });
}

/** When jitter may bring it: "+4.5 s to +5.5 s", "+58.5 s until the event expires"; "" where it does not matter. */
export function reachOf({ earliest, latest, untilExpiry }: DrawnAttempt): string {
  if (latest <= earliest) return "";
  return `+${exactSpan(earliest)} ${untilExpiry ? "until the event expires" : `to +${exactSpan(latest)}`}`;
}
