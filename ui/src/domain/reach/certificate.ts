import type { CaptureCertificate } from "$api/types";
import type { Tone } from "$shared/tone";

export const standingWords: Record<CaptureCertificate["standing"], { tone: Tone; text: string }> = {
  valid: { tone: "good", text: "Valid" },
  ends_soon: { tone: "wait", text: "Ends soon" },
  expired: { tone: "bad", text: "Ended" },
  not_yet: { tone: "wait", text: "Not valid yet" },
};

/** A fingerprint in pairs with colons, as other programs show it. */
export function fingerprint(sha256: string): string {
  return (
    sha256
      .replaceAll(":", "")
      .toUpperCase()
      .match(/.{1,2}/g)
      ?.join(":") ?? ""
  );
}

/** What is seen to be wrong with a certificate and its key before they are sent. */
export function checkPem(certificate: string, key: string): { certificate_pem?: string; key_pem?: string } {
  const errors: { certificate_pem?: string; key_pem?: string } = {};
  if (!certificate.includes("-----BEGIN CERTIFICATE-----"))
    errors.certificate_pem = "Paste a certificate in PEM: it begins with -----BEGIN CERTIFICATE-----.";
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(key))
    errors.key_pem = "This key is encrypted. Decrypt it first: openssl pkey -in key.pem -out plain.pem";
  else if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(key))
    errors.key_pem = "Paste its private key in PEM: it begins with -----BEGIN PRIVATE KEY-----.";
  return errors;
}

/** The largest file that is read as a certificate or a key, in bytes. */
export const largestPem = 1024 * 1024;
