import { nouns, readChange } from "./feed";
import type { FeedListener, Transport } from "./transport";

/** First wait before the feed is opened again, in milliseconds; it doubles up to `longestWait`. */
const firstWait = 500;
const longestWait = 8_000;

/** Same origin: the session's cookie travels by itself. */
export function browserTransport(): Transport {
  return {
    request: (path, init) => fetch(path, { credentials: "same-origin", ...init }),
    subscribe,
  };
}

/**
 * EventSource resumes by itself with `Last-Event-ID` after a dropped connection, but gives up for good on
 * an answer that is not a stream; then a new one is opened, and since that one starts afresh, what lies
 * between is told as a resync.
 */
function subscribe(listener: FeedListener): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = firstWait;
  // What the page read before the feed was open may have changed since.
  let missed = true;

  const receive = (event: MessageEvent<string>) => {
    let value: unknown;
    try {
      value = JSON.parse(event.data);
    } catch {
      value = null;
    }
    if (event.type !== "message" && typeof value === "object" && value !== null && !("type" in value)) {
      value = { type: event.type, ...value };
    }
    const change = readChange(value);
    if (change === "resync") listener.resync();
    else if (change) listener.changes([change]);
  };

  const open = () => {
    listener.state("connecting");
    source = new EventSource("/v1/changes");
    source.onopen = () => {
      wait = firstWait;
      listener.state("live");
      if (missed) listener.resync();
      missed = false;
    };
    source.onmessage = receive;
    for (const noun of nouns) source.addEventListener(noun, receive);
    source.addEventListener("resync", () => listener.resync());
    source.onerror = () => {
      listener.state("lost");
      if (source?.readyState !== EventSource.CLOSED) return;
      missed = true;
      timer = setTimeout(open, wait);
      wait = Math.min(wait * 2, longestWait);
    };
  };

  open();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}
