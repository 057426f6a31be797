import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Following } from "./following";

/** Something whose readings end when the test says so. */
function slow() {
  const ends: { done: () => void; fail: (error: unknown) => void; signal: AbortSignal }[] = [];
  const failures: unknown[] = [];
  const following = new Following(
    (signal) =>
      new Promise<void>((done, fail) => {
        signal.addEventListener("abort", () => fail(signal.reason));
        ends.push({ done, fail, signal });
      }),
    100,
    (error) => failures.push(error),
  );
  return { following, ends, failures };
}

describe("what is followed", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is read once for many changes", async () => {
    const { following, ends } = slow();
    for (let change = 0; change < 5; change++) following.soon();
    await vi.advanceTimersByTimeAsync(99);
    expect(ends).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(ends).toHaveLength(1);
  });

  it("is not given up because more changes, and is read once more", async () => {
    const { following, ends } = slow();
    const reading = following.now();
    for (let change = 0; change < 20; change++) {
      following.soon();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(ends).toHaveLength(1);
    ends[0]?.done();
    await reading;
    await vi.advanceTimersByTimeAsync(100);
    expect(ends).toHaveLength(2);
    ends[1]?.done();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ends).toHaveLength(2);
  });

  it("is read anew where it is asked for, and the older reading tells nothing", async () => {
    const { following, ends, failures } = slow();
    const first = following.now();
    const second = following.now();
    await first;
    expect(ends[0]?.signal.aborted).toBe(true);
    ends[1]?.done();
    await second;
    await vi.advanceTimersByTimeAsync(10_000);
    expect([ends.length, failures.length]).toEqual([2, 0]);
  });

  it("is tried again where it could not be read, less and less often", async () => {
    const { following, ends, failures } = slow();
    void following.now();
    const at: number[] = [];
    for (let turn = 0; turn < 4; turn++) {
      ends.at(-1)?.fail(new Error(`no. ${turn}`));
      const since = Date.now();
      const before = ends.length;
      while (ends.length === before) await vi.advanceTimersByTimeAsync(100);
      at.push(Date.now() - since);
    }
    expect(at).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(failures).toHaveLength(4);
    ends.at(-1)?.done();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(ends).toHaveLength(5);
  });

  it("is read no more once nobody follows it, and again once somebody does", async () => {
    const { following, ends, failures } = slow();
    following.soon();
    following.stop();
    void following.now();
    following.soon();
    following.stop();
    await vi.advanceTimersByTimeAsync(100_000);
    expect([ends.length, failures.length]).toEqual([1, 0]);
    following.soon();
    await vi.advanceTimersByTimeAsync(100);
    expect(ends).toHaveLength(2);
  });
});
