import type { JsonError, JsonIndex } from "./scan";
import { prettyJsonSteps } from "./pretty";
import { JsonScan } from "./scan";

/** Characters read between two looks at the clock. */
const PIECE = 262_144;
/** How long a piece of work may hold up the page, in milliseconds. */
const SLICE = 12;

/** A JSON text that is being read, without holding up the page. */
export class JsonDocument {
  readonly text: string;
  /** From 0 to 1. */
  progress = $state(0);
  index = $state.raw<JsonIndex | null>(null);
  error = $state.raw<JsonError | null>(null);
  /** The arranged text: undefined until it is there, null where it would be too long. */
  pretty = $state.raw<string | null | undefined>(undefined);
  #stopped = false;
  #arranging = false;

  constructor(text: string) {
    this.text = text;
    void this.#read(new JsonScan(text));
  }

  get isReading(): boolean {
    return this.index === null && this.error === null;
  }

  /** Begins to arrange the text, where that has not begun. */
  arrange(): void {
    if (this.#arranging || !this.index) return;
    this.#arranging = true;
    void this.#arrange(prettyJsonSteps(this.index));
  }

  stop(): void {
    this.#stopped = true;
  }

  async #read(scan: JsonScan): Promise<void> {
    while (!this.#stopped) {
      const since = performance.now();
      let result = scan.run(PIECE);
      while (result === null && performance.now() - since < SLICE) result = scan.run(PIECE);
      if (result) {
        this.index = result.index;
        this.error = result.error;
        return;
      }
      this.progress = scan.progress;
      await rest();
    }
  }

  async #arrange(steps: ReturnType<typeof prettyJsonSteps>): Promise<void> {
    while (!this.#stopped) {
      const since = performance.now();
      let step = steps.next();
      while (!step.done && performance.now() - since < SLICE) step = steps.next();
      if (step.done) {
        this.pretty = step.value;
        return;
      }
      await rest();
    }
  }
}

/** Lets the page draw and react. */
function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
