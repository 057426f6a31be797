import { describe, expect, it } from "vitest";
import type { Access } from "$api/types";
import { accessDraft, accessField, accessForm, accessWords, checkAccess, newToken } from "./access";
import { addressWords, isOfNetwork } from "./addresses";
import { checkPem, fingerprint } from "./certificate";
import { networksError, networksOf, networksText } from "./networks";

const basic: Access = { type: "basic", username: "me", hint: "…word" };
const token: Access = { type: "token", header: "X-Token", query: null, hint: "…abcd" };

describe("the form of who may send to an inbox", () => {
  it("asks for nothing where nothing changed", () => {
    for (const access of [null, basic, token])
      expect(accessDraft(accessForm(access), access)).toBeUndefined();
  });

  it("takes it away, and keeps the secret that is not written anew", () => {
    expect(accessDraft({ ...accessForm(basic), type: "none" }, basic)).toBeNull();
    expect(accessDraft({ ...accessForm(basic), username: " you " }, basic)).toEqual({
      type: "basic",
      username: "you",
    });
    expect(accessDraft({ ...accessForm(token), where: "query", name: "t" }, token)).toEqual({
      type: "token",
      query: "t",
    });
    expect(accessDraft({ ...accessForm(basic), password: "p w" }, basic)).toEqual({
      type: "basic",
      username: "me",
      password: "p w",
    });
  });

  it("wants a secret where there is none of that kind", () => {
    expect(checkAccess({ ...accessForm(null), type: "basic" }, null)).toEqual({
      username: "Give a user name.",
      password: "Give a password.",
    });
    expect(Object.keys(checkAccess({ ...accessForm(basic), type: "token", name: "X" }, basic))).toEqual([
      "token",
    ]);
    expect(checkAccess(accessForm(token), token)).toEqual({});
    expect(checkAccess({ ...accessForm(basic), username: "a:b" }, basic).username).toMatch(/colon/);
  });

  it("puts the API's errors beside their fields", () => {
    expect([accessField("header"), accessField("query"), accessField("type")]).toEqual([
      "name",
      "name",
      null,
    ]);
  });

  it("makes tokens that differ", () => {
    const made = new Set(Array.from({ length: 50 }, newToken));
    expect(made.size).toBe(50);
    for (const one of made) expect(one).toMatch(/^[a-z2-9]{32}$/);
  });

  it("says on the bar what a sender has to show", () => {
    expect(accessWords(null, [])).toBeNull();
    expect(accessWords(basic, [])).toBe("asks for a password");
    expect(accessWords(token, ["10.0.0.0/8"])).toBe("asks for a token, only from allowed addresses");
  });
});

describe("an allow-list", () => {
  it("is read from lines and commas, and written as lines", () => {
    expect(networksOf(" 10.0.0.0/8, ::1\n\n192.168.0.1 ")).toEqual(["10.0.0.0/8", "::1", "192.168.0.1"]);
    expect(networksText(["10.0.0.0/8", "::1"])).toBe("10.0.0.0/8\n::1");
  });

  it("names the line that is wrong", () => {
    expect(networksError([{ field: "allow[1]", message: "is no network" }], "allow")).toBe(
      "Line 2: Is no network.",
    );
    expect(networksError([{ field: "allow", message: "has too many" }], "allow")).toBe("Has too many.");
    expect(networksError([{ field: "allowed", message: "x" }], "allow")).toBeUndefined();
  });
});

describe("addresses", () => {
  it("are called by who reaches them, and how", () => {
    const urls = [
      "http://127.0.0.1:4800/o",
      "https://127.0.0.1:4800/o",
      "http://192.168.1.7:4800/o",
      "https://[fd00::7]:4800/o",
      "http://[::1]:4800/o",
    ];
    expect(urls.map(addressWords)).toEqual([
      "this machine",
      "this machine, over TLS",
      "the network",
      "the network, over TLS",
      "this machine",
    ]);
    expect(urls.filter(isOfNetwork)).toEqual([urls[2], urls[3]]);
    expect(isOfNetwork("http://localhost:4800/")).toBe(false);
  });
});

describe("a certificate of one's own", () => {
  const certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";

  it("is seen to be none, or without a key that can be read", () => {
    expect(Object.keys(checkPem("", ""))).toEqual(["certificate_pem", "key_pem"]);
    for (const kind of ["", "RSA ", "EC "])
      expect(checkPem(certificate, `-----BEGIN ${kind}PRIVATE KEY-----\nMIIB`)).toEqual({});
    expect(checkPem(certificate, "-----BEGIN ENCRYPTED PRIVATE KEY-----").key_pem).toMatch(/openssl pkey/);
    expect(
      checkPem(certificate, "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n").key_pem,
    ).toMatch(/encrypted/);
    expect(checkPem(certificate, certificate).key_pem).toMatch(/private key/);
  });

  it("is told by its fingerprint as other programs write it", () => {
    expect(fingerprint("00ab12")).toBe("00:AB:12");
    expect(fingerprint("00:ab:12")).toBe("00:AB:12");
  });
});
