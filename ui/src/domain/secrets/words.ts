import type { Scheme, SecretInfo } from "$api/types";
import { duration } from "$shared/time";

/** Whose secrets they are: an endpoint signs with them, an inbox verifies by them. */
export type Owner = "endpoint" | "inbox";

/** For how long an old secret holds beside a new one, in milliseconds. */
export const overlaps = [
  { value: "0", title: "Not at all: it ends now" },
  { value: "3600000", title: "For an hour" },
  { value: "86400000", title: "For a day" },
  { value: "604800000", title: "For a week" },
];

/** For how long an added secret holds, in milliseconds; "" until it is ended. */
export const spans = [
  { value: "", title: "Until it is ended" },
  ...overlaps.slice(1),
  { value: "2592000000", title: "For 30 days" },
];

/** Whether a scheme has a form for several signatures of one request. */
export function signsWithAll(scheme: Scheme | null): boolean {
  return Boolean(scheme?.several);
}

/** Where several signatures of one request stand. */
function places(scheme: Scheme): string {
  const { several } = scheme;
  if (several === "repeated_header") return `in a ${scheme.signature_header ?? "signature"} header each`;
  if (typeof several === "object" && several !== null && "headers" in several) {
    const further = Array.isArray(several.headers) ? (several.headers as string[]) : [];
    return `in the headers ${[scheme.signature_header, ...further].filter(Boolean).join(" and ")}`;
  }
  return `side by side in ${scheme.signature_header ?? "one header"}`;
}

/** What is done with several secrets, in a sentence. */
export function severalText(owner: Owner, scheme: Scheme | null): string {
  if (owner === "inbox") return "A request is valid when any of them has signed it.";
  if (scheme === null) return "";
  return signsWithAll(scheme)
    ? `All of them sign, ${places(scheme)}: a receiver that knows any one accepts what comes.`
    : `Only the current one signs: ${scheme.name} has no form for several signatures.`;
}

/** What an overlap gives the other side. */
export function overlapText(owner: Owner, scheme: Scheme | null): string {
  if (owner === "inbox") {
    return "Until it ends, requests that were signed with the old one are valid as well.";
  }
  return signsWithAll(scheme)
    ? "Until it ends, both sign, so the receiver can change over at any time."
    : "This scheme sends one signature, and the new secret makes it: the receiver has to know the new one from now on.";
}

/** Which half of a pair of keys belongs where; null where both sides hold the same secret. */
export function halvesText(owner: Owner, scheme: Scheme | null): string | null {
  if (!scheme?.about?.asymmetric) return null;
  return owner === "endpoint"
    ? "The private key stays here and signs. The receiver gets the public key, which may be seen by anybody."
    : "To verify, the sender’s public key is enough; the private one stays with the sender.";
}

/** What the field of a secret is called. */
export function fieldTitle(scheme: Scheme | null): string {
  return scheme?.about?.asymmetric ? "Key" : "Secret";
}

/** "The signing secret, in base64.": what is to be pasted. */
export function askedText(scheme: Scheme | null): string {
  const words = scheme?.about?.secret ?? "the signing secret, as its owner writes it";
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

/** Those that still hold. */
export function holding(secrets: readonly SecretInfo[], now: number): SecretInfo[] {
  return secrets.filter((one) => one.expires_at === null || Date.parse(one.expires_at) > now);
}

/** Until when one holds: "until it is ended", "for 59 min 12 s more". */
export function untilText(secret: SecretInfo, now: number): string {
  if (secret.expires_at === null) return "until it is ended";
  return `for ${duration(Math.max(0, Date.parse(secret.expires_at) - now))} more`;
}
