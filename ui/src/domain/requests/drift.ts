import type { Drift, DriftKind, JsonType } from "$api/types";

/** What differs, as few words as there are. */
export const driftWords: Record<DriftKind, string> = {
  new_event_type: "New event type",
  new_field: "New field",
  changed_type: "Type changed",
  missing_field: "Field missing",
};

/** The kinds of drift of a row: the first in words, and how many others there are. */
export function driftsText(kinds: DriftKind[]): string {
  const [first, ...others] = kinds;
  if (!first) return "";
  return others.length === 0 ? driftWords[first] : `${driftWords[first]} +${others.length}`;
}

const typeWords: Record<JsonType, string> = {
  null: "null",
  boolean: "a boolean",
  integer: "a whole number",
  number: "a number with a fraction",
  string: "text",
  object: "an object",
  array: "an array",
};

export const typeText = (type: JsonType): string => typeWords[type];

const either = (types: JsonType[]): string => types.map(typeText).join(" or ");

/** What differs, to be read after the path: "was text, is a whole number". */
export function driftText(drift: Pick<Drift, "kind" | "was" | "is">): string {
  switch (drift.kind) {
    case "new_event_type":
      return "nothing of this event type had come before, and the provider’s profile does not list it";
    case "new_field":
      return drift.is === null ? "is new" : `is new: ${typeText(drift.is)}`;
    case "changed_type":
      return `was ${either(drift.was)}${drift.is === null ? "" : `, is ${typeText(drift.is)}`}`;
    case "missing_field":
      return `is missing: until then it was always there (${either(drift.was)})`;
  }
}

/** How often it has been so, after the sentence; nothing for the first time. */
export function timesText(times: number | null): string {
  if (times === null) return "";
  return times <= 1 ? "the first time" : `the first of ${times} times`;
}
