import { get, part, patch, post, remove, type CallOptions, type PostOptions } from "./client";
import type {
  EditedEndpoint,
  Endpoint,
  EndpointDraft,
  EndpointEdit,
  EndpointHealth,
  EndpointWithSecret,
  EventAccepted,
  Page,
  Reveal,
  Schedule,
  ScheduleDraft,
  SecretAddition,
  SecretInfo,
} from "./types";

const base = "/v1/webhook-endpoints";

export const endpoints = {
  list: (query: { limit?: number; cursor?: string | null } = {}, options?: CallOptions) =>
    get<Page<Endpoint>>(base, query, options),
  get: (id: string, options?: CallOptions) => get<Endpoint>(`${base}/${part(id)}`, undefined, options),
  create: (draft: EndpointDraft, options?: PostOptions) => post<EndpointWithSecret>(base, draft, options),
  update: (id: string, edits: EndpointEdit) => patch<EditedEndpoint>(`${base}/${part(id)}`, edits),
  /** How it does, what waits for it, and what keeps that back. */
  health: (id: string, options?: CallOptions) =>
    get<EndpointHealth>(`${base}/${part(id)}/health`, undefined, options),
  /** When a delivery would be attempted by a plan; nothing is sent or kept. */
  schedule: (plan: ScheduleDraft, options?: CallOptions) => post<Schedule>("/v1/schedules", plan, options),
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
  /** With the credentials among its headers; that is logged. */
  reveal: (id: string) => get<Endpoint>(`${base}/${part(id)}`, { reveal: "secrets" }),
  /** When a secret of it, or those credentials, were revealed, newest first. */
  reveals: (id: string, options?: CallOptions) =>
    get<Page<Reveal>>(`${base}/${part(id)}/reveals`, undefined, options),
  /** Reveals the secret; the reveal is logged. */
  secret: (id: string) => get<{ secret: string | null }>(`${base}/${part(id)}/secret`),
};
