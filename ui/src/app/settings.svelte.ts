import { settings as api } from "$api/settings";
import type { WorkspaceSettings } from "$api/types";
import { display } from "$shared/display.svelte";
import { live } from "./live.svelte";
import { toasts } from "./toasts.svelte";

export type Theme = WorkspaceSettings["theme"];

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

/**
 * How things look. The theme is the workspace's, so that the window, which takes its colours from there, and
 * every page wear the same; this page keeps a copy for its first paint. The zone belongs to the page alone.
 */
class Settings {
  #stored = $state<Stored>(read());
  /** Counts the themes that were chosen here, to know which answers are older than a choice. */
  #choices = 0;
  #saving = 0;

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
    const before = this.theme;
    this.#change({ theme });
    void this.#save(theme, before);
  }

  /** Wears the workspace's theme, now and whenever it changes, until the function returned is called. */
  follow(): () => void {
    void this.#fetch();
    return live.on("settings", () => void this.#fetch());
  }

  async #save(theme: Theme, before: Theme): Promise<void> {
    const choice = ++this.#choices;
    this.#saving += 1;
    try {
      await api.update({ theme });
    } catch (error) {
      if (choice === this.#choices) this.#change({ theme: before });
      toasts.failed("The theme was not saved", error);
    } finally {
      this.#saving -= 1;
    }
  }

  async #fetch(): Promise<void> {
    const choice = this.#choices;
    try {
      const { theme } = await api.get();
      if (choice === this.#choices && !this.#saving) this.#change({ theme });
    } catch {
      // The copy serves until the feed is back and tells of changes.
    }
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
