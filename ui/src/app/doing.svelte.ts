import { toasts } from "./toasts.svelte";

/** What somebody has asked for and that is under way: one thing at a time, and a failure is told. */
export class Doing {
  #busy = $state(false);

  get busy(): boolean {
    return this.#busy;
  }

  /** Does it, unless something is under way. `failed` names what did not happen: "The delivery was not retried". */
  async act(failed: string, call: () => Promise<unknown>): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      await call();
    } catch (error) {
      toasts.failed(failed, error);
    } finally {
      this.#busy = false;
    }
  }
}
