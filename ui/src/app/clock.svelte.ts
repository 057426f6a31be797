import { clock as api } from "$api/clock";
import type { Clock, ClockEdit } from "$api/types";
import { display } from "$shared/display.svelte";
import { live } from "./live.svelte";
import { Reckoning } from "./reckoning";
import { toasts } from "./toasts.svelte";

/** How often a demo's time is read while it goes otherwise than real time, in milliseconds. */
const rhythm = 500;

/** How time goes in the workspace. In a demo every time on the page goes by it. */
class WorkspaceClock {
  #now = $state.raw<Clock | null>(null);
  #busy = $state(0);
  #reckoning = new Reckoning();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts the answers that were asked for, so that an older one never replaces a newer one. */
  #asked = 0;
  #taken = 0;
  #stopped = true;

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
    const stop = live.on("clock", () => void this.#fetch());
    return () => {
      this.#stopped = true;
      clearTimeout(this.#timer);
      stop();
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
    this.#again();
  }

  /** Reads it again in a while where it does not simply go on. */
  #again(): void {
    clearTimeout(this.#timer);
    const clock = this.#now;
    if (this.#stopped || clock?.mode !== "virtual") return;
    const still = clock.paused && !clock.jumping_to;
    if (!still && (clock.speed > 1 || clock.jumping_to)) {
      this.#timer = setTimeout(() => void this.#fetch(), rhythm);
    }
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
