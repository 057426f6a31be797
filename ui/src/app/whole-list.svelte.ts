import { isAbort } from "$api/problem";
import type { Noun } from "$api/types";
import { live } from "$app/live.svelte";

/** Changes are gathered for this long, in milliseconds. */
const gather = 150;

interface Page<T> {
  data: T[];
  next_cursor?: string | null;
}

/** How one page of the list is fetched. */
export type FetchPage<T> = (
  query: { limit: number; cursor: string | null },
  options: { signal: AbortSignal },
) => Promise<Page<T>>;

/** All things of a kind that there are few of, fetched whole and kept current. */
export class WholeList<T extends { id: string }> {
  #all = $state.raw<T[] | null>(null);
  #error = $state.raw<unknown>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #abort = new AbortController();
  #noun: Noun;
  #fetch: FetchPage<T>;

  constructor(noun: Noun, fetch: FetchPage<T>) {
    this.#noun = noun;
    this.#fetch = fetch;
  }

  /** Newest first; null until they are known. */
  get all(): T[] | null {
    return this.#all;
  }

  get error(): unknown {
    return this.#error;
  }

  /** Fetches them and keeps them current until the returned function is called. */
  start(): () => void {
    void this.refresh();
    const stop = live.on(this.#noun, () => {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        void this.refresh();
      }, gather);
    });
    return () => {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#abort.abort();
      stop();
    };
  }

  find(id: string | null | undefined): T | null {
    return this.#all?.find((one) => one.id === id) ?? null;
  }

  /** Takes in one that was just made or changed. */
  put(thing: T): void {
    const all = this.#all ?? [];
    this.#all = all.some((one) => one.id === thing.id)
      ? all.map((one) => (one.id === thing.id ? thing : one))
      : [thing, ...all];
  }

  drop(id: string): void {
    this.#all = this.#all?.filter((one) => one.id !== id) ?? null;
  }

  async refresh(): Promise<void> {
    this.#abort.abort();
    const { signal } = (this.#abort = new AbortController());
    try {
      const all: T[] = [];
      let cursor: string | null = null;
      do {
        const page: Page<T> = await this.#fetch({ limit: 500, cursor }, { signal });
        all.push(...page.data);
        cursor = page.next_cursor ?? null;
      } while (cursor !== null);
      this.#all = all;
      this.#error = null;
    } catch (error) {
      if (!isAbort(error)) this.#error = error;
    }
  }
}
