/** Which part of a signed content each byte belongs to: the id, the time, a separator, the body. */

export type PieceKind =
  "id" | "ts" | "method" | "url" | "path" | "body" | "form_sorted" | "secret" | "literal" | "whole";

export interface Piece {
  kind: PieceKind;
  /** Byte offsets: from `start` up to `end`. */
  start: number;
  end: number;
}

/** What a part is known to be from the request's headers; then it need not be guessed from its form. */
export type Known = Partial<Record<"id" | "ts" | "method" | "url", string | null>>;

/** Parts before and after the body are looked for in this much of either end, in bytes. */
const EDGE = 16 * 1024;

const shapes: Partial<Record<PieceKind, string>> = {
  id: "[\\x21-\\x7e]+?",
  ts: "(?:\\d{9,17}|\\d{4}-\\d\\d-\\d\\dT[\\d:.]+(?:Z|[+-]\\d\\d:?\\d\\d))",
  method: "[A-Z]+",
  url: "https?://\\S+?",
  path: "/\\S*?",
  secret: "\\{secret\\}",
};

interface Token {
  kind: PieceKind;
  pattern: string;
}

/**
 * Cuts a signed content up by its scheme's template. The body is what remains between the parts before and
 * after it. Where the content does not fit the template it is one piece.
 */
export function piecesOf(
  content: Uint8Array,
  template: string | null | undefined,
  known: Known = {},
): Piece[] {
  const whole: Piece[] = content.length ? [{ kind: "whole", start: 0, end: content.length }] : [];
  if (!template) return whole;
  const tokens = tokensOf(template, known);
  const isRest = ({ kind }: Token) => kind === "body" || kind === "form_sorted";
  const at = tokens.findIndex(isRest);
  const before = at < 0 ? tokens : tokens.slice(0, at);
  const after = at < 0 ? [] : tokens.slice(at + 1);
  if (after.some(isRest)) return whole;
  const head = match(latin1(content.subarray(0, EDGE)), before, at < 0 ? "whole" : "head");
  const tailFrom = Math.max(0, content.length - EDGE);
  const tail = match(latin1(content.subarray(tailFrom)), after, "tail");
  if (!head || !tail) return whole;
  const pieces: Piece[] = [];
  let place = 0;
  const add = (kind: PieceKind, length: number) => {
    if (length > 0) pieces.push({ kind, start: place, end: place + length });
    place += length;
  };
  before.forEach((token, index) => add(token.kind, head[index] ?? 0));
  const end = content.length - tail.reduce((sum, length) => sum + length, 0);
  if (end < place || (at < 0 && place !== content.length)) return whole;
  if (at >= 0) add(tokens[at]!.kind, end - place);
  after.forEach((token, index) => add(token.kind, tail[index] ?? 0));
  return pieces;
}

function tokensOf(template: string, known: Known): Token[] {
  return template
    .split(/(\{[a-z_]+\})/)
    .filter(Boolean)
    .map((text) => {
      const kind = text.slice(1, -1) as PieceKind;
      if (!/^\{[a-z_]+\}$/.test(text)) return { kind: "literal", pattern: quoted(text) };
      const value = kind in known ? known[kind as keyof Known] : null;
      return { kind, pattern: value ? quoted(value) : (shapes[kind] ?? "[^]*?") };
    });
}

/** The lengths of the tokens, or `null` where the text is not made of them. */
function match(text: string, tokens: Token[], where: "head" | "tail" | "whole"): number[] | null {
  if (tokens.length === 0) return [];
  const last = tokens.at(-1)!;
  // With nothing certain behind it, an address would end anywhere.
  if (where === "head" && last.pattern.endsWith("?") && last.kind !== "literal") return null;
  const groups = tokens.map(({ pattern }) => `(${pattern})`).join("");
  const found = new RegExp(`${where === "tail" ? "" : "^"}${groups}${where === "head" ? "" : "$"}`).exec(
    text,
  );
  return found && found.slice(1).map((group) => group.length);
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

/** A value as a pattern that matches its UTF-8 bytes, each read as one character. */
function quoted(value: string): string {
  return latin1(new TextEncoder().encode(value)).replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
