import { clock as api } from "$api/clock";
import type { Clock, ClockEdit } from "$api/types";
import { display } from "$shared/display.svelte";
import { live } from "./live.svelte";
import { Reckoning } from "./reckoning";
import { toasts } from "./toasts.svelte";

/** How often a demo's time is read at most, while it goes otherwise than real time or much happens, in milliseconds. */
const rhythm = 500;

/** The longest that a demo's time goes without being read while something is due, in milliseconds. */
const longest = 60_000;

/** How time goes in the workspace. In a demo every time on the page goes by it. */
class WorkspaceClock {
  #now = $state.raw<Clock | null>(null);
  #busy = $state(0);
  #reckoning = new Reckoning();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer is to go off, in milliseconds of the page's own time. */
  #readsAt = 0;
  /** Counts the answers that were asked for, so that an older one never replaces a newer one. */
  #asked = 0;
  #taken = 0;
  #stopped = true;
  #sayKnown: () => void = () => undefined;
  readonly #known = new Promise<void>((say) => (this.#sayKnown = say));

  /**
   * Fulfilled once the server has said for the first time how time goes, or has failed to: what is asked for by the
   * time, in a demo whose time was moved, is asked for amiss before.
   */
  get known(): Promise<void> {
    return this.#known;
  }

  /** What the server said last; null before it has. */
  get state(): Clock | null {
    return this.#now;
  }

  /** Whether a change is on its way. */
  get busy(): boolean {
    return this.#busy > 0;
  }

  start(): () => void {
    this.#stopped = false;
    void this.#fetch();
    const stops = [
      live.on("clock", () => void this.#fetch()),
      // What is due next changes with what waits, and of that alone the server tells no clock.
      live.on("delivery", () => this.#soon(rhythm)),
      live.on("endpoint", () => this.#soon(rhythm)),
    ];
    return () => {
      this.#stopped = true;
      clearTimeout(this.#timer);
      this.#timer = undefined;
      for (const stop of stops) stop();
      display.follow(null);
    };
  }

  /** Changes a demo's time; `what` names what does not happen where that fails. */
  async change(edit: Partial<ClockEdit>, what: string): Promise<void> {
    const number = ++this.#asked;
    this.#busy += 1;
    try {
      this.#take(await api.change(edit), number);
    } catch (error) {
      toasts.failed(what, error);
    } finally {
      this.#busy -= 1;
    }
  }

  async #fetch(): Promise<void> {
    const number = ++this.#asked;
    try {
      this.#take(await api.get(), number);
    } catch {
      // It goes on as it was said last; that the server is away is told by the feed's state.
    }
    this.#sayKnown();
    this.#again();
  }

  /** Reads it again in a while where it does not simply go on, and once what is due next was due. */
  #again(): void {
    const clock = this.#now;
    if (!clock || (clock.paused && !clock.jumping_to)) return;
    if (clock.speed > 1 || clock.jumping_to) return this.#soon(rhythm);
    if (clock.next_due_at === null) return;
    const wait = Date.parse(clock.next_due_at) - Date.parse(clock.now);
    this.#soon(Math.min(Math.max(wait, 0) + rhythm, longest));
  }

  /** Reads a demo's time again within so many milliseconds. */
  #soon(within: number): void {
    if (this.#stopped || this.#now?.mode !== "virtual") return;
    const at = performance.now() + within;
    if (this.#timer !== undefined && this.#readsAt <= at) return;
    clearTimeout(this.#timer);
    this.#readsAt = at;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#fetch();
    }, within);
  }

  #take(clock: Clock, number: number): void {
    if (number < this.#taken || this.#stopped) return;
    this.#taken = number;
    this.#now = clock;
    if (clock.mode !== "virtual") return display.follow(null);
    this.#reckoning.read(clock, performance.now());
    display.follow(() => this.#reckoning.at(performance.now()));
  }
}

export const clock = new WorkspaceClock();
