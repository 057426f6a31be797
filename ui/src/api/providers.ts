import { get, part, post, remove, type CallOptions, type PostOptions } from "./client";
import type { CatalogueImport, CataloguePreview, Page, Provider } from "./types";

export const providers = {
  list: (options?: CallOptions) => get<Page<Provider>>("/v1/providers", { limit: 500 }, options),
  /** With the JSON Schemas of its events, which the list leaves out. */
  get: (id: string, options?: CallOptions) => get<Provider>(`/v1/providers/${part(id)}`, undefined, options),
  /** Makes a provider of one's own of OpenAPI documents and JSON Schemas. */
  import: (draft: CatalogueImport, options?: PostOptions) => post<Provider>("/v1/providers", draft, options),
  /** What documents would bring; nothing is kept. */
  preview: (documents: CatalogueImport["documents"], options?: CallOptions) =>
    post<CataloguePreview>("/v1/providers/preview", { documents }, options),
  remove: (id: string) => remove(`/v1/providers/${part(id)}`),
};
