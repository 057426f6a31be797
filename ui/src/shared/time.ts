const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** "just now", "12 s ago", "in 4 min": the two largest words are never needed. Times in milliseconds. */
export function relative(at: number, now: number): string {
  const distance = at - now;
  const size = Math.abs(distance);
  if (size < second) return "now";
  const text = span(size);
  return distance > 0 ? `in ${text}` : `${text} ago`;
}

function span(ms: number): string {
  if (ms < minute) return `${Math.floor(ms / second)} s`;
  if (ms < hour) return `${Math.floor(ms / minute)} min`;
  if (ms < day) return `${Math.floor(ms / hour)} h`;
  return `${Math.floor(ms / day)} d`;
}

/** Pairs of units for longer times: a size, how many of the smaller make the larger, and where the pair ends. */
const pairs = [
  { small: second, many: 60, end: hour, names: ["min", "s"] },
  { small: minute, many: 60, end: day, names: ["h", "min"] },
  { small: hour, many: 24, end: Infinity, names: ["d", "h"] },
] as const;

/** A length of time as a person would say it: "840 ms", "1.4 s", "5 min", "2 h 5 min". */
export function duration(ms: number): string {
  if (Math.round(ms) < second) return `${Math.round(ms)} ms`;
  const seconds = ms < 10 * second ? Math.round(ms / 100) / 10 : Math.round(ms / second);
  if (seconds < 60) return `${seconds} s`;
  for (const { small, many, end, names } of pairs) {
    // Rounded before it is cut up, so that nothing lasts "1 min 60 s".
    const total = Math.round(ms / small);
    if (total * small >= end) continue;
    const rest = total % many;
    return `${Math.floor(total / many)} ${names[0]}${rest ? ` ${rest} ${names[1]}` : ""}`;
  }
  return "for ever";
}

const formats = new Map<boolean, Intl.DateTimeFormat>();

/** The exact time to the millisecond, in the user's zone or in UTC: "2026-11-21 04:45:12.034 UTC". */
export function exact(at: number, utc: boolean): string {
  let format = formats.get(utc);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", {
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      fractionalSecondDigits: 3,
      hourCycle: "h23",
      timeZoneName: "short",
      ...(utc ? { timeZone: "UTC" } : {}),
    });
    formats.set(utc, format);
  }
  const parts = Object.fromEntries(format.formatToParts(at).map((one) => [one.type, one.value]));
  const date = `${parts.year}-${parts.month}-${parts.day}`;
  return `${date} ${parts.hour}:${parts.minute}:${parts.second}.${parts.fractionalSecond} ${parts.timeZoneName}`;
}

/** The time of day to the second, for axes and dense lists. */
export function clock(at: number, utc: boolean): string {
  return exact(at, utc).slice(11, 19);
}
