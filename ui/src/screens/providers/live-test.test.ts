import { describe, expect, it } from "vitest";
import { sampleSecret } from "./live-test";

describe("the secret that a live test begins with", () => {
  it("is in the form that the scheme takes", () => {
    expect(sampleSecret({ secret: "raw", algorithm: "hmac-sha256" })).not.toBe("");
    expect(sampleSecret({ secret: "whsec_b64", algorithm: "hmac-sha256" })).toMatch(
      /^whsec_[A-Za-z0-9+/]+=*$/,
    );
    expect(sampleSecret({ secret: "hex", algorithm: "hmac-sha256" })).toMatch(/^([0-9a-f]{2})+$/);
    expect(sampleSecret({ kind: "basic" })).toMatch(/^.+:.+$/);
    expect(sampleSecret({ kind: "a_token" })).not.toBe("");
  });

  it("is none where a key is made or pasted", () => {
    expect(sampleSecret({ secret: "hex", algorithm: "ed25519" })).toBe("");
    expect(sampleSecret({ secret: "pem", algorithm: "ecdsa-p256" })).toBe("");
    expect(sampleSecret({ secret: "base64", algorithm: "ed25519" })).toBe("");
    expect(sampleSecret({ kind: "aws_sns" })).toBe("");
  });
});
