import type { Change, Noun } from "./types";

export const nouns: readonly Noun[] = ["delivery", "request", "endpoint", "inbox", "event", "replay"];

/** Reads one message of the feed; null for what this version does not know. */
export function readChange(value: unknown): Change | "resync" | null {
  if (typeof value !== "object" || value === null) return null;
  const { type, id, action } = value as Record<string, unknown>;
  if (type === "resync") return "resync";
  if (typeof id !== "string" || !nouns.includes(type as Noun)) return null;
  return { type: type as Noun, id, ...(typeof action === "string" ? { action } : {}) };
}
