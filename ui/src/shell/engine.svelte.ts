import { api } from "$api/index";
import { isAbort } from "$api/problem";
import { live } from "$app/live.svelte";
import type { Health, Stats } from "$api/types";

/** What the top bar says of the engine. Fetched again when something changes, at most once a second. */
export class Engine {
  health = $state.raw<Health | null>(null);
  stats = $state.raw<Stats | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  start(): () => void {
    void this.#fetch();
    const soon = () => {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        void this.#fetch();
      }, 1_000);
    };
    const stop = live.on("delivery", soon);
    return () => {
      clearTimeout(this.#timer);
      stop();
    };
  }

  async #fetch(): Promise<void> {
    try {
      [this.health, this.stats] = await Promise.all([this.health ?? api.stats.health(), api.stats.get()]);
    } catch (error) {
      // The bar keeps what it said last; that the engine is away is told by the feed's state.
      if (isAbort(error)) return;
    }
  }
}
