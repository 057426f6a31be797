import { createPrivateKey, createPublicKey } from "node:crypto";
import { describe, expect, it } from "vitest";
import { keyKind, makeKeyPair } from "./key-pair";

describe("a pair of keys", () => {
  it("is of the kind that the scheme signs with", () => {
    const about = { own: false, asymmetric: true, signs_url: false, secret: "", used_by: 0 };
    expect(keyKind({ algorithm: "ed25519" })).toBe("ed25519");
    expect(keyKind({ about })).toBe("rsa");
    expect(keyKind({ algorithm: "hmac-sha256" })).toBeNull();
  });

  it.each(["ed25519", "ecdsa-p256", "rsa"] as const)("is one, in PEM: %s", async (kind) => {
    const { privateKey, publicKey } = await makeKeyPair(kind);
    const derived = createPublicKey(createPrivateKey(privateKey));
    expect(derived.equals(createPublicKey(publicKey))).toBe(true);
  });
});
