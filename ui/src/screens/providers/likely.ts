import type { Headers, Scheme } from "$api/types";
import { isKeyed } from "$domain/signatures/words";

/**
 * The schemes whose signature stands among these headers, in the form that they write it in; of those the ones
 * that find most of their other headers there too.
 */
export function likely(schemes: readonly Scheme[], headers: Headers): Scheme[] {
  const values = new Map(headers.map(([name, value]) => [name.toLowerCase(), value]));
  const found = schemes.flatMap((scheme) => {
    if (!isKeyed(scheme)) return [];
    const value = values.get(scheme.signature_header.toLowerCase());
    if (typeof value !== "string" || !formOf(scheme.signature_format).test(value)) return [];
    const others = [scheme.timestamp?.header, scheme.id_header].filter(Boolean) as string[];
    const there = others.filter((name) => values.has(name.toLowerCase()));
    return [{ scheme, missing: others.length - there.length, there: there.length }];
  });
  found.sort((one, other) => one.missing - other.missing || other.there - one.there);
  const best = found[0];
  return found
    .filter(({ missing, there }) => missing === best?.missing && there === best.there)
    .map(({ scheme }) => scheme);
}

/** Matches a header's value that begins in the form of "t={ts},v1={sig}". */
function formOf(format: string): RegExp {
  const pieces = format.split(/\{\w+\}/).map((literal) => literal.replace(/[^\w\s]/g, "\\$&"));
  return new RegExp(`^\\s*${pieces.join(".+")}`);
}
