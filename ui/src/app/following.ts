import { isAbort } from "$api/problem";

/** How long after a failure it is read again at first, in milliseconds; it doubles up to `longestWait`. */
const firstWait = 1_000;
const longestWait = 30_000;

/**
 * Something that is read, and read again when it may have changed: at most so often, never given up because more
 * changes meanwhile, and once more where the change may have come too late for what was being read.
 */
export class Following {
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** That of what is being read now. */
  #abort: AbortController | null = null;
  #stale = false;
  #wait = firstWait;

  /** `rhythm` in milliseconds; `failed` is told what went wrong, and it is then tried again in a while. */
  constructor(
    private readonly read: (signal: AbortSignal) => Promise<void>,
    private readonly rhythm: number,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** It may have changed. */
  soon(): void {
    if (this.#abort) this.#stale = true;
    else this.#in(this.rhythm);
  }

  /** Reads it anew, whatever is being read; fulfilled once that is done or has failed. */
  async now(): Promise<void> {
    this.stop();
    const abort = (this.#abort = new AbortController());
    let error: unknown = null;
    try {
      await this.read(abort.signal);
    } catch (thrown) {
      error = thrown;
    }
    // Another has begun, or nobody follows any more.
    if (this.#abort !== abort) return;
    this.#abort = null;
    if (error === null) this.#wait = firstWait;
    else if (!isAbort(error)) {
      this.failed(error);
      this.#in(this.#wait);
      this.#wait = Math.min(this.#wait * 2, longestWait);
    }
    if (this.#stale) this.soon();
  }

  /** Follows it no longer, until it is asked for again. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#abort?.abort();
    this.#abort = null;
    this.#stale = false;
  }

  #in(wait: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.now();
    }, wait);
  }
}
