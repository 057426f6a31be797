import { signatures } from "$api/signatures";
import type { Scheme } from "$api/types";
import { live } from "$app/live.svelte";

/** The signature schemes known, those of the program and those of the workspace. Read once, kept current. */
class Schemes {
  #all = $state.raw<Scheme[] | null>(null);
  #error = $state.raw<unknown>(null);
  #reading: Promise<void> | null = null;
  #listens = false;

  /** Null until they are known. */
  get all(): Scheme[] | null {
    return this.#all;
  }

  get error(): unknown {
    return this.#error;
  }

  find(id: string | null | undefined): Scheme | null {
    return this.#all?.find((one) => one.id === id) ?? null;
  }

  /** Reads them unless that is done; called again after an error it tries again. */
  read(): Promise<void> {
    if (!this.#listens) {
      this.#listens = true;
      // For as long as the page: there is one such list.
      live.on("scheme", () => void this.refresh());
    }
    this.#reading ??= this.refresh().finally(() => {
      if (this.#all === null) this.#reading = null;
    });
    return this.#reading;
  }

  async refresh(): Promise<void> {
    try {
      this.#all = (await signatures.schemes()).data;
      this.#error = null;
    } catch (error) {
      this.#error = error;
    }
  }
}

export const schemes = new Schemes();
