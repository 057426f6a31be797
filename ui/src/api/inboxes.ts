import { get, part, patch, post, remove, type CallOptions, type PostOptions } from "./client";
import type { Inbox, InboxDraft, Page } from "./types";

const base = "/v1/inboxes";

export const inboxes = {
  list: (query: { limit?: number; cursor?: string | null } = {}, options?: CallOptions) =>
    get<Page<Inbox>>(base, query, options),
  get: (id: string, options?: CallOptions) => get<Inbox>(`${base}/${part(id)}`, undefined, options),
  create: (draft: InboxDraft, options?: PostOptions) => post<Inbox>(base, draft, options),
  update: (id: string, edits: InboxDraft) => patch<Inbox>(`${base}/${part(id)}`, edits),
  remove: (id: string) => remove(`${base}/${part(id)}`),
};
