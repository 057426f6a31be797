import { readChange } from "./feed";
import type { FeedListener, Transport } from "./transport";
import type { Change } from "./types";

/** First wait before the feed is opened again, in milliseconds; it doubles up to `longestWait`. */
const firstWait = 500;
const longestWait = 8_000;

/** The engine says something at least every 15 seconds; a channel that is silent for this long is dead. */
const longestSilence = 40_000;

/** Whether the page runs in Hookbench's own window. */
export function inWindow(): boolean {
  return "__TAURI_INTERNALS__" in globalThis;
}

/** WebView2 knows custom schemes only as hosts under http. */
function origin(): string {
  return navigator.userAgent.includes("Windows") ? "http://hookbench.localhost" : "hookbench://localhost";
}

/** Opens a channel on which the changes after `lastEventId` come, or those from now on. */
export type OpenChannel = (receive: (message: unknown) => void, lastEventId: string | null) => Promise<void>;

/**
 * In the window the same router is called in-process through a custom scheme, without a port. Such an answer
 * cannot stream, so the feed comes over a channel, already gathered into batches.
 */
export function windowTransport(): Transport {
  const base = origin();
  return {
    request: async (path, init) => fetch(base + path, await withBytes(init)),
    subscribe: (listener) => subscribe(listener, openChannel),
  };
}

/** A file is read first: WebKitGTK breaks the page down where the body for a custom scheme is a Blob. */
async function withBytes(init?: RequestInit): Promise<RequestInit | undefined> {
  return init?.body instanceof Blob ? { ...init, body: await init.body.arrayBuffer() } : init;
}

async function openChannel(receive: (message: unknown) => void, lastEventId: string | null): Promise<void> {
  const { Channel, invoke } = await import("@tauri-apps/api/core");
  const channel = new Channel<unknown>();
  channel.onmessage = receive;
  await invoke("subscribe_changes", { channel, lastEventId });
}

/** The changes of one message, and after which of them a subscription can be taken up again. */
function read(message: unknown): { changes: Change[]; missed: boolean; last: string | null } {
  const changes: Change[] = [];
  let missed = false;
  let last: string | null = null;
  for (const one of Array.isArray(message) ? (message as unknown[]) : [message]) {
    const change = readChange(one);
    if (change === "resync") missed = true;
    else if (change) changes.push(change);
    last = later(last, (one as { event_id?: unknown } | null)?.event_id);
  }
  return { changes, missed, last };
}

/** The later of two ids of the feed, `BOOT-SEQUENCE`. A batch is not in the order of its ids. */
function later(known: string | null, id: unknown): string | null {
  if (typeof id !== "string") return known;
  const sequence = (text: string) => Number(text.slice(text.lastIndexOf("-") + 1));
  return known === null || sequence(id) > sequence(known) ? id : known;
}

/**
 * Keeps a channel open. One that could not be opened or that has gone silent is opened anew from the last
 * change that came; where none had come, what lies between is told as a resync.
 */
export function subscribe(listener: FeedListener, openIt: OpenChannel): () => void {
  let last: string | null = null;
  let turn = 0;
  // What the page read before the feed was open may have changed since.
  let missed = true;
  let wait = firstWait;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const again = (after: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => void open(), after);
  };

  const receive = (message: unknown) => {
    const batch = read(message);
    last = later(last, batch.last);
    again(longestSilence);
    if (batch.missed) listener.resync();
    if (batch.changes.length) listener.changes(batch.changes);
  };

  async function open(): Promise<void> {
    const mine = ++turn;
    const after = last;
    try {
      await openIt((message) => mine === turn && receive(message), after);
      if (mine !== turn) return;
      wait = firstWait;
      again(longestSilence);
      listener.state("live");
      if (missed && after === null) listener.resync();
    } catch {
      if (mine !== turn) return;
      listener.state("lost");
      again(wait);
      wait = Math.min(wait * 2, longestWait);
    }
    missed = true;
  }

  listener.state("connecting");
  void open();
  return () => {
    turn += 1;
    clearTimeout(timer);
  };
}
