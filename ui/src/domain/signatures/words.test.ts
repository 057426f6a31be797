import { describe, expect, it } from "vitest";
import type { KeyedScheme } from "$api/types";
import { contentWords, keyWords, roleOf, toleranceWords } from "./words";

const scheme: KeyedScheme = {
  id: "standardwebhooks",
  name: "Standard Webhooks",
  signature_header: "webhook-signature",
  signature_format: "v1,{sig}",
  several: "parts",
  timestamp: { header: "webhook-timestamp", unit: "s" },
  id_header: "webhook-id",
  content: "{id}.{ts}.{body}",
  algorithm: "hmac-sha256",
  encoding: "base64",
  secret: "whsec_b64",
  tolerance: { past_s: 300, future_s: 300 },
};

describe("a scheme in words", () => {
  it("says what each header is to it", () => {
    expect(roleOf("Webhook-Signature", scheme)).toBe("signature");
    expect(roleOf("webhook-timestamp", scheme)).toBe("signed time");
    expect(roleOf("webhook-timestamp", { ...scheme, content: "{body}" })).toBe("time");
    expect(roleOf("webhook-id", scheme)).toBe("signed id");
    expect(roleOf("content-type", scheme)).toBeNull();
    expect(roleOf("X-Sig-2", { ...scheme, several: { headers: ["x-sig-2"] } })).toBe("signature");
  });

  it("says what is signed, with what, and how old it may be", () => {
    expect(contentWords(scheme.content)).toBe("the id, “.”, the time, “.”, the body");
    expect(contentWords("v1:{ts}|{body}")).toBe("“v1:”, the time, “|”, the body");
    expect(keyWords(scheme)).toMatch(/whsec_/);
    expect(toleranceWords(scheme)).toBe("5 min old, 5 min ahead at most");
    expect(toleranceWords({ ...scheme, tolerance: undefined })).toBe("any age");
    expect(toleranceWords({ ...scheme, tolerance: { past_s: 900, future_s: null } })).toBe(
      "15 min old at most",
    );
  });
});
