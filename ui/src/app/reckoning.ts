import type { Clock } from "$api/types";

/** A time that is this far ahead of what the server says was another run's, in milliseconds. */
const another = 3_600_000;

/**
 * Reckons a demo's time between two readings of it, as the server makes it: so many times as fast as real time, up to
 * what is due next, and never back.
 */
export class Reckoning {
  #at = 0;
  #since = 0;
  #rate = 0;
  #bound = Infinity;
  #shown = 0;

  /** Takes over what the server says; `since` is when it said so, in milliseconds of real time. */
  read(clock: Clock, since: number): void {
    this.#at = Date.parse(clock.now);
    this.#since = since;
    this.#rate = clock.rate;
    this.#bound = clock.next_due_at === null ? Infinity : Math.max(Date.parse(clock.next_due_at), this.#at);
    if (this.#shown - this.#at > another) this.#shown = this.#at;
  }

  /** The time at that moment of real time, in milliseconds since 1970. */
  at(real: number): number {
    const passed = Math.max(real - this.#since, 0) * this.#rate;
    // At real speed the server waits for nobody, and what is due is under way at once.
    const bound = this.#rate > 1 ? this.#bound : Infinity;
    this.#shown = Math.max(this.#shown, Math.min(this.#at + passed, bound));
    return this.#shown;
  }
}
