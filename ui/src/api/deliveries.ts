import { bytes, get, part, post, type BytesOptions, type CallOptions } from "./client";
import { decoded } from "./decoded";
import type { Attempt, Delivery, DeliveryDetail, DeliveryFilter, Page } from "./types";

const base = "/v1/deliveries";
const attempt = (id: string, number: number) => `${base}/${part(id)}/attempts/${part(number)}`;

export const deliveries = {
  list: (query: DeliveryFilter & { limit?: number; cursor?: string | null } = {}, options?: CallOptions) =>
    get<Page<Delivery>>(base, { ...query }, options),
  /** How many a filter matches. */
  count: async (filter: DeliveryFilter, options?: CallOptions) =>
    (await get<{ count: number }>(`${base}/count`, { ...filter }, options)).count,
  get: (id: string, options?: CallOptions) => get<DeliveryDetail>(`${base}/${part(id)}`, undefined, options),
  retry: (id: string) => post<Delivery>(`${base}/${part(id)}/retry`),
  cancel: (id: string) => post<Delivery>(`${base}/${part(id)}/cancel`),
  /** Ends one that waits; lets the queue go on that one holds which failed for good. */
  skip: (id: string) => post<Delivery>(`${base}/${part(id)}/skip`),
  attempt: (id: string, number: number, options?: CallOptions) =>
    get<Attempt>(attempt(id, number), undefined, options),
  /** The body as it was sent, to the byte. */
  requestBody: (id: string, number: number, options?: BytesOptions) =>
    bytes(`${attempt(id, number)}/request`, options),
  /** The body as it came back, to the byte, up to the cap. */
  responseBody: (id: string, number: number, options?: BytesOptions) =>
    bytes(`${attempt(id, number)}/response`, options),
  /** What it says once its content codings are undone, up to `limit` bytes and 64 MiB. */
  decodedRequest: (id: string, number: number, limit: number, options?: BytesOptions) =>
    decoded(`${attempt(id, number)}/request`, limit, options),
  /** Likewise what came back. */
  decodedResponse: (id: string, number: number, limit: number, options?: BytesOptions) =>
    decoded(`${attempt(id, number)}/response`, limit, options),
};
