import { transport, type FeedState } from "$api/transport";
import type { Change, Noun } from "$api/types";

type Listener = (changes: Change[]) => void;

/** Changes are handed on at most this often, in milliseconds: lists redraw in batches, not per change. */
const rhythm = 50;

/** The change feed, opened once and shared by everything on the page. */
class Live {
  #state = $state<FeedState>("connecting");
  #listeners = new Map<Noun, Set<Listener>>();
  #resyncs = new Set<() => void>();
  #waiting: Change[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #close: (() => void) | undefined;

  get state(): FeedState {
    return this.#state;
  }

  start(): () => void {
    this.#close ??= transport.subscribe({
      changes: (batch) => this.#gather(batch),
      resync: () => this.#resync(),
      state: (state) => (this.#state = state),
    });
    return () => {
      this.#close?.();
      this.#close = undefined;
    };
  }

  /** Calls `changed` with what happened to a noun, and `resync` when all of it may have. */
  on(noun: Noun, changed: Listener, resync: () => void = () => changed([])): () => void {
    const listeners = this.#listeners.get(noun) ?? new Set();
    this.#listeners.set(noun, listeners.add(changed));
    this.#resyncs.add(resync);
    return () => {
      listeners.delete(changed);
      this.#resyncs.delete(resync);
    };
  }

  #gather(batch: Change[]): void {
    for (const change of batch) this.#waiting.push(change);
    this.#timer ??= setTimeout(() => this.#flush(), rhythm);
  }

  #flush(): void {
    this.#timer = undefined;
    const byNoun = group(this.#waiting);
    this.#waiting = [];
    for (const [noun, changes] of byNoun) {
      for (const listener of this.#listeners.get(noun) ?? []) listener(changes);
    }
  }

  #resync(): void {
    this.#waiting = [];
    for (const resync of this.#resyncs) resync();
  }
}

function group(changes: Change[]): Map<Noun, Change[]> {
  const groups = new Map<Noun, Change[]>();
  for (const change of changes) {
    const same = groups.get(change.type);
    if (same) same.push(change);
    else groups.set(change.type, [change]);
  }
  return groups;
}

export const live = new Live();
