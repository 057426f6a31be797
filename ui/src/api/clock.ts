import { get, post, type CallOptions } from "./client";
import type { Clock, ClockEdit } from "./types";

export const clock = {
  get: (options?: CallOptions) => get<Clock>("/v1/clock", undefined, options),
  /** In a demo alone. A long jump is answered before its end. */
  change: (edit: Partial<ClockEdit>) => post<Clock>("/v1/clock", edit),
};
