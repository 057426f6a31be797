/**
 * Reading a JSON Web Token (RFC 7519). Nothing is checked: what it claims is no more than that, and whoever shows
 * it says so.
 */

export interface Jwt {
  /** The header and the claims, as the JSON texts that they came as. */
  header: string;
  claims: string | null;
  /** The algorithm that the header names, or `null`. */
  algorithm: string | null;
  /** The signature as it stands in the token; empty where there is none. */
  signature: string;
  /** What is odd about it, in words. */
  notices: string[];
  /** The claims that are times, with the instant in milliseconds since 1970. */
  times: { claim: string; title: string; at: number }[];
}

/** Longer texts are no tokens. */
export const LONGEST_JWT = 256 * 1024;

const SHAPE = /^eyJ[\w-]*={0,2}\.[\w-]+={0,2}\.[\w-]*={0,2}$/;
const times: Record<string, string> = {
  iat: "Issued",
  nbf: "Not before",
  exp: "Expires",
  auth_time: "Signed in",
};

/** Whether a text has the shape of a token; a scheme such as `Bearer` may stand before it. */
export function looksLikeJwt(text: string): boolean {
  return text.length <= LONGEST_JWT && SHAPE.test(tokenOf(text));
}

/** The token without the scheme before it. */
export function tokenOf(text: string): string {
  return text.trim().replace(/^(?:bearer|jwt|token)\s+/i, "");
}

/** Takes a token apart, or `null` where its header is no JSON object. */
export function readJwt(text: string): Jwt | null {
  if (!looksLikeJwt(text)) return null;
  const [head = "", body = "", signature = ""] = tokenOf(text).split(".");
  const header = textOf(head);
  const fields = header === null ? null : objectOf(header);
  if (header === null || fields === null) return null;
  const claims = textOf(body);
  const claimed = claims === null ? null : objectOf(claims);
  const algorithm = typeof fields.alg === "string" ? fields.alg : null;
  return {
    header,
    claims,
    algorithm,
    signature,
    notices: noticesOf(fields, algorithm, signature, claimed === null),
    times: claimed === null ? [] : timesOf(claimed),
  };
}

function noticesOf(
  header: Record<string, unknown>,
  algorithm: string | null,
  signature: string,
  isOpaque: boolean,
): string[] {
  const notices: string[] = [];
  if (algorithm === null) notices.push("Its header names no algorithm.");
  else if (algorithm.toLowerCase() === "none")
    notices.push("Its algorithm is “none”: anybody could have written it.");
  if (signature === "") notices.push("It carries no signature.");
  else if (!/^[\w-]+={0,2}$/.test(signature) || signature.replace(/=+$/, "").length % 4 === 1)
    notices.push("Its signature is not base64url.");
  if ("crit" in header) notices.push("It names extensions that a reader has to understand (“crit”).");
  if (isOpaque) notices.push("Its second part is not a JSON object: it may be encrypted or of another kind.");
  return notices;
}

function timesOf(claims: Record<string, unknown>): Jwt["times"] {
  return Object.entries(times).flatMap(([claim, title]) => {
    const seconds = claims[claim];
    // Beyond these a date has no year of four digits.
    const isTime = typeof seconds === "number" && seconds > -62_135_596_800 && seconds < 253_402_300_800;
    return isTime ? [{ claim, title, at: seconds * 1000 }] : [];
  });
}

function objectOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** Base64url as text, or `null` where it is none or not UTF-8. */
function textOf(encoded: string): string | null {
  try {
    const binary = atob(encoded.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, ""));
    const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
