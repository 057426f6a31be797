import type { VerificationStatus } from "$api/types";
import type { Tone } from "$shared/tone";

interface StatusWords {
  tone: Tone;
  /** For a row of the list. */
  short: string;
  /** For the head of the detail. */
  long: string;
}

/** What a verification says, a status at a time, in the order in which a filter offers them. */
export const statusWords: Record<VerificationStatus, StatusWords> = {
  valid: { tone: "good", short: "Valid", long: "The signature is valid" },
  invalid: { tone: "bad", short: "Invalid", long: "The signature is not valid" },
  unsigned: { tone: "wait", short: "Unsigned", long: "There is no signature" },
  no_secret: {
    tone: "wait",
    short: "No secret",
    long: "Not checked: the inbox had no secret when this arrived",
  },
  not_checked: {
    tone: "off",
    short: "Not checked",
    long: "Not checked: the inbox had no provider when this arrived",
  },
};

/**
 * The verdict as a heading. A signature whose time alone is wrong is not a wrong one, and what `another` scheme
 * signed is not without a signature.
 */
export function headOf(
  { status, reason }: { status: VerificationStatus; reason: string | null },
  another = false,
): string {
  if (status === "unsigned" && another) return "There is no signature of this scheme";
  if (status === "invalid" && (reason === "time_stale" || reason === "time_future"))
    return "The signature is right, its time is not";
  return statusWords[status].long;
}

/** All that there is to say of most valid signatures; the head says it. */
const plainlyRight = ["The signature is right.", "The signature and the time are right."];

/** What checking found, in a sentence; null where the head says as much. */
export function saidOf({ status, message }: { status: VerificationStatus; message: string }): string | null {
  return status === "valid" && plainlyRight.includes(message) ? null : message;
}

const mends: Record<string, string> = {
  header_missing: "Check that the sender signs what it sends, and that no proxy on the way drops the header.",
  header_malformed:
    "Check that the inbox has the right provider: another one writes this header differently.",
  header_conflict: "The header came more than once. A proxy on the way may have added its own.",
  signature_mismatch:
    "Either the sender signs with another secret, or something on the way changed the body. Check again with another secret to find out which.",
  time_stale: "It was signed too long ago. It may have been sent again unchanged, or a clock is wrong.",
  time_future: "It was signed in the future. The sender's clock or the one of this computer is wrong.",
  timestamp_missing: "The scheme signs a time, and none came with the request.",
  timestamp_malformed:
    "The time of signing is not in the scheme's form: seconds, not milliseconds or a date.",
  secret_missing: "Give the inbox the secret that the sender signs with.",
  secret_malformed: "Give the inbox the secret in the form in which the provider shows it, prefix included.",
  url_missing: "The scheme signs the address it was sent to, and that is not known here.",
};

/** What to do about a verification that is not valid, or `null` where there is nothing to do. */
export function mendOf(verification: { status: VerificationStatus; reason: string | null }): string | null {
  switch (verification.status) {
    case "valid":
      return null;
    case "no_secret":
      return "Give the inbox the secret that the sender signs with, and what arrives next is checked.";
    case "not_checked":
      return "Give the inbox a provider and its secret, and what arrives next is checked.";
    case "unsigned":
      return "If the sender should sign, check its settings, and that no proxy on the way drops the header.";
    case "invalid":
      return mends[verification.reason ?? ""] ?? null;
  }
}
