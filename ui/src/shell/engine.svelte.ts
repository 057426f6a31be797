import { api } from "$api/index";
import { isAbort } from "$api/problem";
import { live } from "$app/live.svelte";
import type { Health, Stats } from "$api/types";

/** How often the health is read while it names trouble: how much waits because of it is told by nothing else. */
const rhythm = 5_000;

/** What the top bar says of the engine. Fetched again when something changes, at most once a second. */
export class Engine {
  health = $state.raw<Health | null>(null);
  stats = $state.raw<Stats | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  start(): () => void {
    this.#stopped = false;
    void this.#check();
    void this.#fetch();
    const soon = () => {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        void this.#fetch();
      }, 1_000);
    };
    const stops = [
      live.on("delivery", soon),
      live.on("endpoint", soon),
      live.on("health", () => void this.#check()),
      live.on("settings", () => void this.#check()),
    ];
    return () => {
      this.#stopped = true;
      clearTimeout(this.#timer);
      this.#timer = undefined;
      clearTimeout(this.#again);
      for (const stop of stops) stop();
    };
  }

  async #check(): Promise<void> {
    clearTimeout(this.#again);
    try {
      this.health = await api.stats.health();
    } catch (error) {
      if (isAbort(error)) return;
    }
    clearTimeout(this.#again);
    if (this.health?.trouble && !this.#stopped) {
      this.#again = setTimeout(() => void this.#check(), rhythm);
    }
  }

  async #fetch(): Promise<void> {
    try {
      this.stats = await api.stats.get();
    } catch (error) {
      // The bar keeps what it said last; that the engine is away is told by the feed's state.
      if (isAbort(error)) return;
    }
  }
}
