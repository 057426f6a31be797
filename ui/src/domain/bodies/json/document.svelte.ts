import { inSlices, type Steps } from "../slices";
import { prettyJsonSteps } from "./pretty";
import { JsonScan, type JsonError, type JsonIndex, type ScanResult } from "./scan";

/** Characters read between two looks at the clock. */
const PIECE = 131_072;

/** A JSON text that is being read, without holding up the page. */
export class JsonDocument {
  /** What is read: the body's own text, or what was made of it. */
  #text = $state.raw<string | null>(null);
  /** From 0 to 1. */
  progress = $state(0);
  index = $state.raw<JsonIndex | null>(null);
  error = $state.raw<JsonError | null>(null);
  /** The arranged text: undefined until it is there, null where it would be too long. */
  pretty = $state.raw<string | null | undefined>(undefined);
  #stops: (() => void)[] = [];
  #arranging = false;

  /** Reads a text, or what is made of it in steps. */
  constructor(text: string | Steps<string>) {
    if (typeof text === "string") this.#read(text);
    else this.#stops.push(inSlices(text, (made) => this.#read(made)));
  }

  get text(): string {
    return this.#text ?? "";
  }

  get isReading(): boolean {
    return this.index === null && this.error === null;
  }

  /** Begins to arrange the text, where that has not begun. */
  arrange(): void {
    if (this.#arranging || !this.index) return;
    this.#arranging = true;
    this.#stops.push(inSlices(prettyJsonSteps(this.index), (pretty) => (this.pretty = pretty)));
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  #read(text: string): void {
    this.#text = text;
    const told = (result: ScanResult) => ([this.index, this.error] = [result.index, result.error]);
    this.#stops.push(inSlices(this.#scan(new JsonScan(text)), told));
  }

  *#scan(scan: JsonScan): Steps<ScanResult> {
    for (;;) {
      const result = scan.run(PIECE);
      if (result) return result;
      yield;
      this.progress = scan.progress;
    }
  }
}
