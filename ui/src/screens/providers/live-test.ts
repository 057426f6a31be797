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
  if (isAsymmetric(form)) return "";
  if (typeof form.kind === "string") return ofKind[form.kind] ?? "a_secret_for_the_test";
  switch (form.secret) {
    case "whsec_b64":
      return "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    case "base64":
    case "base64url":
      return "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    case "hex":
      return HEX;
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

/** A body to begin a test with; where the signature stands in the body, one of that shape. */
export function sampleBody({ kind }: SchemeForm): string {
  const body = typeof kind === "string" ? bodies[kind] : undefined;
  return JSON.stringify(body ?? { hello: "world" });
}

const bodies: Record<string, unknown> = {
  aws_sns: {
    Type: "Notification",
    MessageId: "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
    TopicArn: "arn:aws:sns:eu-central-1:123456789012:orders",
    Message: "hello",
    Timestamp: "2026-01-02T03:04:05.678Z",
  },
  adyen: {
    live: "false",
    notificationItems: [
      {
        NotificationRequestItem: {
          pspReference: "7914073381342284",
          merchantAccountCode: "Example",
          merchantReference: "order-1042",
          amount: { value: 1130, currency: "EUR" },
          eventCode: "AUTHORISATION",
          success: "true",
        },
      },
    ],
  },
};
