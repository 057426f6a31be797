import { get, patch, type CallOptions } from "./client";
import type { WorkspaceSettings } from "./types";

export const settings = {
  get: (options?: CallOptions) => get<WorkspaceSettings>("/v1/settings", undefined, options),
  update: (edits: Partial<WorkspaceSettings>) => patch<WorkspaceSettings>("/v1/settings", edits),
};
