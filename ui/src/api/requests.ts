import {
  address,
  bytes,
  get,
  part,
  patch,
  post,
  remove,
  type BytesOptions,
  type CallOptions,
} from "./client";
import { decoded } from "./decoded";
import type {
  CapturedRequest,
  Completions,
  EventAccepted,
  Headers,
  Page,
  Recognised,
  RequestEdits,
  RequestFilter,
  RequestRelay,
  Resign,
  Retries,
  Reveal,
  SavedFilter,
  SchemeInput,
  Verified,
} from "./types";

const base = "/v1/requests";
const savedBase = "/v1/saved-filters";

const relayed = (id: string, number: number) => `${base}/${part(id)}/relays/${part(number)}/response`;
const revealing = (reveal: boolean) => (reveal ? { reveal: "secrets" } : {});

export interface SendOn {
  url?: string;
  endpoint_id?: string;
  method?: string;
  /** Added to the target's path, with its leading slash. */
  path?: string;
  /** Added to the target's query; the captured one unless given. */
  query?: string | null;
  headers?: Headers;
  body_base64?: string;
  resign?: Resign;
}

export const requests = {
  list: (query: RequestFilter & { limit?: number; cursor?: string | null } = {}, options?: CallOptions) =>
    get<Page<CapturedRequest>>(base, { ...query }, options),
  /** How many a filter matches. */
  count: (query: RequestFilter = {}, options?: CallOptions) =>
    get<{ count: number }>(`${base}/count`, { ...query }, options),
  /** What may stand in a filter at a place, in characters. */
  completions: (query: { filter: string; at: number; inbox_id: string | null }, options?: CallOptions) =>
    get<Completions>(`${base}/completions`, query, options),
  /** The filters that have names, newest first. */
  savedFilters: (options?: CallOptions) =>
    get<Pick<Page<SavedFilter>, "data">>(savedBase, undefined, options),
  saveFilter: (filter: Pick<SavedFilter, "name" | "filter" | "inbox_id">) =>
    post<SavedFilter>(savedBase, filter),
  removeSavedFilter: (id: string) => remove(`${savedBase}/${part(id)}`),
  get: (id: string, options?: CallOptions) => get<CapturedRequest>(`${base}/${part(id)}`, undefined, options),
  /** With the secrets that came in its headers and its query; that is logged. */
  reveal: (id: string) => get<CapturedRequest>(`${base}/${part(id)}`, { reveal: "secrets" }),
  /** When that was revealed, newest first. */
  reveals: (id: string, options?: CallOptions) =>
    get<Page<Reveal>>(`${base}/${part(id)}/reveals`, undefined, options),
  /** How its sender tried again. */
  retries: (id: string, options?: CallOptions) =>
    get<Retries>(`${base}/${part(id)}/retries`, undefined, options),
  /** The targets that it was relayed to, in their order. */
  relays: (id: string, options?: CallOptions) =>
    get<Pick<Page<RequestRelay>, "data">>(`${base}/${part(id)}/relays`, undefined, options),
  /** What a target answered, its body as it came. */
  relayResponse: (id: string, number: number, options?: BytesOptions) => bytes(relayed(id, number), options),
  /** What that says once its content codings are undone, up to `limit` bytes and 64 MiB. */
  decodedRelayResponse: (id: string, number: number, limit: number, options?: BytesOptions) =>
    decoded(relayed(id, number), limit, options),
  /** The head as it stood on the wire; with the secrets in it where they are asked for, and that is logged. */
  head: (id: string, reveal: boolean, options?: BytesOptions) =>
    bytes(address(`${base}/${part(id)}/head`, revealing(reveal)), options),
  /** All of it as it stood on the wire, likewise. */
  wire: (id: string, reveal: boolean, options?: BytesOptions) =>
    bytes(address(`${base}/${part(id)}/wire`, revealing(reveal)), options),
  /** The body as it arrived, to the byte. */
  body: (id: string, options?: BytesOptions) => bytes(`${base}/${part(id)}/body`, options),
  /** What the body says once its content codings are undone, up to `limit` bytes and 64 MiB. */
  decoded: (id: string, limit: number, options?: BytesOptions) =>
    decoded(`${base}/${part(id)}/body`, limit, options),
  update: (id: string, edits: RequestEdits) => patch<CapturedRequest>(`${base}/${part(id)}`, edits),
  remove: (id: string) => remove(`${base}/${part(id)}`),
  send: (id: string, how: SendOn) => post<EventAccepted>(`${base}/${part(id)}/send`, how),
  /** Checks it again. What is left out is the inbox's, and the time that of its arrival. */
  verify: (id: string, how: { scheme?: SchemeInput; secret?: string; at?: number }, options?: CallOptions) =>
    post<Verified>(`${base}/${part(id)}/verify`, how, options),
  /** By which schemes it may have been signed, the likeliest first. */
  recognise: (id: string, options?: CallOptions) =>
    get<Pick<Page<Recognised>, "data">>(`${base}/${part(id)}/recognition`, undefined, options),
};
