import { startsWithBytes } from "./bytes";
import { size } from "$shared/size";

/** A body with its content codings undone. */
export interface Unpacked {
  bytes: Uint8Array<ArrayBuffer>;
  /** What was undone, the outermost first. */
  undone: string[];
  /** `whole`, or why it ends before the content does: `limit`, `damaged`, `unknown`. */
  until: string;
}

/** The codings that a `Content-Encoding` names, the one that changes nothing left out. */
export function codings(contentEncoding: string | null): string[] {
  return (contentEncoding ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "" && name !== "identity");
}

/** Whether a body is packed: it says so, or it begins as gzip or zstd does. */
export function isPacked(contentEncoding: string | null, bytes: Uint8Array): boolean {
  if (bytes.length === 0) return false;
  if (codings(contentEncoding).length > 0) return true;
  return startsWithBytes(bytes, [0x1f, 0x8b, 0x08]) || startsWithBytes(bytes, [0x28, 0xb5, 0x2f, 0xfd]);
}

/** What was done to a body, as a sentence, and what is wrong with it, or `null`. */
export function unpackedWords(
  { bytes, undone, until }: Unpacked,
  raw: number,
  contentEncoding: string | null,
): { text: string; wrong: string | null } {
  const said = codings(contentEncoding);
  const named = undone.join(", then ");
  const unsaid = undone.length > 0 && said.length === 0 ? ", which no header says" : "";
  const text =
    undone.length === 0
      ? `Said to be ${said.join(", ")}; shown as it came.`
      : `Decoded from ${named}${unsaid}: ${size(raw)} became ${size(bytes.length)}.`;
  return { text, wrong: wrongWords(undone, until, said) };
}

function wrongWords(undone: string[], until: string, said: string[]): string | null {
  if (until === "limit") return "More follows; decoding ends here.";
  if (until === "unknown")
    return undone.length === 0
      ? "This coding is not known here."
      : "A coding is left that is not known here, or there are too many.";
  if (until !== "damaged") return null;
  return undone.length === 0
    ? `These bytes are not ${said.at(-1) ?? "what they begin as"}.`
    : "What follows is damaged, or the end is missing.";
}
