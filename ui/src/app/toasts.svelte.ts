import { explain, isAbort } from "$api/problem";
import type { ToastItem, Tone } from "$shared/tone";

interface ToastOptions {
  detail?: string;
  action?: { label: string; run: () => void };
  /** Whether it leaves by itself though it is bad: it is to be found elsewhere. */
  passes?: boolean;
}

/** A result stays long enough to be read; an error until it is dismissed. */
const lasting = 5_000;

class Toasts {
  #next = 0;
  #items = $state.raw<ToastItem[]>([]);

  get items(): ToastItem[] {
    return this.#items;
  }

  show(tone: Tone, text: string, options: ToastOptions = {}): void {
    const id = this.#next++;
    const { passes = tone !== "bad", ...said } = options;
    this.#items = [...this.#items, { id, tone, text, ...said }].slice(-4);
    if (passes) setTimeout(() => this.dismiss(id), options.action ? lasting * 2 : lasting);
  }

  done(text: string, options?: ToastOptions): void {
    this.show("good", text, options);
  }

  /** `what` names what did not happen: "The delivery was not retried". */
  failed(what: string, error: unknown): void {
    if (isAbort(error)) return;
    this.show("bad", what, { detail: explain(error) });
  }

  dismiss(id: number): void {
    this.#items = this.#items.filter((item) => item.id !== id);
  }
}

export const toasts = new Toasts();
