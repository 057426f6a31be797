import { recall, remember } from "$shared/memory";

/** Patterns kept for one kind of request; more are no help to anybody. */
const MOST = 100;

/** The paths that are left out of comparisons of one kind of request, kept from visit to visit. */
export class Ignored {
  readonly #key: string;
  patterns = $state.raw<string[]>([]);

  /** For what an inbox receives of one event type, or of none. */
  constructor(inboxId: string, eventType: string | null) {
    this.#key = `compare.ignored.${inboxId}.${(eventType ?? "").slice(0, 200)}`;
    this.patterns = read(recall(this.#key));
  }

  add(pattern: string): void {
    if (!this.patterns.includes(pattern)) this.#keep([...this.patterns, pattern].slice(-MOST));
  }

  remove(pattern: string): void {
    this.#keep(this.patterns.filter((one) => one !== pattern));
  }

  #keep(patterns: string[]): void {
    this.patterns = patterns;
    remember(this.#key, JSON.stringify(patterns));
  }
}

function read(kept: string | null): string[] {
  try {
    const value: unknown = JSON.parse(kept ?? "[]");
    return Array.isArray(value) ? value.filter((one) => typeof one === "string").slice(-MOST) : [];
  } catch {
    return [];
  }
}
