import type { SchemeForm } from "$api/types";

const HEX = "31f29af6bf06298aab4f08d43c3f082cf648a362da2da4b0";

/** Where code takes another form than any text: a key to paste, hexadecimal, a pair. */
const ofKind: Record<string, string> = {
  aws_sns: "",
  paypal: "",
  adyen: HEX,
  contentful: `${HEX}${HEX}`.slice(0, 64),
  basic: "user:password",
};

/** A secret in the form that a scheme takes, to begin a test with; "" where it takes a key that is pasted. */
export function sampleSecret(form: SchemeForm): string {
  if (typeof form.kind === "string") return ofKind[form.kind] ?? "a_secret_for_the_test";
  switch (form.secret) {
    case "whsec_b64":
      return "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    case "base64":
    case "base64url":
      return "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    case "hex":
      return isAsymmetric(form) ? "" : HEX;
    case "raw":
      return "a_secret_for_the_test";
    default:
      return "";
  }
}

/** Whether a scheme's secrets are key pairs, as far as its form says. */
function isAsymmetric({ algorithm }: SchemeForm): boolean {
  return algorithm === "ed25519" || algorithm === "ecdsa-p256";
}
