import { bytes, get, part, remove, type BytesOptions, type CallOptions } from "./client";
import type { Page, Stray } from "./types";

const base = "/v1/strays";

export const strays = {
  /** The newest requests that reached no inbox. */
  list: (options?: CallOptions) => get<Page<Stray>>(base, undefined, options),
  /** The beginning of one, as it stood on the wire. */
  raw: (number: number, options?: BytesOptions) => bytes(`${base}/${part(number)}/raw`, options),
  /** Forgets them. */
  clear: () => remove(base),
};
