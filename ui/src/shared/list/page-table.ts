export interface Identified {
  id: string;
}

export interface PageAnswer<T> {
  data: T[];
  next_cursor: string | null;
}

/** One keyset page: where it begins, and its rows while they are held. */
export interface HeldPage<T> {
  cursor: string | null;
  rows: T[] | null;
  size: number;
  /** How many rows stand before it. */
  offset: number;
  first: string;
  last: string;
  stale: boolean;
}

/**
 * The pages of a list, newest first by id. Pure: it fetches nothing. Page boundaries stay where they were
 * cut, so a page can be let go of and fetched again by its cursor while its neighbours stay.
 */
export class PageTable<T extends Identified> {
  pages: HeldPage<T>[] = [];
  /** Where the page after the last one begins; null at the end of the list. */
  next: string | null = null;
  count = 0;

  static from<T extends Identified>(answer: PageAnswer<T>): PageTable<T> {
    const table = new PageTable<T>();
    table.#restart(answer);
    return table;
  }

  get newest(): string | null {
    return this.pages[0]?.first ?? null;
  }

  row(index: number): T | undefined {
    let low = 0;
    let high = this.pages.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const page = this.pages[middle]!;
      if (index < page.offset) high = middle - 1;
      else if (index >= page.offset + page.size) low = middle + 1;
      else return page.rows?.[index - page.offset];
    }
    return undefined;
  }

  indexOf(id: string): number {
    const page = this.pageOf(id);
    const index = page?.rows?.findIndex((row) => row.id === id) ?? -1;
    return page && index >= 0 ? page.offset + index : -1;
  }

  /** The page in whose stretch an id falls, whether the row is held or not. */
  pageOf(id: string): HeldPage<T> | undefined {
    if (this.newest === null || id > this.newest) return undefined;
    return this.pages.find((page, index) => {
      const next = this.pages[index + 1];
      return next ? id > next.first : this.next === null || id >= page.last;
    });
  }

  pagesIn(start: number, end: number): HeldPage<T>[] {
    return this.pages.filter((page) => page.offset < end && page.offset + page.size > start);
  }

  sizeOf(cursor: string | null): number {
    return this.#find(cursor)?.size ?? 0;
  }

  append(cursor: string, answer: PageAnswer<T>): void {
    if (this.next !== cursor) return;
    this.next = answer.next_cursor;
    if (answer.data.length) this.pages.push(page(cursor, answer.data));
    this.#count();
  }

  /** A page fetched again. Rows that belong to the next page, because this one lost some, stay there. */
  replace(cursor: string, answer: PageAnswer<T>): void {
    const index = this.pages.findIndex((one) => one.cursor === cursor);
    if (index < 0) return;
    const following = this.pages[index + 1];
    const rows = following ? answer.data.filter((row) => row.id > following.first) : answer.data;
    if (!following) this.next = answer.next_cursor;
    if (rows.length) this.pages[index] = page(cursor, rows);
    else this.pages.splice(index, 1);
    this.#count();
  }

  /** The newest rows, while the list is at its top. Past `most` rows the list starts afresh with them. */
  replaceHead(answer: PageAnswer<T>, most: number): void {
    const head = this.pages[0];
    // A search that was bounded has looked as far as that, whether it found anything or not.
    const reach = answer.next_cursor;
    const following = this.pages[1];
    const touches = head && reach !== null && reach <= head.first;
    if (!touches) return this.#restart(answer);
    const rows = following ? answer.data.filter((row) => row.id > following.first) : answer.data;
    const below = (head.rows ?? []).filter(
      (row) => row.id < reach && (!following || row.id > following.first),
    );
    const count = rows.length + below.length;
    if (head.rows === null || count === 0 || count > most) return this.#restart(answer);
    if (!following && !below.length) this.next = answer.next_cursor;
    this.pages[0] = page(null, [...rows, ...below]);
    this.#count();
  }

  /** The newest rows, while the list is read further down: only what is known is refreshed, the rest counted. */
  refreshHead(answer: PageAnswer<T>): number {
    const head = this.pages[0];
    if (!head) {
      this.#restart(answer);
      return 0;
    }
    const fresh = answer.data.filter((row) => row.id > head.first).length;
    if (head.rows) {
      const reach = answer.next_cursor ?? undefined;
      const complete = answer.next_cursor === null;
      const now = new Map(answer.data.map((row) => [row.id, row]));
      // A row within the answer's reach and not in it is gone, but for the newest: it marks where "new" begins.
      const rows = head.rows.flatMap((row) => {
        const current = now.get(row.id);
        if (current) return [current];
        const answered = complete || (reach !== undefined && row.id >= reach);
        return answered && row.id !== head.first ? [] : [row];
      });
      this.pages[0] = page(null, rows);
    }
    this.#count();
    return fresh;
  }

  put(row: T): boolean {
    for (const one of this.pages) {
      const index = one.rows?.findIndex((held) => held.id === row.id) ?? -1;
      if (index < 0 || !one.rows) continue;
      one.rows = one.rows.with(index, row);
      return true;
    }
    return false;
  }

  /** Lets go of rows that lie more than `keep` pages from what is seen. */
  forget(start: number, end: number, keep: number): void {
    const seen = this.pagesIn(start, Math.max(end, start + 1));
    const first = this.pages.indexOf(seen[0]!);
    if (first < 0) return;
    const last = first + seen.length - 1;
    this.pages.forEach((one, index) => {
      if (index !== 0 && (index < first - keep || index > last + keep)) one.rows = null;
    });
  }

  #restart(answer: PageAnswer<T>): void {
    this.pages = answer.data.length ? [page(null, answer.data)] : [];
    this.next = answer.next_cursor;
    this.#count();
  }

  #find(cursor: string | null): HeldPage<T> | undefined {
    return this.pages.find((one) => one.cursor === cursor);
  }

  #count(): void {
    this.count = 0;
    for (const one of this.pages) {
      one.offset = this.count;
      this.count += one.size;
    }
  }
}

function page<T extends Identified>(cursor: string | null, rows: T[]): HeldPage<T> {
  const [first, last] = [rows[0]?.id ?? "", rows.at(-1)?.id ?? ""];
  return { cursor, rows, size: rows.length, offset: 0, first, last, stale: false };
}
