export interface Point {
  /** Milliseconds since 1970. */
  at: number;
}

export interface Tick {
  /** Where on the axis, from 0 to 1. */
  place: number;
  text: string;
}

const marks: [ms: number, text: string][] = [
  [1_000, "+1 s"],
  [10_000, "+10 s"],
  [60_000, "+1 min"],
  [600_000, "+10 min"],
  [3_600_000, "+1 h"],
  [21_600_000, "+6 h"],
  [86_400_000, "+1 d"],
  [604_800_000, "+7 d"],
];

/**
 * An axis of time since the start, drawn as its logarithm: retry plans run from seconds to a day, and on an
 * even axis all but the last attempts would lie on one spot.
 */
export class Axis {
  readonly #start: number;
  readonly #reach: number;

  constructor(start: number, end: number) {
    this.#start = start;
    this.#reach = Math.log1p(Math.max(end - start, 1_000) / 1_000);
  }

  /** Where a time lies, from 0 to 1. */
  place(at: number): number {
    const place = Math.log1p(Math.max(at - this.#start, 0) / 1_000) / this.#reach;
    return Math.min(place, 1);
  }

  /** The marks that the axis reaches, none nearer than `gap` to the one before it. */
  ticks(gap = 0): Tick[] {
    const ticks: Tick[] = [];
    for (const [ms, text] of marks) {
      const place = Math.log1p(ms / 1_000) / this.#reach;
      if (place <= 0.97 && place - (ticks.at(-1)?.place ?? -1) >= gap) ticks.push({ place, text });
    }
    return ticks;
  }
}

/** Moves places apart so that neighbours are at least `gap` from each other, none beyond 1 where there is room. */
export function apart(places: number[], gap: number): number[] {
  const moved = [...places];
  for (let index = 1; index < moved.length; index++) {
    moved[index] = Math.max(moved[index] ?? 0, (moved[index - 1] ?? 0) + gap);
  }
  const room = moved.length <= 1 || (moved.length - 1) * gap <= 1;
  for (
    let index = moved.length - 1, limit = 1;
    room && index >= 0;
    index--, limit = (moved[index + 1] ?? 1) - gap
  ) {
    moved[index] = Math.min(moved[index] ?? 0, limit);
  }
  return moved;
}
