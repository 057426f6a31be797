import { endpoints } from "$api/endpoints";
import { isAbort } from "$api/problem";
import type { Endpoint } from "$api/types";
import { live } from "$app/live.svelte";

/** Changes are gathered for this long, in milliseconds. */
const gather = 150;

/** Every endpoint of the workspace: the list filters them as one types, and Compose needs all to choose from. */
export class Endpoints {
  #all = $state.raw<Endpoint[] | null>(null);
  #error = $state.raw<unknown>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #abort = new AbortController();

  /** Newest first; null until they are known. */
  get all(): Endpoint[] | null {
    return this.#all;
  }

  get error(): unknown {
    return this.#error;
  }

  /** Fetches them and keeps them current until the returned function is called. */
  start(): () => void {
    void this.refresh();
    const stop = live.on("endpoint", () => {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        void this.refresh();
      }, gather);
    });
    return () => {
      clearTimeout(this.#timer);
      this.#abort.abort();
      stop();
    };
  }

  find(id: string | null | undefined): Endpoint | null {
    return this.#all?.find((one) => one.id === id) ?? null;
  }

  /** Takes in one that was just made or changed. */
  put(endpoint: Endpoint): void {
    const all = this.#all ?? [];
    this.#all = all.some((one) => one.id === endpoint.id)
      ? all.map((one) => (one.id === endpoint.id ? endpoint : one))
      : [endpoint, ...all];
  }

  drop(id: string): void {
    this.#all = this.#all?.filter((one) => one.id !== id) ?? null;
  }

  async refresh(): Promise<void> {
    this.#abort.abort();
    const { signal } = (this.#abort = new AbortController());
    try {
      const all: Endpoint[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof endpoints.list>> = await endpoints.list(
          { limit: 500, cursor },
          { signal },
        );
        all.push(...page.data);
        cursor = page.next_cursor;
      } while (cursor !== null);
      this.#all = all;
      this.#error = null;
    } catch (error) {
      if (!isAbort(error)) this.#error = error;
    }
  }
}
