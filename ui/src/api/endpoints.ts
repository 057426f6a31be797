import { get, part, patch, post, remove, type CallOptions, type PostOptions } from "./client";
import type {
  Endpoint,
  EndpointDraft,
  EndpointWithSecret,
  EventAccepted,
  Page,
  Reveal,
  SecretAddition,
  SecretInfo,
} from "./types";

const base = "/v1/webhook-endpoints";

export const endpoints = {
  list: (query: { limit?: number; cursor?: string | null } = {}, options?: CallOptions) =>
    get<Page<Endpoint>>(base, query, options),
  get: (id: string, options?: CallOptions) => get<Endpoint>(`${base}/${part(id)}`, undefined, options),
  create: (draft: EndpointDraft, options?: PostOptions) => post<EndpointWithSecret>(base, draft, options),
  update: (id: string, edits: Partial<EndpointDraft>) => patch<Endpoint>(`${base}/${part(id)}`, edits),
  remove: (id: string) => remove(`${base}/${part(id)}`),
  /** Without a secret of one's own a new one is made in the profile's form. */
  rotateSecret: (id: string, how: { overlap_ms: number; secret?: string }) =>
    post<EndpointWithSecret>(`${base}/${part(id)}/rotate-secret`, how),
  test: (id: string, type?: string) =>
    post<EventAccepted>(`${base}/${part(id)}/test`, type === undefined ? {} : { type }),
  /** Those that hold, the one that signs first first. */
  secrets: (id: string, options?: CallOptions) =>
    get<Page<SecretInfo>>(`${base}/${part(id)}/secrets`, undefined, options),
  addSecret: (id: string, secret: SecretAddition) =>
    post<Page<SecretInfo>>(`${base}/${part(id)}/secrets`, secret),
  endSecret: (id: string, secret: string) => remove(`${base}/${part(id)}/secrets/${part(secret)}`),
  /** When a secret of it was revealed, newest first. */
  reveals: (id: string, options?: CallOptions) =>
    get<Page<Reveal>>(`${base}/${part(id)}/reveals`, undefined, options),
  /** Reveals the secret; the reveal is logged. */
  secret: (id: string) => get<{ secret: string | null }>(`${base}/${part(id)}/secret`),
};
