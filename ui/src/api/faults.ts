import { get, part, patch, post, remove, type CallOptions, type PostOptions } from "./client";
import type { FaultReceiver, FaultReceiverDraft, FaultReceiverEdit, Page } from "./types";

const base = "/v1/fault-receivers";

/** Receivers of our own that fail as they are told to. They live as long as the program runs. */
export const faults = {
  list: (options?: CallOptions) => get<Page<FaultReceiver>>(base, undefined, options),
  create: (draft: FaultReceiverDraft, options?: PostOptions) => post<FaultReceiver>(base, draft, options),
  /** A dial is set as a whole: what is left out is as usual. */
  update: (id: string, edits: FaultReceiverEdit) => patch<FaultReceiver>(`${base}/${part(id)}`, edits),
  remove: (id: string) => remove(`${base}/${part(id)}`),
};
