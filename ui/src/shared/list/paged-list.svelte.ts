import { untrack } from "svelte";
import { PageTable, type Identified, type PageAnswer } from "./page-table";

export type FetchPage<T> = (
  cursor: string | null,
  limit: number,
  signal: AbortSignal,
) => Promise<PageAnswer<T>>;

export interface PagedListOptions {
  /** Rows in a page. */
  limit?: number;
  /** Pages kept on either side of what is seen; others keep only their place. */
  keep?: number;
  /** Changes are gathered for this long before rows are fetched again, in milliseconds. */
  gather?: number;
}

/** The longest page the API gives. */
const longest = 500;

/**
 * A list that the backend orders and filters, newest first. It fetches keyset pages as they are scrolled to,
 * holds a window of rows and lets go of the rest, refreshes rows in place when they change, and never moves
 * what is being read: while the list is away from its top, new rows are only counted.
 */
export class PagedList<T extends Identified> {
  #version = $state(0);
  #status = $state<"loading" | "ready" | "failed">("loading");
  #error = $state.raw<unknown>(null);
  #fresh = $state(0);
  #overflows = $state(false);
  #table = new PageTable<T>();
  #fetch: FetchPage<T>;
  #abort = new AbortController();
  #fetching = new Set<string | null>();
  /** Pages that changed while they were being fetched: what comes may be older than the change. */
  #again = new Set<string | null>();
  #visible = { start: 0, end: 0 };
  #atTop = true;
  #dirty = new Set<string>();
  #headDirty = false;
  /** How long the newest page took to come: one that is searched for long is not asked for all the time. */
  #took = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #limit: number;
  readonly #keep: number;
  readonly #gather: number;

  constructor(fetch: FetchPage<T>, options: PagedListOptions = {}) {
    this.#fetch = fetch;
    this.#limit = options.limit ?? 200;
    this.#keep = options.keep ?? 4;
    this.#gather = options.gather ?? 150;
    void this.#start();
  }

  /** Rows known so far; more may follow. */
  get count(): number {
    return this.#read().count;
  }

  get hasMore(): boolean {
    return this.#read().next !== null;
  }

  get status(): "loading" | "ready" | "failed" {
    return this.#status;
  }

  get error(): unknown {
    return this.#error;
  }

  /** Where a search stands that has found nothing yet and goes on; null where it has ended. */
  get reached(): string | null {
    const { count, next } = this.#read();
    return this.#status === "ready" && count === 0 ? next : null;
  }

  /** Rows that have come since and are not shown, because the list is not at its top. */
  get fresh(): number {
    return this.#fresh;
  }

  /** More rows are waiting than were counted. */
  get freshOverflows(): boolean {
    return this.#overflows;
  }

  /** The row at a place, or undefined while it is being fetched. */
  row(index: number): T | undefined {
    return this.#read().row(index);
  }

  /** Where a row stands, or -1 where it is not held. */
  indexOf(id: string): number {
    return this.#read().indexOf(id);
  }

  /** A row by its id, where it is held. */
  find(id: string): T | undefined {
    const index = this.indexOf(id);
    return index < 0 ? undefined : this.row(index);
  }

  /** Every row that is held, in order: for selections, not for drawing. */
  held(): T[] {
    return this.#read().pages.flatMap((page) => page.rows ?? []);
  }

  /** The view tells what it shows. */
  show(start: number, end: number, atTop: boolean): void {
    untrack(() => {
      this.#visible = { start, end };
      const arrived = atTop && !this.#atTop;
      this.#atTop = atTop;
      if (arrived && this.#fresh > 0) this.#schedule(true);
      this.#want();
    });
  }

  /** Another filter: the rows of the old one stay until those of the new one are there. */
  reset(fetch: FetchPage<T> = this.#fetch): void {
    untrack(() => {
      this.#fetch = fetch;
      void this.#start();
    });
  }

  /** Goes back to the newest rows. */
  toTop(): void {
    this.#atTop = true;
    this.reset();
  }

  /** Tells that rows changed, came or went. Without ids everything may have. */
  touch(ids: Iterable<string> | null): void {
    untrack(() => {
      if (ids === null) {
        for (const page of this.#table.pages) page.stale = true;
        this.#schedule(true);
        return;
      }
      const newest = this.#table.newest;
      let head = false;
      for (const id of ids) {
        if (newest === null || id > newest) head = true;
        else this.#dirty.add(id);
      }
      if (head || this.#dirty.size) this.#schedule(head);
    });
  }

  /** Puts in a row that has just been fetched or answered. */
  put(row: T): void {
    untrack(() => {
      if (this.#table.put(row)) this.#version += 1;
    });
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
  }

  #read(): PageTable<T> {
    void this.#version;
    return this.#table;
  }

  async #start(): Promise<void> {
    this.#abort.abort();
    const abort = (this.#abort = new AbortController());
    this.#fetching.clear();
    this.#again.clear();
    this.#dirty.clear();
    this.#headDirty = false;
    this.#status = "loading";
    try {
      const answer = await this.#fetch(null, this.#limit, abort.signal);
      if (abort.signal.aborted) return;
      this.#table = PageTable.from(answer);
      this.#status = "ready";
      this.#error = null;
      this.#fresh = 0;
      this.#version += 1;
      this.#want();
    } catch (error) {
      if (abort.signal.aborted) return;
      this.#status = "failed";
      this.#error = error;
    }
  }

  /** Fetches what is seen and not held, and the next page before its place is reached. */
  #want(): void {
    if (this.#status !== "ready") return;
    const { start, end } = this.#visible;
    for (const page of this.#table.pagesIn(start - this.#limit / 2, end + this.#limit / 2)) {
      if (page.rows === null || page.stale) void this.#load(page.cursor);
    }
    const { next, count } = this.#table;
    if (next !== null && end + this.#limit > count) void this.#more(next);
    this.#table.forget(start, end, this.#keep);
  }

  async #more(cursor: string): Promise<void> {
    await this.#once(cursor, this.#limit, (answer) => this.#table.append(cursor, answer));
  }

  async #load(cursor: string | null): Promise<void> {
    if (cursor === null) return this.#loadHead();
    const limit = Math.min(longest, Math.max(this.#limit, this.#table.sizeOf(cursor)));
    await this.#once(cursor, limit, (answer) => this.#table.replace(cursor, answer));
  }

  async #loadHead(): Promise<void> {
    const began = performance.now();
    const limit = Math.min(longest, Math.max(this.#limit, this.#table.sizeOf(null)));
    await this.#once(null, limit, (answer) => {
      if (this.#atTop) {
        this.#table.replaceHead(answer, longest);
        this.#fresh = 0;
      } else {
        this.#fresh = this.#table.refreshHead(answer);
        this.#overflows = this.#fresh === answer.data.length && answer.next_cursor !== null;
      }
    });
    this.#took = performance.now() - began;
  }

  async #once(cursor: string | null, limit: number, take: (answer: PageAnswer<T>) => void): Promise<void> {
    if (this.#fetching.has(cursor)) return;
    this.#fetching.add(cursor);
    const { signal } = this.#abort;
    try {
      const answer = await this.#fetch(cursor, limit, signal);
      if (signal.aborted) return;
      take(answer);
      this.#error = null;
      this.#version += 1;
    } catch (error) {
      if (signal.aborted) return;
      // What is held stays readable; the next change or scroll tries again.
      this.#error = error;
      return;
    } finally {
      if (!signal.aborted) this.#fetching.delete(cursor);
    }
    if (this.#again.delete(cursor)) void this.#load(cursor);
    this.#want();
  }

  #schedule(head: boolean): void {
    this.#headDirty ||= head;
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        this.#refresh();
      },
      Math.max(this.#gather, 2 * this.#took),
    );
  }

  #refresh(): void {
    if (this.#status === "failed") return void this.#start();
    for (const id of this.#dirty) {
      const page = this.#table.pageOf(id);
      if (!page) continue;
      page.stale = true;
      if (this.#fetching.has(page.cursor)) this.#again.add(page.cursor);
    }
    this.#dirty.clear();
    if (this.#headDirty || this.#table.pages[0]?.stale) {
      if (this.#fetching.has(null)) this.#again.add(null);
      else void this.#loadHead();
    }
    this.#headDirty = false;
    this.#want();
  }
}
