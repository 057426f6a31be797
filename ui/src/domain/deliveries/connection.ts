import type { Attempt, Headers } from "$api/types";
import { exactSpan } from "$shared/span";
import { exact } from "$shared/time";

/** The connection of an attempt in one line: "New connection, HTTP/1.1, TLS 1.3". */
export function connectionText({ connection, response }: Pick<Attempt, "connection" | "response">): string {
  if (!connection) return response ? "Nothing is recorded of it" : "No connection came about";
  const { reused, http_version, tls, proxy } = connection;
  return [
    reused ? "Open already, used again" : "New connection",
    http_version && httpName(http_version),
    tls ? (tls.version ? tlsName(tls.version) : "TLS failed") : "without TLS",
    proxy && "by a proxy",
  ]
    .filter(Boolean)
    .join(" · ");
}

/** "HTTP/2" for `HTTP/2.0`. */
export function httpName(version: string): string {
  return version.replace(/^(HTTP\/[23])\.0$/, "$1");
}

/** "TLS 1.3" for `TLSv1.3`. */
export function tlsName(version: string): string {
  return version.replace(/^TLSv/, "TLS ");
}

/** A digest in pairs, as certificates' viewers write it. */
export function pairsOf(hex: string): string {
  return hex.toUpperCase().replace(/(..)(?=.)/g, "$1:");
}

/**
 * What is wrong with the peer's certificate, as it bears on this attempt; null where it is in order, or where the
 * attempt failed for it and says so itself.
 */
export function certificateWarning(attempt: Attempt): string | null {
  const problem = attempt.connection?.tls?.problem;
  if (!problem || attempt.outcome === "tls_failure") return null;
  return `TLS is not verified here. If it were, this would have failed: ${lower(problem)}`;
}

function lower(sentence: string): string {
  return /^[A-Z][a-z]/.test(sentence) ? sentence.charAt(0).toLowerCase() + sentence.slice(1) : sentence;
}

/** For how long a server asked to be left alone, in words; null where it did not. It answered at `now`, in ms. */
export function askedToWait(headers: Headers, now: number, utc: boolean): string | null {
  const value = headers.find(([name]) => name.toLowerCase() === "retry-after")?.[1];
  if (typeof value !== "string") return null;
  const text = value.trim();
  if (/^\d+$/.test(text)) return `asked to wait ${exactSpan(Number(text) * 1_000)}`;
  const at = Date.parse(text);
  if (Number.isNaN(at)) return `sent a Retry-After that cannot be read: ${text}`;
  return at <= now ? "asked to wait until a time that was over" : `asked to wait until ${exact(at, utc)}`;
}
