import { visibleSegments } from "../bodies/visible";
import type { Piece, PieceKind } from "./pieces";

/** A stretch of a row that is drawn alike. */
export interface Run {
  kind: PieceKind;
  /** What stands there, or the name of what would not be seen: `LF`, `CR`, `BOM`, `SP`. */
  text: string;
  mark: boolean;
}

/** A piece by its place in the text, in UTF-16 units. */
export type TextPiece = Piece;

/** The pieces of bytes as pieces of the text that the bytes are. */
export function inText(pieces: Piece[], bytes: Uint8Array): TextPiece[] {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let at = 0;
  return pieces.map(({ kind, start, end }) => {
    const from = at;
    at += decoder.decode(bytes.subarray(start, end)).length;
    return { kind, start: from, end: at };
  });
}

/** Text from `start` to `end` cut into runs, with all that counts and would not be seen as marks. */
export function runsOf(text: string, start: number, end: number, pieces: TextPiece[]): Run[] {
  const runs: Run[] = [];
  for (const piece of pieces) {
    const from = Math.max(start, piece.start);
    const to = Math.min(end, piece.end);
    if (from >= to) continue;
    const trailing = trailingFrom(text, from, to);
    add(runs, piece.kind, text.slice(from, trailing));
    for (let at = trailing; at < to && isBlank(text[at]); at++)
      runs.push({ kind: piece.kind, text: text[at] === "\t" ? "TAB" : "SP", mark: true });
    add(runs, piece.kind, text.slice(afterBlanks(text, trailing, to), to));
  }
  return runs;
}

function add(runs: Run[], kind: PieceKind, text: string): void {
  for (const segment of visibleSegments(text))
    runs.push({ kind, text: segment.hidden ?? segment.text, mark: segment.hidden !== null });
}

const isBlank = (char: string | undefined) => char === " " || char === "\t";

/** Where the blanks begin that end a line or the whole text; `to` where there are none. */
function trailingFrom(text: string, from: number, to: number): number {
  let end = to;
  while (end > from && (text[end - 1] === "\n" || text[end - 1] === "\r")) end--;
  if (end === to && to < text.length && text[to] !== "\n" && text[to] !== "\r") return to;
  let at = end;
  while (at > from && isBlank(text[at - 1])) at--;
  return at === end ? to : at;
}

function afterBlanks(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && isBlank(text[at])) at++;
  return at;
}
