import { get, type CallOptions } from "./client";
import type { Health, Stats } from "./types";

export const stats = {
  get: (query: { since?: string; bucket_ms?: number } = {}, options?: CallOptions) =>
    get<Stats>("/v1/stats", query, options),
  health: (options?: CallOptions) => get<Health>("/v1/health", undefined, options),
};
