import { bytes, get, part, post, type BytesOptions, type CallOptions, type PostOptions } from "./client";
import type { EventAccepted, EventDraft, Page, Preview, WebhookEvent } from "./types";

const base = "/v1/events";

export const events = {
  list: (
    query: {
      type?: string;
      provider?: string;
      since?: string;
      until?: string;
      limit?: number;
      cursor?: string | null;
    } = {},
    options?: CallOptions,
  ) => get<Page<WebhookEvent>>(base, query, options),
  get: (id: string, options?: CallOptions) => get<WebhookEvent>(`${base}/${part(id)}`, undefined, options),
  payload: (id: string, options?: BytesOptions) => bytes(`${base}/${part(id)}/payload`, options),
  create: (draft: EventDraft, options?: PostOptions) => post<EventAccepted>(base, draft, options),
  /** What would be sent to each endpoint; sends nothing. */
  preview: (draft: EventDraft, options?: CallOptions) => post<Preview>(`${base}/preview`, draft, options),
};
