import { browserTransport } from "./browser";
import type { Change } from "./types";
import { inWindow, windowTransport } from "./window";

export type FeedState = "connecting" | "live" | "lost";

export interface FeedListener {
  /** Changes in the order in which they were committed; several at once when they come fast. */
  changes(batch: Change[]): void;
  /** Some changes were missed: everything shown has to be fetched again. */
  resync(): void;
  state(state: FeedState): void;
}

/** The way to the one contract. The page is the same in the window and in a browser; this is what differs. */
export interface Transport {
  /** `path` starts with `/v1/`. Rejects only where no answer came. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** Opens the change feed and keeps it open; the function returned closes it. */
  subscribe(listener: FeedListener): () => void;
}

export const transport: Transport = inWindow() ? windowTransport() : browserTransport();
