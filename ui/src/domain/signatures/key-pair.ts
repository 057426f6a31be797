import type { Scheme } from "$api/types";
import { toBase64 } from "../bodies/base64";

/** Both halves in PEM, which every asymmetric scheme takes. */
export interface KeyPair {
  privateKey: string;
  publicKey: string;
}

type Maker = () => Promise<CryptoKeyPair>;

const makers: Record<"ed25519" | "ecdsa-p256" | "rsa", Maker> = {
  ed25519: () => crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]) as Promise<CryptoKeyPair>,
  "ecdsa-p256": () =>
    crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]),
  rsa: () =>
    crypto.subtle.generateKey(
      {
        name: "RSASSA-PKCS1-v1_5",
        modulusLength: 2048,
        publicExponent: new Uint8Array([1, 0, 1]),
        hash: "SHA-256",
      },
      true,
      ["sign", "verify"],
    ),
};

/** Which kind of keys a scheme signs with; those that are code and asymmetric use RSA. */
export function keyKind({
  algorithm,
  about,
}: Pick<Scheme, "algorithm" | "about">): keyof typeof makers | null {
  if (algorithm === "ed25519" || algorithm === "ecdsa-p256") return algorithm;
  return about?.asymmetric ? "rsa" : null;
}

/** Makes a pair of keys to try a scheme with. Fails where the web view knows no such keys. */
export async function makeKeyPair(kind: keyof typeof makers): Promise<KeyPair> {
  const pair = await makers[kind]();
  const [pkcs8, spki] = await Promise.all([
    crypto.subtle.exportKey("pkcs8", pair.privateKey),
    crypto.subtle.exportKey("spki", pair.publicKey),
  ]);
  return { privateKey: pem("PRIVATE KEY", pkcs8), publicKey: pem("PUBLIC KEY", spki) };
}

function pem(label: string, der: ArrayBuffer): string {
  const lines = toBase64(new Uint8Array(der)).replace(/(.{64})(?=.)/g, "$1\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
