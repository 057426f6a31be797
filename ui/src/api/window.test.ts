import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FeedListener } from "./transport";
import { subscribe, windowTransport } from "./window";

const change = (sequence: number) => ({
  type: "delivery",
  id: `dlv_${sequence}`,
  action: "created",
  event_id: `boot-${sequence}`,
});

function heard() {
  const log: string[] = [];
  const listener: FeedListener = {
    changes: (batch) => log.push(batch.map((one) => one.id).join(" ")),
    resync: () => log.push("resync"),
    state: (state) => log.push(state),
  };
  return { log, listener };
}

describe("the window's calls", () => {
  afterEach(() => void vi.unstubAllGlobals());

  it("send a file's bytes, and never the file itself", async () => {
    const sent: RequestInit[] = [];
    vi.stubGlobal("navigator", { userAgent: "X11; Linux" });
    vi.stubGlobal("fetch", (address: string, init: RequestInit) => {
      expect(address).toBe("hookbench://localhost/v1/imports");
      sent.push(init);
      return Promise.resolve(new Response());
    });
    const { request } = windowTransport();
    await request("/v1/imports", { method: "POST", body: new File(["a=1"], "saved.http") });
    await request("/v1/imports", { method: "POST", body: "as text" });
    expect(sent[0]?.method).toBe("POST");
    expect(new TextDecoder().decode(sent[0]?.body as ArrayBuffer)).toBe("a=1");
    expect(sent[0]?.body).toBeInstanceOf(ArrayBuffer);
    expect(sent[1]?.body).toBe("as text");
  });
});

describe("the window's feed", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("takes up again after the latest change when the channel goes silent", async () => {
    const opened: (string | null)[] = [];
    let send: (message: unknown) => void = () => undefined;
    const { log, listener } = heard();
    const close = subscribe(listener, (receive, last) => {
      opened.push(last);
      send = receive;
      return Promise.resolve();
    });
    await vi.advanceTimersByTimeAsync(0);
    send([change(9), change(8)]);
    await vi.advanceTimersByTimeAsync(30_000);
    send([]);
    await vi.advanceTimersByTimeAsync(39_000);
    expect(opened).toEqual([null]);
    const dead = send;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(opened).toEqual([null, "boot-9"]);
    dead([change(10)]);
    // What was read before the first opening may have changed since; what came after the last change is told.
    expect(log).toEqual(["connecting", "live", "resync", "dlv_9 dlv_8", "live"]);
    close();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(opened).toHaveLength(2);
  });

  it("is opened again after a failure, and tells that changes may have been missed", async () => {
    let failures = 2;
    const { log, listener } = heard();
    const close = subscribe(listener, () =>
      failures-- > 0 ? Promise.reject(new Error("no such command")) : Promise.resolve(),
    );
    await vi.advanceTimersByTimeAsync(1_600);
    expect(log).toEqual(["connecting", "lost", "lost", "live", "resync"]);
    close();
  });
});
