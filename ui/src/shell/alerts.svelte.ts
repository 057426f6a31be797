import { api } from "$api/index";
import { settings as workspace } from "$api/settings";
import type { Alert, Change } from "$api/types";
import { inWindow } from "$api/window";
import { live } from "$app/live.svelte";
import { router } from "$app/router.svelte";
import { toasts } from "$app/toasts.svelte";
import { wordsOf, type Facts, type Told } from "./alert-words";

/** What comes within this time, in milliseconds, after an alert was shown is one message. */
const pause = 10_000;

/**
 * Alerts as messages of the page, as far as the workspace's settings choose them. In Hookbench's own window the
 * desktop shows them, and the page does not repeat it.
 */
export class Alerts {
  #chosen: readonly Alert[] = [];
  #told: Told[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  start(): () => void {
    if (inWindow()) return () => undefined;
    void this.#choose();
    const stops = [
      live.on("settings", () => void this.#choose()),
      live.on(
        "alert",
        (changes) => this.#gather(changes),
        () => undefined,
      ),
    ];
    return () => {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      for (const stop of stops) stop();
    };
  }

  async #choose(): Promise<void> {
    try {
      this.#chosen = (await workspace.get()).notify_on;
    } catch {
      // What was chosen last holds until the settings can be read.
    }
  }

  #gather(changes: Change[]): void {
    for (const { id, parent, status } of changes) {
      const alert = this.#chosen.find((one) => one === status);
      if (alert) this.#told.push({ alert, delivery: id, endpoint: parent });
    }
    if (this.#timer === undefined) void this.#show();
  }

  async #show(): Promise<void> {
    const told = this.#told;
    const newest = told.at(-1);
    this.#timer = undefined;
    if (!newest) return;
    this.#told = [];
    this.#timer = setTimeout(() => void this.#show(), pause);
    const words = wordsOf(told, await factsOf(newest));
    if (!words) return;
    const { screen, id, query } = words.address;
    toasts.show(words.good ? "good" : "bad", words.text, {
      ...(words.detail === undefined ? {} : { detail: words.detail }),
      passes: true,
      action: { label: "Show", run: () => router.go(screen, id, query) },
    });
  }
}

async function factsOf(told: Told): Promise<Facts | null> {
  try {
    return await api.deliveries.get(told.delivery);
  } catch {
    return null;
  }
}
