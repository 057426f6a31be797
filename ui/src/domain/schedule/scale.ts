/** A mark below the line. */
export interface Tick {
  /** Where on the line, from 0 to 1. */
  place: number;
  text: string;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const marks: [ms: number, text: string][] = [
  [second, "+1 s"],
  [10 * second, "+10 s"],
  [minute, "+1 min"],
  [10 * minute, "+10 min"],
  [hour, "+1 h"],
  [3 * hour, "+3 h"],
  [6 * hour, "+6 h"],
  [12 * hour, "+12 h"],
  [day, "+1 d"],
  [3 * day, "+3 d"],
  [7 * day, "+7 d"],
  [30 * day, "+30 d"],
];

/** What a scale is made of. Times in milliseconds, of whatever clock, as long as it is one. */
export interface Extent {
  start: number;
  end: number;
  /** The moments that are drawn, in order: neighbours get at least `gap` between them. */
  anchors: number[];
  /** A share of the line. */
  gap: number;
}

/**
 * Time on a line from 0 to 1. Retry plans run from seconds to a day, and on an even line all but the last
 * attempts would lie on one spot: so each order of magnitude since the start gets the same room. Moments that
 * would still cover each other are moved apart, and all other times with them: what lies between two moments is
 * drawn between them.
 */
export class TimeScale {
  readonly #start: number;
  readonly #end: number;
  readonly #unit: number;
  /** Where the anchors lie before and after they are moved apart; both grow. */
  readonly #from: number[];
  readonly #to: number[];

  constructor({ start, end, anchors, gap }: Extent) {
    this.#start = start;
    this.#end = Math.max(end, start + second);
    this.#unit = unitOf(start, anchors);
    const even = anchors.map((at) => this.#even(at));
    const moved = apart(even, gap);
    this.#from = [];
    this.#to = [];
    const stop = (from: number, to: number) => {
      if (from > (this.#from.at(-1) ?? -1)) {
        this.#from.push(from);
        this.#to.push(to);
      }
    };
    if ((even[0] ?? 1) > 0) stop(0, 0);
    for (const [index, from] of even.entries()) stop(from, moved[index] ?? from);
    stop(1, 1);
    this.anchors = moved;
  }

  /** Where the anchors lie, each from 0 to 1. */
  readonly anchors: number[];

  /** Where a time lies, from 0 to 1; what is outside lies at the end that it is beyond. */
  place(at: number): number {
    const even = this.#even(at);
    const next = this.#from.findIndex((from) => from >= even);
    if (next <= 0) return next === 0 ? (this.#to[0] ?? 0) : 1;
    const [from, to] = [this.#from[next - 1] ?? 0, this.#from[next] ?? 1];
    const [low, high] = [this.#to[next - 1] ?? 0, this.#to[next] ?? 1];
    return low + ((even - from) / (to - from)) * (high - low);
  }

  /** The marks that the line reaches, none nearer than `gap` to the one before it or to the end. */
  ticks(gap: number): Tick[] {
    const ticks: Tick[] = [];
    for (const [ms, text] of marks) {
      if (ms > this.#end - this.#start) break;
      const place = this.place(this.#start + ms);
      if (place <= 1 - gap / 2 && place - (ticks.at(-1)?.place ?? -1) >= gap) ticks.push({ place, text });
    }
    return ticks;
  }

  #even(at: number): number {
    const reach = Math.log1p((this.#end - this.#start) / this.#unit);
    const place = Math.log1p(Math.max(at - this.#start, 0) / this.#unit) / reach;
    return Math.min(place, 1);
  }
}

/** The time below which the line is about even: half of the first wait that is one, from a second to an hour. */
function unitOf(start: number, anchors: number[]): number {
  const first = anchors.find((at) => at - start >= second);
  return first === undefined ? second : Math.min(Math.max((first - start) / 2, second), hour);
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
