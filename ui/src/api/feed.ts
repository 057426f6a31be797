import type { Change, Noun } from "./types";

export const nouns: readonly Noun[] = [
  "delivery",
  "request",
  "endpoint",
  "inbox",
  "event",
  "replay",
  "scheme",
  "provider",
  "settings",
  "clock",
  "fault_receiver",
  "stray",
  "saved_filter",
  "shape",
  "health",
  "alert",
];

/** Reads one message of the feed; null for what this version does not know. */
export function readChange(value: unknown): Change | "resync" | null {
  if (typeof value !== "object" || value === null || !("type" in value)) return null;
  if (value.type === "resync") return "resync";
  const known = "id" in value && typeof value.id === "string" && nouns.includes(value.type as Noun);
  return known ? (value as Change) : null;
}
