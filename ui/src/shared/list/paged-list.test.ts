import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PageAnswer } from "./page-table";
import { PagedList } from "./paged-list.svelte";

interface Row {
  id: string;
  note: string;
}

const idOf = (number: number) => `r${String(number).padStart(6, "0")}`;

/** A backend whose answers come when the test says so. */
class Backend {
  rows: Row[] = [];
  waiting: (() => void)[] = [];
  calls: (string | null)[] = [];
  held = false;

  constructor(count: number) {
    for (let number = count; number >= 1; number--) this.rows.push({ id: idOf(number), note: "" });
  }

  add(number: number): string {
    this.rows.unshift({ id: idOf(number), note: "" });
    return idOf(number);
  }

  fetch = (cursor: string | null, limit: number, signal: AbortSignal): Promise<PageAnswer<Row>> => {
    this.calls.push(cursor);
    const older = this.rows.filter((row) => cursor === null || row.id < cursor);
    const data = older.slice(0, limit).map((row) => ({ ...row }));
    const answer = { data, next_cursor: older.length > limit ? data.at(-1)!.id : null };
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
      if (this.held) this.waiting.push(() => resolve(answer));
      else resolve(answer);
    });
  };

  release(): void {
    for (const answer of this.waiting.splice(0)) answer();
  }
}

const settle = () => vi.advanceTimersByTimeAsync(200);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a paged list", () => {
  it("fetches the next page before its place is reached, and no further", async () => {
    const backend = new Backend(1_000);
    const list = new PagedList(backend.fetch, { limit: 100 });
    await settle();
    list.show(0, 30, true);
    await settle();
    expect(list.count).toBe(200);
    list.show(150, 180, false);
    await settle();
    expect(list.count).toBe(300);
    expect(list.hasMore).toBe(true);
  });

  it("lets go of what is far away and fetches it again when it is near", async () => {
    const backend = new Backend(2_000);
    const list = new PagedList(backend.fetch, { limit: 100, keep: 1 });
    await settle();
    for (let at = 0; at < 1_900; at += 90) {
      list.show(at, at + 30, at === 0);
      await settle();
    }
    expect(list.row(500)).toBeUndefined();
    list.show(500, 530, false);
    await settle();
    expect(list.row(500)?.id).toBe(idOf(1_500));
  });

  it("takes new rows in at its top and only counts them elsewhere", async () => {
    const backend = new Backend(500);
    const list = new PagedList(backend.fetch, { limit: 100 });
    await settle();
    list.show(0, 30, true);
    list.touch([backend.add(501)]);
    await settle();
    expect(list.row(0)?.id).toBe(idOf(501));
    list.show(60, 90, false);
    list.touch([backend.add(502), backend.add(503)]);
    await settle();
    expect(list.row(0)?.id).toBe(idOf(501));
    expect(list.fresh).toBe(2);
    list.toTop();
    await settle();
    expect(list.row(0)?.id).toBe(idOf(503));
    expect(list.fresh).toBe(0);
  });

  it("says when more came than it counted", async () => {
    const backend = new Backend(500);
    const list = new PagedList(backend.fetch, { limit: 100 });
    await settle();
    list.show(60, 90, false);
    await settle();
    list.touch(Array.from({ length: 300 }, (_, index) => backend.add(501 + index)));
    await settle();
    expect([list.fresh, list.freshOverflows]).toEqual([100, true]);
  });

  it("misses no change that comes while a page is on its way", async () => {
    const backend = new Backend(50);
    const list = new PagedList(backend.fetch, { limit: 100 });
    await settle();
    list.show(0, 30, true);
    backend.held = true;
    list.touch([idOf(40)]);
    await settle();
    backend.rows[10]!.note = "changed";
    list.touch([idOf(40)]);
    await settle();
    backend.held = false;
    backend.release();
    await settle();
    expect(list.find(idOf(40))?.note).toBe("changed");
  });

  it("gathers many changes into one fetch", async () => {
    const backend = new Backend(50);
    const list = new PagedList(backend.fetch, { limit: 100 });
    await settle();
    list.show(0, 30, true);
    backend.calls = [];
    for (let number = 1; number <= 50; number++) list.touch([idOf(number)]);
    await settle();
    expect(backend.calls).toEqual([null]);
  });

  it("answers of an old filter do not come through", async () => {
    const backend = new Backend(50);
    backend.held = true;
    const list = new PagedList(backend.fetch, { limit: 100 });
    list.reset(async () => ({ data: [{ id: "x", note: "" }], next_cursor: null }));
    backend.release();
    await settle();
    expect(list.count).toBe(1);
  });

  it("keeps what it holds when a fetch fails, and tries again on the next change", async () => {
    const backend = new Backend(50);
    let fails = false;
    const list = new PagedList<Row>((...call) =>
      fails ? Promise.reject(new Error("away")) : backend.fetch(...call),
    );
    await settle();
    list.show(0, 30, true);
    fails = true;
    list.touch([backend.add(51)]);
    await settle();
    expect([list.count, list.status]).toEqual([50, "ready"]);
    fails = false;
    list.touch(null);
    await settle();
    expect(list.count).toBe(51);
  });
});
