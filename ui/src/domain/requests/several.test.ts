import { describe, expect, it, vi } from "vitest";
import { requests } from "$api/requests";
import type { CapturedRequest } from "$api/types";
import { eachOf, editsOf, frozen, idsOf, requestsOf, tagsOf, undoOf } from "./several";

const request = { pinned: false, colour: null, tags: ["a", "b"], note: "" };

describe("marking several", () => {
  it("changes of each only what is not so already", () => {
    expect(editsOf(request, { pinned: true, addTags: ["b", "c"] })).toEqual({
      pinned: true,
      tags: ["a", "b", "c"],
    });
    expect(editsOf(request, { pinned: false, colour: null, addTags: ["a"], dropTags: ["x"] })).toBeNull();
    expect(editsOf({ ...request, colour: "red" }, { colour: null })).toEqual({ colour: null });
    expect(editsOf(request, { dropTags: ["a"], addTags: ["c"] })).toEqual({ tags: ["b", "c"] });
  });

  it("writes a note below the one that is there", () => {
    expect(editsOf(request, { addNote: "asked" })).toEqual({ note: "asked" });
    expect(editsOf({ ...request, note: "seen" }, { addNote: "asked" })).toEqual({ note: "seen\nasked" });
  });

  it("can be taken back", () => {
    const edits = editsOf(request, { pinned: true, colour: "red", addTags: ["c"], addNote: "n" });
    expect(undoOf(request, edits!)).toEqual({ pinned: false, colour: null, tags: ["a", "b"], note: "" });
    expect(undoOf(request, { pinned: true })).toEqual({ pinned: false });
  });

  it("takes tags with commas between", () => {
    expect(tagsOf(" a,b ,, a")).toEqual(["a", "b"]);
  });
});

async function* numbers(count: number): AsyncGenerator<number, void, void> {
  for (let at = 0; at < count; at++) yield at;
}

describe("doing something with each of several", () => {
  it("goes on where one fails, and says why the first did", async () => {
    const told = vi.fn();
    const act = async (at: number): Promise<void> => {
      if (at % 10 === 3) throw new Error(`not ${at}`);
    };
    const so = await eachOf(numbers(50), act, told, new AbortController().signal);
    expect(so).toMatchObject({ done: 45, failed: 5, why: new Error("not 3") });
    expect(told).toHaveBeenCalledTimes(50);
  });

  it("leaves the rest where nothing comes of it", async () => {
    let tried = 0;
    const act = async (): Promise<void> => {
      tried++;
      throw new Error("no");
    };
    const so = await eachOf(numbers(1_000), act, () => undefined, new AbortController().signal);
    expect(so.done).toBe(0);
    expect(tried).toBeLessThan(30);
  });

  it("stops when it is told to", async () => {
    const abort = new AbortController();
    let acted = 0;
    const act = async (): Promise<void> => {
      if (++acted === 10) abort.abort();
    };
    const so = await eachOf(numbers(1_000), act, () => undefined, abort.signal);
    expect(so.done).toBeLessThan(20);
  });

  /** Numbers that cannot be read on from the fifth. */
  async function* cutShort(why: () => Promise<never>): AsyncGenerator<number, void, void> {
    for (let at = 0; at < 4; at++) yield at;
    await why();
  }

  it("ends with those under way where the next cannot be read, and says why", async () => {
    const releases: (() => void)[] = [];
    const told = vi.fn();
    const act = () => new Promise<void>((resolve) => releases.push(resolve));
    let isOver = false;
    const ending = eachOf(
      cutShort(() => Promise.reject(new Error("away"))),
      act,
      told,
      new AbortController().signal,
    ).finally(() => (isOver = true));
    await vi.waitFor(() => expect(releases).toHaveLength(4));
    releases[0]!();
    await vi.waitFor(() => expect(told).toHaveBeenCalledTimes(1));
    // The worker that is done reads on, and that fails; the others still act.
    await new Promise((resolve) => setImmediate(resolve));
    expect(isOver).toBe(false);
    releases.forEach((release) => release());
    expect(await ending).toEqual({ done: 4, failed: 0, why: new Error("away"), cut: true });
    expect(told).toHaveBeenCalledTimes(4);
  });

  it("is stopped while the next is read without that being a fault", async () => {
    const abort = new AbortController();
    const untilStopped = () =>
      new Promise<never>((_, reject) =>
        abort.signal.addEventListener("abort", () => reject(abort.signal.reason as Error)),
      );
    const act = async (at: number): Promise<void> => {
      if (at === 3) abort.abort();
    };
    const so = await eachOf(cutShort(untilStopped), act, () => undefined, abort.signal);
    expect(so).toEqual({ done: 4, failed: 0, why: null, cut: false });
  });
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe("all that a filter matches, when somebody is asked about them", () => {
  const { signal } = new AbortController();

  it("are counted up to what was received last, and those are what is gone through", async () => {
    const newest = { received_at: "2026-11-22T05:00:00.123Z" } as CapturedRequest;
    const list = vi.spyOn(requests, "list").mockResolvedValue({ data: [newest], next_cursor: "1" });
    const count = vi.spyOn(requests, "count").mockResolvedValue({ count: 12 });
    const held = { inbox_id: "inb_1", filter: "type:a", until: "2026-11-22T05:00:00.124Z" };
    const filter = { inbox_id: "inb_1", filter: "type:a" };
    expect(await frozen(filter, signal)).toEqual({ several: { filter: held }, total: 12 });
    expect(list).toHaveBeenCalledWith({ inbox_id: "inb_1", limit: 1 }, { signal });
    expect(count).toHaveBeenCalledWith(held, { signal });
    const earlier = { until: "2026-11-21T00:00:00.000Z" };
    expect((await frozen(earlier, signal)).several).toEqual({ filter: earlier });
    vi.restoreAllMocks();
  });

  it("are none where nothing was received, and not known where they cannot be counted", async () => {
    const list = vi.spyOn(requests, "list").mockResolvedValue({ data: [], next_cursor: null });
    expect(await frozen({}, signal)).toEqual({ several: { ids: [] }, total: 0 });
    list.mockRejectedValue(new Error("away"));
    await expect(frozen({}, signal)).rejects.toThrow("away");
    vi.restoreAllMocks();
  });
});

describe("which they are", () => {
  const row = (id: string) => ({ id }) as CapturedRequest;

  it("are all pages of a filter, an empty one between them too", async () => {
    const list = vi
      .spyOn(requests, "list")
      .mockResolvedValueOnce({ data: [row("c"), row("b")], next_cursor: "1" })
      .mockResolvedValueOnce({ data: [], next_cursor: "2" })
      .mockResolvedValueOnce({ data: [row("a")], next_cursor: null });
    const ids = await all(idsOf({ filter: { filter: "is:pinned" } }, new AbortController().signal));
    expect(ids).toEqual(["c", "b", "a"]);
    expect(list.mock.calls.map(([query]) => query?.cursor)).toEqual([null, "1", "2"]);
    list.mockRestore();
  });

  it("are those named, without one that is gone", async () => {
    const get = vi
      .spyOn(requests, "get")
      .mockImplementation((id) => (id === "b" ? Promise.reject({ status: 404 }) : Promise.resolve(row(id))));
    const found = await all(requestsOf({ ids: ["a", "b", "c"] }, new AbortController().signal));
    expect(found.map((one) => one.id)).toEqual(["a", "c"]);
    get.mockRestore();
  });
});
