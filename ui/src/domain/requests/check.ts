import type { CapturedRequest, Inbox, Statement, Verified } from "$api/types";

/** What is asked of the API about the verification of a captured request. */
export type Question =
  /** Nothing: there is no secret to check with. */
  | "none"
  /** By which scheme it may have been signed. */
  | "recognise"
  /** What is wrong with it, as of its arrival. */
  | "causes"
  /** Whether it would still be valid. */
  | "now";

/** With a longer body a valid signature is not checked again just for being looked at, in bytes. */
const LONGEST = 4 * 1024 * 1024;

/** What is worth asking, given what the inbox has by now. */
export function questionOf(
  { verification: { status }, body_size }: Pick<CapturedRequest, "verification" | "body_size">,
  inbox: Pick<Inbox, "provider" | "scheme" | "has_secret"> | null,
): Question {
  if (inbox && inbox.provider === null && !inbox.scheme) return "recognise";
  if (!inbox?.has_secret) return "none";
  if (status !== "valid") return "causes";
  return body_size > LONGEST ? "none" : "now";
}

/** What checking by hand is called: of a request that was checked it is another check. */
export function checkWords({ verification: { status } }: Pick<CapturedRequest, "verification">): string {
  return status === "not_checked" || status === "no_secret"
    ? "Check with a scheme and secret"
    : "Check with another scheme or secret";
}

/** What an inbox lacks for what arrives in it to be checked; null where it has all. */
export function lackOf(
  inbox: Pick<Inbox, "provider" | "scheme" | "has_secret">,
): "provider" | "secret" | null {
  if (inbox.provider === null && !inbox.scheme) return "provider";
  return inbox.has_secret ? null : "secret";
}

/**
 * What to do about a request that was not checked, given what the inbox has by now: null where there is nothing to do,
 * undefined where its verdict says it.
 */
export function wayOf(
  { verification: { status } }: Pick<CapturedRequest, "verification">,
  inbox: Pick<Inbox, "provider" | "scheme" | "has_secret"> | null,
): string | null | undefined {
  if (!inbox || (status !== "not_checked" && status !== "no_secret")) return undefined;
  switch (lackOf(inbox)) {
    case "provider":
      return undefined;
    case "secret":
      return "Give the inbox the secret that the sender signs with: then this is checked with it, and what arrives next.";
    case null:
      return null;
  }
}

export interface OtherVerdict extends Statement {
  title: string;
  note?: string;
}

/** Verdicts that differ from the one given on arrival: those of now, and those with what the inbox has by now. */
export function otherVerdicts(
  { verification }: Pick<CapturedRequest, "verification">,
  question: Question,
  checked: Verified | null,
): OtherVerdict[] {
  if (!checked || question === "none" || question === "recognise") return [];
  const asOfReceipt = question === "causes" ? checked : (checked.at_receipt ?? checked);
  const others: OtherVerdict[] = [];
  if (asOfReceipt.status !== verification.status)
    others.push({
      ...statement(asOfReceipt),
      title: "Checked again",
      note: "With the scheme and the secrets that the inbox has by now, as of its arrival.",
    });
  if (question === "now" && checked.at_receipt && checked.status !== checked.at_receipt.status)
    others.push({
      ...statement(checked),
      title: "Now",
      note: "A receiver that sees it only now, because it waited or was sent again as it was, refuses it.",
    });
  return others;
}

function statement({ status, reason, message }: Statement): Statement {
  return { status, reason, message };
}
