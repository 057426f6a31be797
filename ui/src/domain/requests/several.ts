import { requests } from "$api/requests";
import type { CapturedRequest, RequestEdits, RequestFilter } from "$api/types";
import type { Colour } from "./colours";

/** Captured requests that something is done with together: these, or all that a filter matches. */
export type Several = { ids: string[] } | { filter: RequestFilter };

/** What is marked on each of them; what is left out stays. */
export interface Marking {
  pinned?: boolean;
  colour?: Colour | null;
  addTags?: string[];
  dropTags?: string[];
  /** Written below the note that is there. */
  addNote?: string;
}

type Marked = Pick<CapturedRequest, "pinned" | "colour" | "tags" | "note">;

/** What a marking changes of a request; null where it is marked so already. */
export function editsOf(request: Marked, marking: Marking): RequestEdits | null {
  const edits: RequestEdits = {};
  const { pinned, colour, addTags = [], dropTags = [], addNote = "" } = marking;
  if (pinned !== undefined && pinned !== request.pinned) edits.pinned = pinned;
  if (colour !== undefined && colour !== request.colour) edits.colour = colour;
  const kept = request.tags.filter((tag) => !dropTags.includes(tag));
  const tags = [...kept, ...addTags.filter((tag) => !kept.includes(tag))];
  if (tags.length !== request.tags.length || kept.length !== request.tags.length) edits.tags = tags;
  if (addNote !== "") edits.note = request.note === "" ? addNote : `${request.note}\n${addNote}`;
  return Object.keys(edits).length > 0 ? edits : null;
}

/** What makes a request again what it was before such edits. */
export function undoOf(request: Marked, edits: RequestEdits): RequestEdits {
  const undo: RequestEdits = {};
  if ("pinned" in edits) undo.pinned = request.pinned;
  if ("colour" in edits) undo.colour = request.colour;
  if ("tags" in edits) undo.tags = request.tags;
  if ("note" in edits) undo.note = request.note;
  return undo;
}

/** Tags as they are typed, with commas between. */
export function tagsOf(text: string): string[] {
  const tags = text.split(",").map((one) => one.trim());
  return [...new Set(tags.filter((one) => one !== ""))];
}

/** What is chosen, as it was when somebody was asked about it. */
export interface Chosen {
  several: Several;
  /** How many they are. */
  total: number;
}

/**
 * All that a filter matches now: what arrives from here on is not among them, so that what is done later is done with
 * those that were counted and named.
 */
export async function frozen(filter: RequestFilter, signal: AbortSignal): Promise<Chosen> {
  const inbox = filter.inbox_id ? { inbox_id: filter.inbox_id } : {};
  const [newest] = (await requests.list({ ...inbox, limit: 1 }, { signal })).data;
  if (!newest) return { several: { ids: [] }, total: 0 };
  // By the server's clock, and up to what it received last.
  const behind = new Date(Date.parse(newest.received_at) + 1);
  const until =
    filter.until && Date.parse(filter.until) < behind.getTime() ? filter.until : behind.toISOString();
  const held = { ...filter, until };
  const { count } = await requests.count(held, { signal });
  return { several: { filter: held }, total: count };
}

/** The longest page the API gives. */
const PAGE = 500;

/** The ids of them, newest first where a filter says which; what arrives meanwhile is not among them. */
export async function* idsOf(several: Several, signal: AbortSignal): AsyncGenerator<string, void, void> {
  if ("ids" in several) return yield* several.ids;
  for await (const request of pages(several.filter, signal)) yield request.id;
}

/** They themselves; one that is gone meanwhile is left out by whoever changes it. */
export async function* requestsOf(
  several: Several,
  signal: AbortSignal,
): AsyncGenerator<CapturedRequest, void, void> {
  if ("filter" in several) return yield* pages(several.filter, signal);
  for (const id of several.ids) {
    const request = await unlessGone(requests.get(id, { signal }));
    if (request) yield request;
  }
}

async function* pages(
  filter: RequestFilter,
  signal: AbortSignal,
): AsyncGenerator<CapturedRequest, void, void> {
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof requests.list>> = await requests.list(
      { ...filter, limit: PAGE, cursor },
      { signal },
    );
    yield* page.data;
    cursor = page.next_cursor;
  } while (cursor !== null);
}

/** What comes of a call, or null where what it is about is gone. */
export async function unlessGone<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (error !== null && typeof error === "object" && "status" in error && error.status === 404) return null;
    throw error;
  }
}

/** What became of a work on several. */
export interface Done {
  /** How many were done. */
  done: number;
  failed: number;
  /** Why the first of those failed, or why it ended early. */
  why: unknown;
  /** Whether it ended early: which the others are could not be read. */
  cut: boolean;
}

/**
 * Does something with each, a few at a time. One that fails does not hold up the others, but where all fail at
 * first the rest is left: whatever it is, it is not theirs. Where the next of them cannot be read, it ends. It never
 * rejects, and once it answers nothing is under way any more. `told` hears how far it is.
 */
export async function eachOf<T>(
  items: AsyncGenerator<T, void, void>,
  act: (item: T) => Promise<void>,
  told: (so: Done) => void,
  signal: AbortSignal,
): Promise<Done> {
  const so: Done = { done: 0, failed: 0, why: null, cut: false };
  const read = async (): Promise<IteratorResult<T, void>> => {
    try {
      return await items.next();
    } catch (error) {
      // Who stops it breaks off the reading too: that is no fault.
      if (!signal.aborted) {
        so.why ??= error;
        so.cut = true;
      }
      return { done: true, value: undefined };
    }
  };
  const work = async (): Promise<void> => {
    while (!so.cut && !signal.aborted && !(so.done === 0 && so.failed >= GIVE_UP)) {
      const next = await read();
      if (next.done || signal.aborted) return;
      try {
        await act(next.value);
        so.done++;
      } catch (error) {
        so.why ??= error;
        so.failed++;
      }
      told({ ...so });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return so;
}

/** So many at once: a browser has six connections, and the change feed and the page want some. */
const AT_ONCE = 4;
/** So many failures and nothing done mean that nothing will be. */
const GIVE_UP = 20;
