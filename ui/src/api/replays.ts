import { get, part, post, type CallOptions, type PostOptions } from "./client";
import type { Page, Replay, ReplayDraft, ReplayPreview } from "./types";

const base = "/v1/replays";

export const replays = {
  list: (query: { limit?: number; cursor?: string | null } = {}, options?: CallOptions) =>
    get<Page<Replay>>(base, query, options),
  get: (id: string, options?: CallOptions) => get<Replay>(`${base}/${part(id)}`, undefined, options),
  /** What would go where; makes nothing. */
  preview: (draft: ReplayDraft, options?: CallOptions) =>
    post<ReplayPreview>(base, { ...draft, dry_run: true }, options),
  create: (draft: ReplayDraft, options?: PostOptions) => post<Replay>(base, draft, options),
  pause: (id: string) => post<Replay>(`${base}/${part(id)}/pause`),
  resume: (id: string) => post<Replay>(`${base}/${part(id)}/resume`),
  cancel: (id: string) => post<Replay>(`${base}/${part(id)}/cancel`),
};
