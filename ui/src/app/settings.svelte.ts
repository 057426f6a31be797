import { display } from "$shared/display.svelte";

export type Theme = "system" | "light" | "dark";

interface Stored {
  theme: Theme;
  utc: boolean;
}

/** The same key is read by public/theme.js before the first paint. */
const key = "hookbench.settings";
const initial: Stored = { theme: "system", utc: false };

function read(): Stored {
  try {
    return { ...initial, ...(JSON.parse(localStorage.getItem(key) ?? "{}") as Partial<Stored>) };
  } catch {
    return { ...initial };
  }
}

/** What belongs to this page and not to the workspace: how things look here. */
class Settings {
  #stored = $state<Stored>(read());

  constructor() {
    this.#apply();
    addEventListener("storage", (event) => {
      if (event.key !== key) return;
      this.#stored = read();
      this.#apply();
    });
  }

  get theme(): Theme {
    return this.#stored.theme;
  }

  set theme(theme: Theme) {
    this.#change({ theme });
  }

  get utc(): boolean {
    return this.#stored.utc;
  }

  set utc(utc: boolean) {
    this.#change({ utc });
  }

  #change(changes: Partial<Stored>): void {
    Object.assign(this.#stored, changes);
    try {
      localStorage.setItem(key, JSON.stringify(this.#stored));
    } catch {
      // Without storage the choice lasts as long as the page.
    }
    this.#apply();
  }

  #apply(): void {
    display.utc = this.#stored.utc;
    if (this.#stored.theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.#stored.theme;
  }
}

export const settings = new Settings();
