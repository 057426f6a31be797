import { describe, expect, it } from "vitest";
import { looksLikeJwt, readJwt } from "./jwt";

const encode = (text: string) => btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
const token = (header: unknown, claims: unknown, signature = "c2ln") =>
  `${encode(JSON.stringify(header))}.${typeof claims === "string" ? claims : encode(JSON.stringify(claims))}.${signature}`;

describe("a JSON Web Token", () => {
  it("is read into header, claims and times, whatever stands before it", () => {
    const text = `Bearer ${token({ alg: "RS256", kid: "a" }, { sub: "u", iat: 1_700_000_000, exp: 1_700_003_600.5 })}`;
    const jwt = readJwt(text);
    expect(jwt?.header).toBe('{"alg":"RS256","kid":"a"}');
    expect(jwt?.claims).toContain('"sub":"u"');
    expect(jwt?.times).toEqual([
      { claim: "iat", title: "Issued", at: 1_700_000_000_000 },
      { claim: "exp", title: "Expires", at: 1_700_003_600_500 },
    ]);
    expect(jwt?.notices).toEqual([]);
  });

  it("without a signature, of no algorithm or not readable says so", () => {
    const notices = (header: unknown, claims: unknown, signature?: string) =>
      readJwt(token(header, claims, signature))?.notices.join(" ");
    expect(notices({ alg: "nOnE" }, {}, "")).toMatch(/“none”.*no signature/);
    expect(notices({ typ: "JWT" }, {})).toMatch(/names no algorithm/);
    expect(notices({ alg: "HS256", crit: ["b64"] }, {})).toMatch(/crit/);
    expect(notices({ alg: "dir", enc: "A128GCM" }, "____")).toMatch(/encrypted/);
  });

  it("has no times where they are none", () => {
    expect(readJwt(token({ alg: "a" }, { exp: 1e300, nbf: "soon", iat: null }))?.times).toEqual([]);
  });

  it("is not found in what only resembles one", () => {
    for (const text of ["a.b.c", "eyJ.b.c", "eyJhbGciOiJub25lIn0.e30", `eyJ${"a".repeat(300_000)}.e30.`, ""])
      expect(readJwt(text), text.slice(0, 40)).toBe(null);
    expect(looksLikeJwt("eyJhbGciOiJub25lIn0.e30.")).toBe(true);
  });
});
