import { afterEach, describe, expect, it, vi } from "vitest";
import { requests } from "$api/requests";
import type { CapturedRequest } from "$api/types";
import { endedSentence, ManyWork, wentWell, type Ended } from "./many-work.svelte";

const row = (id: string) =>
  ({ id, pinned: false, colour: null, tags: [], note: "" }) as unknown as CapturedRequest;
const ids = Array.from({ length: 40 }, (_, at) => `req_${at}`);

afterEach(() => vi.restoreAllMocks());

describe("work on many", () => {
  it("can be stopped while a request is read, and the next work begins", async () => {
    const work = new ManyWork();
    const releases: (() => void)[] = [];
    vi.spyOn(requests, "update").mockImplementation(
      (id) => new Promise((resolve) => releases.push(() => resolve(row(id)))),
    );
    // The first are read at once; the next hangs until it is broken off.
    const get = vi
      .spyOn(requests, "get")
      .mockImplementation((id, options) =>
        Number(id.slice(4)) < 3
          ? Promise.resolve(row(id))
          : new Promise((_, reject) =>
              options?.signal?.addEventListener("abort", () => reject(options.signal?.reason as Error)),
            ),
      );
    const ending = work.mark({ ids }, { pinned: true }, ids.length);
    await vi.waitFor(() => expect([releases.length, get.mock.calls.length]).toEqual([3, 4]));
    work.stop();
    releases.forEach((release) => release());
    const ended = await ending;
    expect(ended).toMatchObject({ done: 3, failed: 0, stopped: true, why: null });
    expect(work.busy).toBe(false);

    const giving = ended!.undo!();
    await vi.waitFor(() => expect(releases).toHaveLength(6));
    releases.forEach((release) => release());
    expect(await giving).toMatchObject({ done: 3, failed: 0, stopped: false });
    await Promise.resolve();
    expect(work.busy).toBe(false);
  });

  it("ends where a request cannot be read, with those that were under way", async () => {
    const work = new ManyWork();
    vi.spyOn(requests, "update").mockImplementation(async (id) => row(id));
    vi.spyOn(requests, "get").mockImplementation((id) =>
      id === "req_5" ? Promise.reject(new Error("away")) : Promise.resolve(row(id)),
    );
    const ended = await work.mark({ ids }, { pinned: true }, ids.length);
    expect(ended).toMatchObject({ done: 5, failed: 0, cut: true, why: new Error("away") });
    await new Promise((resolve) => setImmediate(resolve));
    expect(work.busy).toBe(false);
    expect(wentWell(ended!)).toBe(false);
  });

  it("is one thing at a time", async () => {
    const work = new ManyWork();
    let release = (): void => undefined;
    vi.spyOn(requests, "remove").mockImplementation(() => new Promise((resolve) => (release = resolve)));
    const ending = work.delete({ ids: ["req_1"] }, 1, () => undefined);
    await vi.waitFor(() => expect(requests.remove).toHaveBeenCalled());
    expect(await work.delete({ ids: ["req_2"] }, 1, () => undefined)).toBeNull();
    release();
    expect(await ending).toMatchObject({ done: 1 });
  });

  it("is told in a sentence", () => {
    const so = (given: Partial<Ended>): string =>
      endedSentence(
        { done: 2, failed: 0, why: null, cut: false, stopped: false, undo: null, ...given },
        "marked",
      );
    expect(so({})).toBe("2 requests were marked");
    expect(so({ done: 1, failed: 1 })).toBe("1 request was marked, 1 was not");
    expect(so({ stopped: true })).toBe("2 requests were marked, then it was stopped");
    expect(so({ failed: 3, cut: true })).toBe(
      "2 requests were marked, 3 were not, then the others could not be read",
    );
  });
});
