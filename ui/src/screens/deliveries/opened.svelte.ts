import { untrack } from "svelte";
import { api } from "$api/index";
import { isAbort, Problem } from "$api/problem";
import type { DeliveryDetail } from "$api/types";
import { live } from "$app/live.svelte";
import type { Standing } from "$domain/deliveries/actions";

/** How often it is read anew at most, in milliseconds: a busy endpoint or inbox changes all the time. */
const PAUSE = 1_000;

/** The delivery that is looked at: read whole, and again whenever something of it may have changed. */
export class OpenedDelivery {
  #whole = $state.raw<DeliveryDetail | null>(null);
  #problem = $state.raw<unknown>(null);
  #standing = $state.raw<Standing | null>(null);
  #gone = $state(false);
  #abort = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What was asked for while it was not here yet: it is done as soon as it is. */
  #asked: (() => void) | null = null;

  constructor(readonly id: string) {}

  /** All of it; null until it is here. */
  get whole(): DeliveryDetail | null {
    return this.#whole;
  }

  get problem(): unknown {
    return this.#problem;
  }

  /** How its endpoint stands, as far as that says something of it. */
  get standing(): Standing | null {
    return this.#standing;
  }

  /** Whether its endpoint was deleted, as far as that was asked. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Reads it, and follows what happens; called in an effect. */
  start(): () => void {
    untrack(() => void this.load());
    const stops = [
      live.on("delivery", (changes) => {
        if (!changes.length || changes.some((change) => change.id === this.id)) void this.load();
      }),
      // An inbox keeps a request before it answers it. What got no answer may still turn out to have been received.
      live.on("request", (changes) => {
        const newest = this.#whole?.attempts.at(-1);
        const isOpen = newest?.request && !newest.response && !newest.captured_request_id;
        if (isOpen && changes.some((change) => change.action === "created")) this.#loadSoon();
      }),
      // What keeps it back changes with its endpoint: a breaker opens, a queue is let go on.
      live.on("endpoint", (changes) => {
        if (changes.some((change) => change.id === this.#whole?.endpoint_id)) this.#loadSoon();
      }),
    ];
    return () => {
      for (const stop of stops) stop();
      clearTimeout(this.#timer);
      this.#abort.abort();
    };
  }

  async load(): Promise<void> {
    this.#abort.abort();
    const { signal } = (this.#abort = new AbortController());
    try {
      const answer = await api.deliveries.get(this.id, { signal });
      if (signal.aborted) return;
      [this.#whole, this.#problem] = [answer, null];
      const wanted = this.#asked;
      this.#asked = null;
      wanted?.();
      this.#standing = await this.#standingOf(answer, signal);
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      [this.#problem, this.#asked] = [error, null];
    }
  }

  /** A key may be quicker than the answer: what needs the attempts waits for them. */
  withAttempts(run: () => void): void {
    if (this.#whole) run();
    else this.#asked = run;
  }

  /** Without its endpoint's standing the page stands as well. */
  async #standingOf(one: DeliveryDetail, signal: AbortSignal): Promise<Standing | null> {
    const ended = one.status === "delivered" || one.status === "cancelled";
    if (one.endpoint_id === null || ended) return null;
    try {
      // One after the other: where there is none, there is no health to ask for.
      const endpoint = await api.endpoints.get(one.endpoint_id, { signal });
      // Nothing of it keeps back what goes elsewhere.
      if (one.own_url) return null;
      return { endpoint, health: await api.endpoints.health(one.endpoint_id, { signal }) };
    } catch (error) {
      if (isAbort(error)) throw error;
      this.#gone = error instanceof Problem && error.status === 404;
      return null;
    }
  }

  #loadSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.load();
    }, PAUSE);
  }
}
