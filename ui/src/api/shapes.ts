import { get, part, remove, type CallOptions } from "./client";
import type { Drift, Page, Shape } from "./types";

const base = "/v1/shapes";

export const shapes = {
  /** All of them, those that were seen last first. */
  list: (options?: CallOptions) => get<Pick<Page<Shape>, "data">>(base, undefined, options),
  /** One, with its places. */
  get: (id: string, options?: CallOptions) => get<Shape>(`${base}/${part(id)}`, undefined, options),
  /** One as JSON Schema. */
  schema: (id: string, options?: CallOptions) =>
    get<Record<string, unknown>>(`${base}/${part(id)}/schema.json`, undefined, options),
  /** Forgets it, and the drifts from it. */
  forget: (id: string) => remove(`${base}/${part(id)}`),
  /** Where requests differed, newest first. */
  drifts: (query: { shape_id?: string; limit?: number; cursor?: string | null }, options?: CallOptions) =>
    get<Page<Drift>>("/v1/drifts", { ...query }, options),
};
