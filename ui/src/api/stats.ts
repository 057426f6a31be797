import { get, type CallOptions } from "./client";
import type { Forecast, Health, Stats } from "./types";

export const stats = {
  get: (query: { since?: string; bucket_ms?: number } = {}, options?: CallOptions) =>
    get<Stats>("/v1/stats", query, options),
  /** What goes out when, should nothing fail; within the next hour unless told. */
  forecast: (query: { span_ms?: number; buckets?: number } = {}, options?: CallOptions) =>
    get<Forecast>("/v1/forecast", query, options),
  health: (options?: CallOptions) => get<Health>("/v1/health", undefined, options),
};
