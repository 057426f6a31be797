import { requests } from "$api/requests";
import type { CapturedRequest, RequestEdits } from "$api/types";
import { count, plural } from "$shared/size";
import {
  eachOf,
  editsOf,
  idsOf,
  requestsOf,
  undoOf,
  unlessGone,
  type Done,
  type Marking,
  type Several,
} from "./several";

/** What came of a work, for whoever tells it. */
export interface Ended extends Done {
  /** Whether somebody stopped it. */
  stopped: boolean;
  /** Makes all of it again what it was; null where there is nothing to give back. */
  undo: (() => Promise<Ended | null>) | null;
}

/** Something that is being done with many captured requests: one thing at a time, and it can be stopped. */
export class ManyWork {
  #now = $state.raw<{ verb: string; total: number | null; done: Done } | null>(null);
  #abort: AbortController | null = null;

  get busy(): boolean {
    return this.#now !== null;
  }

  /** How far it is: how many were gone through, and of how many where that is known. */
  get value(): number {
    return this.#now ? this.#now.done.done + this.#now.done.failed : 0;
  }

  get total(): number | null {
    return this.#now?.total ?? null;
  }

  /** How far it is, in a sentence: "Deleting: 120 of 3,000". */
  get text(): string {
    if (!this.#now) return "";
    const { verb, total, done } = this.#now;
    const of = total === null ? "" : ` of ${count(total)}`;
    return `${verb}: ${count(this.value)}${of}${done.failed ? `, ${count(done.failed)} failed` : ""}`;
  }

  stop(): void {
    this.#abort?.abort();
  }

  /** Puts marks on each. */
  async mark(several: Several, marking: Marking, total: number | null): Promise<Ended | null> {
    const before: [id: string, edits: RequestEdits][] = [];
    const ended = await this.#run<CapturedRequest>("Marking", total, (signal) => ({
      items: requestsOf(several, signal),
      act: async (request) => {
        const edits = editsOf(request, marking);
        if (!edits || !(await unlessGone(requests.update(request.id, edits)))) return;
        before.push([request.id, undoOf(request, edits)]);
      },
    }));
    return ended && { ...ended, undo: before.length > 0 ? () => this.#giveBack(before) : null };
  }

  /** Deletes each; `removed` hears which. */
  delete(several: Several, total: number | null, removed: (id: string) => void): Promise<Ended | null> {
    return this.#run<string>("Deleting", total, (signal) => ({
      items: idsOf(several, signal),
      act: async (id) => {
        await unlessGone(requests.remove(id));
        removed(id);
      },
    }));
  }

  #giveBack(before: [id: string, edits: RequestEdits][]): Promise<Ended | null> {
    async function* items() {
      yield* before;
    }
    return this.#run("Giving back the marks", before.length, () => ({
      items: items(),
      act: async ([id, edits]) => void (await unlessGone(requests.update(id, edits))),
    }));
  }

  async #run<T>(
    verb: string,
    total: number | null,
    work: (signal: AbortSignal) => {
      items: AsyncGenerator<T, void, void>;
      act: (item: T) => Promise<void>;
    },
  ): Promise<Ended | null> {
    if (this.#now) return null;
    const abort = (this.#abort = new AbortController());
    this.#now = { verb, total, done: { done: 0, failed: 0, why: null, cut: false } };
    try {
      const { items, act } = work(abort.signal);
      const told = (done: Done) => void (this.#now = { verb, total, done });
      const done = await eachOf(items, act, told, abort.signal);
      return { ...done, stopped: abort.signal.aborted, undo: null };
    } finally {
      this.#now = null;
    }
  }
}

/** Whether all of it was done, or somebody stopped it. */
export const wentWell = ({ failed, cut }: Ended): boolean => failed === 0 && !cut;

/** What came of it, in a sentence: "3 requests were deleted", "2 of 3 requests were marked". */
export function endedSentence(ended: Ended, did: string): string {
  const { done, failed, stopped, cut } = ended;
  const said = `${plural(done, "request")} ${done === 1 ? "was" : "were"} ${did}`;
  const rest = [
    ...(failed > 0 ? [`${plural(failed, "was", "were")} not`] : []),
    ...(stopped ? ["then it was stopped"] : cut ? ["then the others could not be read"] : []),
  ];
  return [said, ...rest].join(", ");
}
