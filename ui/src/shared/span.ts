const units: [ms: number, word: string][] = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1_000, "s"],
];

/** A length of time with nothing rounded away: "4 s", "1 min 24 s", "20 h 36 min", "1.5 s", "250 ms". */
export function exactSpan(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  const words: string[] = [];
  let rest = ms;
  for (const [size, word] of units) {
    // What is under a second stands behind the point of the seconds.
    const amount = size === 1_000 ? rest / size : Math.floor(rest / size);
    rest -= Math.floor(rest / size) * size;
    if (amount > 0) words.push(`${amount} ${word}`);
  }
  return words.join(" ");
}

/** A length of time in its two largest units, the rest cut off, as the API says it: "3 d 3 h", "11 min 10 s". */
export function coarseSpan(ms: number): string {
  const largest = units.findIndex(([size]) => ms >= size);
  const [smaller] = units[largest < 0 ? units.length : largest + 1] ?? [1];
  return exactSpan(Math.floor(ms / smaller) * smaller);
}

const spellings: Record<string, number> = {
  ms: 1,
  s: 1_000,
  sec: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Reads a length of time as people write it, in whole milliseconds: "4 s", "1m 24s", "20 h 36 min", "1.5 s",
 * "250ms". A bare number is seconds. Null where it is none.
 */
export function parseSpan(text: string): number | null {
  const trimmed = text.trim().toLowerCase();
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Math.round(Number(trimmed) * 1_000);
  if (!/^(\d+(\.\d+)?\s*[a-z]+\s*)+$/.test(trimmed)) return null;
  let total = 0;
  for (const [, amount, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/g)) {
    const size = spellings[unit ?? ""];
    if (size === undefined) return null;
    total += Number(amount) * size;
  }
  return Math.round(total);
}

/** When each attempt comes, in milliseconds after the first, where each delay counts from the one before. */
export function offsetsOf(delays: number[]): number[] {
  let at = 0;
  return [0, ...delays.map((delay) => (at += delay))];
}

/** Where moments stand on a line from 0 to 1 that gives each order of magnitude the same room. */
export function placesOf(offsets: number[]): number[] {
  const last = offsets.at(-1) ?? 0;
  const first = offsets.find((at) => at > 0) ?? 1;
  if (last === 0) return offsets.map(() => 0);
  const scale = (at: number) => Math.log1p((2 * at) / first);
  return offsets.map((at) => scale(at) / scale(last));
}

/** Attempts of a plan that come evenly, counted from 0 and with both ends. */
export interface Run {
  from: number;
  to: number;
  /** Milliseconds between them; 0 for a single one. */
  every: number;
}

/** The attempts of a plan one by one; `gathered`, those in a row with the same wait before them together. */
export function runsOf(delays: number[], gathered: boolean): Run[] {
  const runs: Run[] = [{ from: 0, to: 0, every: 0 }];
  for (const [index, delay] of delays.entries()) {
    const last = runs.at(-1);
    const attempt = index + 1;
    if (gathered && last && last.every === delay && last.from > 0) last.to = attempt;
    else runs.push({ from: attempt, to: attempt, every: delay });
  }
  return runs;
}

/** A plan in a few words: "4 attempts in 1 min 24 s", "100 attempts in 29 d 16 h". */
export function planText(delays: number[]): string {
  const last = offsetsOf(delays).at(-1) ?? 0;
  return delays.length === 0 ? "one attempt" : `${delays.length + 1} attempts in ${coarseSpan(last)}`;
}
