import { get, part, patch, post, remove, type CallOptions, type PostOptions } from "./client";
import type {
  Inbox,
  InboxDraft,
  InboxWithSecret,
  Page,
  Reveal,
  RuleCount,
  RulesPreview,
  RulesPreviewDraft,
  SecretAddition,
  SecretInfo,
} from "./types";

const base = "/v1/inboxes";

export const inboxes = {
  list: (query: { limit?: number; cursor?: string | null } = {}, options?: CallOptions) =>
    get<Page<Inbox>>(base, query, options),
  get: (id: string, options?: CallOptions) => get<Inbox>(`${base}/${part(id)}`, undefined, options),
  /** With its token for subscriptions; that is logged. */
  reveal: (id: string) => get<Inbox>(`${base}/${part(id)}`, { reveal: "secrets" }),
  /** When that was revealed, newest first. */
  reveals: (id: string, options?: CallOptions) =>
    get<Page<Reveal>>(`${base}/${part(id)}/reveals`, undefined, options),
  create: (draft: InboxDraft, options?: PostOptions) => post<Inbox>(base, draft, options),
  update: (id: string, edits: InboxDraft) => patch<Inbox>(`${base}/${part(id)}`, edits),
  remove: (id: string) => remove(`${base}/${part(id)}`),
  /** What its rules have counted, in their order. */
  ruleCounts: (id: string, options?: CallOptions) =>
    get<Page<RuleCount>>(`${base}/${part(id)}/rules/counts`, undefined, options),
  /** Has a rule, or all of them, begin to count anew. */
  resetRules: (id: string, which: { rule_id?: string } = {}) =>
    post<Page<RuleCount>>(`${base}/${part(id)}/rules/reset`, which),
  /** What would be answered if a request came now. */
  previewRules: (id: string, draft: RulesPreviewDraft) =>
    post<RulesPreview>(`${base}/${part(id)}/rules/preview`, draft),
  /** Those by which it verifies, the newest first. */
  secrets: (id: string, options?: CallOptions) =>
    get<Page<SecretInfo>>(`${base}/${part(id)}/secrets`, undefined, options),
  addSecret: (id: string, secret: SecretAddition) =>
    post<Page<SecretInfo>>(`${base}/${part(id)}/secrets`, secret),
  endSecret: (id: string, secret: string) => remove(`${base}/${part(id)}/secrets/${part(secret)}`),
  /** Without a secret of one's own a new one is made in the scheme's form; it is in this answer alone. */
  rotateSecret: (id: string, how: { overlap_ms: number; secret?: string }) =>
    post<InboxWithSecret>(`${base}/${part(id)}/rotate-secret`, how),
};
