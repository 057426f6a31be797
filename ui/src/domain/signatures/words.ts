import type { KeyedScheme, Scheme } from "$api/types";
import { exactSpan } from "$shared/span";
import type { PieceKind } from "./pieces";

/** Whether all of a scheme is data; one that is code has a `kind`. */
export function isKeyed(scheme: Scheme): scheme is KeyedScheme {
  return !scheme.kind && typeof scheme.content === "string" && typeof scheme.signature_header === "string";
}

/** What the parts of a signed content are called. */
export const pieceWords: Record<PieceKind, string> = {
  id: "id",
  ts: "timestamp",
  method: "method",
  url: "URL",
  path: "path",
  body: "body",
  form_sorted: "form fields",
  secret: "secret",
  literal: "separator",
  whole: "content",
};

/** What a header is to a scheme, or null where it is none of its own. */
export function roleOf(name: string, scheme: Scheme | null): string | null {
  if (!scheme) return null;
  const same = (other: string | null | undefined) => other?.toLowerCase() === name.toLowerCase();
  if (same(scheme.signature_header) || furtherHeaders(scheme).some(same)) return "signature";
  if (same(scheme.timestamp?.header)) return scheme.content?.includes("{ts}") ? "signed time" : "time";
  if (same(scheme.id_header)) return scheme.content?.includes("{id}") ? "signed id" : "id";
  return null;
}

function furtherHeaders(scheme: Scheme): string[] {
  const several = scheme.several;
  if (typeof several !== "object" || several === null || !("headers" in several)) return [];
  return Array.isArray(several.headers) ? (several.headers as string[]) : [];
}

const parts: Record<string, string> = {
  id: "the id",
  ts: "the time",
  method: "the method",
  url: "the whole URL",
  path: "the URL’s path",
  body: "the body",
  form_sorted: "the form’s fields in order of their names",
  secret: "the secret",
};

/** What a scheme signs, in words: `{id}.{ts}.{body}` is "the id, “.”, the time, “.”, the body". */
export function contentWords(content: string): string {
  return content
    .split(/(\{[a-z_]+\})/)
    .filter(Boolean)
    .map((piece) => parts[piece.slice(1, -1)] ?? (/^\{.*\}$/.test(piece) ? piece : `“${piece}”`))
    .join(", ");
}

/** What choosing a scheme means, in a line. */
export function choiceText(scheme: Scheme | null, does: "sign" | "verify"): string {
  if (!scheme) return does === "verify" ? "Requests are captured, and their signatures not checked." : "";
  const halves = scheme.about?.asymmetric
    ? does === "sign"
      ? " A private key signs, the receiver verifies by its public half."
      : " The sender’s public key verifies."
    : "";
  const verb = does === "sign" ? "Signs" : "Expects";
  if (!isKeyed(scheme)) return `${verb} as ${scheme.name} does, by rules of its own.${halves}`;
  const what = does === "sign" ? "" : "a signature of ";
  return `${verb} ${what}${contentWords(scheme.content)}, in ${scheme.signature_header}.${halves}`;
}

const forms: Record<string, string> = {
  raw: "the whole secret as it is written",
  whsec_b64: "what follows whsec_, read as base64",
  hex: "the secret read as hex",
};

/** What of the written secret is the key. */
export function keyWords({ secret }: Pick<KeyedScheme, "secret">): string {
  return forms[secret] ?? secret;
}

/** How old a signature may be, in words. */
export function toleranceWords({ tolerance }: Pick<Scheme, "tolerance">): string {
  const past = tolerance?.past_s ?? null;
  const future = tolerance?.future_s ?? null;
  if (past === null && future === null) return "any age";
  const side = (seconds: number | null, word: string) =>
    seconds === null ? null : `${exactSpan(seconds * 1_000)} ${word}`;
  return [side(past, "old"), side(future, "ahead")].filter(Boolean).join(", ") + " at most";
}
