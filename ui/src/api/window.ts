import { readChange } from "./feed";
import type { FeedListener, Transport } from "./transport";
import type { Change } from "./types";

/** Whether the page runs in Hookbench's own window. */
export function inWindow(): boolean {
  return "__TAURI_INTERNALS__" in globalThis;
}

/** WebView2 knows custom schemes only as hosts under http. */
function origin(): string {
  return navigator.userAgent.includes("Windows") ? "http://hookbench.localhost" : "hookbench://localhost";
}

/**
 * In the window the same router is called in-process through a custom scheme, without a port. Such an answer
 * cannot stream, so the feed comes over a channel, already gathered into batches.
 */
export function windowTransport(): Transport {
  const base = origin();
  return {
    request: (path, init) => fetch(base + path, init),
    subscribe,
  };
}

function subscribe(listener: FeedListener): () => void {
  let closed = false;
  const receive = (message: unknown) => {
    if (closed) return;
    const batch: Change[] = [];
    for (const one of Array.isArray(message) ? message : [message]) {
      const change = readChange(one);
      if (change === "resync") listener.resync();
      else if (change) batch.push(change);
    }
    if (batch.length) listener.changes(batch);
  };

  const open = async () => {
    listener.state("connecting");
    const { Channel, invoke } = await import("@tauri-apps/api/core");
    const channel = new Channel<unknown>();
    channel.onmessage = receive;
    await invoke("subscribe_changes", { channel });
    if (!closed) listener.state("live");
  };
  open().catch(() => listener.state("lost"));
  return () => {
    closed = true;
  };
}
