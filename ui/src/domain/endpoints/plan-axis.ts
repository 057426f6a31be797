export interface Tick {
  /** Where on the axis, from 0 to 1. */
  place: number;
  text: string;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Times that people count in. */
const round: [ms: number, text: string][] = [
  [0, "0"],
  [100, "100 ms"],
  [second, "1 s"],
  [5 * second, "5 s"],
  [10 * second, "10 s"],
  [30 * second, "30 s"],
  [minute, "1 min"],
  [2 * minute, "2 min"],
  [5 * minute, "5 min"],
  [10 * minute, "10 min"],
  [20 * minute, "20 min"],
  [30 * minute, "30 min"],
  [hour, "1 h"],
  [2 * hour, "2 h"],
  [3 * hour, "3 h"],
  [6 * hour, "6 h"],
  [12 * hour, "12 h"],
  [day, "1 d"],
  [2 * day, "2 d"],
  [4 * day, "4 d"],
  [7 * day, "7 d"],
  [14 * day, "14 d"],
  [30 * day, "30 d"],
  [90 * day, "90 d"],
  [365 * day, "1 y"],
];

/** So many times the first wait, and an even axis has no room left for it. */
const evenUpTo = 16;

/**
 * The time axis of a plan, in milliseconds after its first attempt. Waits that grow from seconds to a day are
 * drawn by their logarithm, so that each order of magnitude has the same room; waits that are alike, evenly.
 */
export class PlanAxis {
  readonly even: boolean;
  readonly #end: number;
  readonly #unit: number;

  /** `first` is the first wait, `end` where the axis ends. */
  constructor(first: number, end: number) {
    this.#end = Math.max(end, 1);
    const least = Math.min(Math.max(first, 1), this.#end);
    this.even = this.#end <= evenUpTo * least;
    // The first wait has about as much room as a wait that is three times as long as all before it.
    this.#unit = least / 2;
  }

  /** Where a time stands, from 0 to 1. */
  place(ms: number): number {
    const at = Math.min(Math.max(ms, 0), this.#end);
    return this.even ? at / this.#end : Math.log1p(at / this.#unit) / Math.log1p(this.#end / this.#unit);
  }

  /** Round times, none nearer than `gap` to the one before it, none that leaves the end no room. */
  ticks(gap: number): Tick[] {
    const ticks: Tick[] = [];
    for (const [ms, text] of round) {
      if (ms > this.#end) break;
      const place = this.place(ms);
      const before = ticks.at(-1)?.place ?? -Infinity;
      if (place - before >= gap && place <= 1 - gap / 2) ticks.push({ place, text });
    }
    return ticks;
  }
}
