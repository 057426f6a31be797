import { providers } from "$api/providers";
import type { Provider } from "$api/types";
import { live } from "$app/live.svelte";

/** The provider profiles, those of the program and those of the workspace. Read once, kept current. */
class Catalogue {
  #all = $state.raw<Provider[] | null>(null);
  #error = $state.raw<unknown>(null);
  #reading: Promise<void> | null = null;
  #listens = false;

  /** In the API's order; null until they are known. */
  get all(): Provider[] | null {
    return this.#all;
  }

  get error(): unknown {
    return this.#error;
  }

  find(id: string | null | undefined): Provider | null {
    return this.#all?.find((one) => one.id === id) ?? null;
  }

  /** What people call a profile; its id until that is known. */
  nameOf(id: string): string {
    return this.find(id)?.name ?? id;
  }

  /** Reads them unless that is done; called again after an error it tries again. */
  read(): Promise<void> {
    if (!this.#listens) {
      this.#listens = true;
      // For as long as the page: there is one such list.
      live.on("provider", () => void this.refresh());
    }
    this.#reading ??= this.refresh().finally(() => {
      if (this.#all === null) this.#reading = null;
    });
    return this.#reading;
  }

  async refresh(): Promise<void> {
    try {
      const page = await providers.list();
      this.#all = page.data;
      this.#error = null;
    } catch (error) {
      this.#error = error;
    }
  }
}

export const catalogue = new Catalogue();
