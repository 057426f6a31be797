import { signatures } from "$api/signatures";
import type { Scheme } from "$api/types";

/** The signature schemes known. They are part of the program, so one reading lasts as long as the page. */
class Schemes {
  #all = $state.raw<Scheme[] | null>(null);
  #error = $state.raw<unknown>(null);
  #reading: Promise<void> | null = null;

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
    this.#reading ??= this.#read().finally(() => {
      if (this.#all === null) this.#reading = null;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    try {
      this.#all = (await signatures.schemes()).data;
      this.#error = null;
    } catch (error) {
      this.#error = error;
    }
  }
}

export const schemes = new Schemes();
