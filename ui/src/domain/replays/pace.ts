import type { ReplayDraft } from "$api/types";

/** How fast a replay goes, and why it was made, as it stands in a form. */
export interface PaceForm {
  /** By a rate, or as far apart as the originals came. */
  by: "rate" | "gaps";
  /** How many a second at most; empty is as fast as it goes. */
  perSecond: string;
  /** How many times as fast as the originals came; empty is as fast as they did. */
  faster: string;
  reason: string;
}

export const usualPace: PaceForm = { by: "rate", perSecond: "", faster: "", reason: "" };

export type PaceErrors = Partial<Record<"perSecond" | "faster", string>>;

/** What the API is told of it, and what cannot be told. */
export function paceOf(form: PaceForm): {
  draft: Pick<ReplayDraft, "per_second" | "gaps" | "gap_factor" | "reason">;
  errors: PaceErrors;
} {
  const reason = form.reason.trim() || undefined;
  const errors: PaceErrors = {};
  const [text, name] =
    form.by === "rate" ? ([form.perSecond, "perSecond"] as const) : ([form.faster, "faster"] as const);
  const value = text.trim() === "" ? undefined : Number(text);
  if (value !== undefined && !(value > 0 && value < Infinity))
    errors[name] = "Give a number above 0, or leave it empty.";
  if (form.by === "rate") return { draft: { per_second: value, reason }, errors };
  return { draft: { gaps: "original", gap_factor: value && 1 / value, reason }, errors };
}
