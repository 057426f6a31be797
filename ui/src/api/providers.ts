import { get, part, type CallOptions } from "./client";
import type { Page, Provider } from "./types";

export const providers = {
  list: (options?: CallOptions) => get<Page<Provider>>("/v1/providers", { limit: 500 }, options),
  get: (id: string, options?: CallOptions) => get<Provider>(`/v1/providers/${part(id)}`, undefined, options),
};
