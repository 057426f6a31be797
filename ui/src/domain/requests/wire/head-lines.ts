/** How a line of a head ended. */
export type LineEnd = "CR LF" | "LF" | "nothing";

export interface HeadLine {
  text: string;
  end: LineEnd;
}

const LF = 0x0a;
const CR = 0x0d;
/** More lines than this are not drawn; a file has all of them. */
const MOST_LINES = 2_000;

/** The lines of a head as it stood on the wire. Bytes that are not UTF-8 are read as Latin-1, so that none is lost. */
export function headLines(bytes: Uint8Array): HeadLine[] {
  const lines: HeadLine[] = [];
  for (let start = 0; start < bytes.length && lines.length < MOST_LINES;) {
    const found = bytes.indexOf(LF, start);
    const stop = found < 0 ? bytes.length : found;
    const isBare = found < 0 || stop === start || bytes[stop - 1] !== CR;
    lines.push({
      text: readable(bytes.subarray(start, isBare ? stop : stop - 1)),
      end: found < 0 ? "nothing" : isBare ? "LF" : "CR LF",
    });
    start = stop + 1;
  }
  return lines;
}

/** Bytes as text: as UTF-8, or else each byte as the character of its number. */
export function readable(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  }
}

/** The white space of a line made visible: a dot for a space, an arrow for a tab. */
export function whiteSpaceShown(text: string): string {
  return text.replaceAll(" ", "·").replaceAll("\t", "⇥");
}

/** A length of time in microseconds as a person would say it: "80 µs", "1.2 ms", "340 ms", "1.4 s". */
export function shortTime(us: number): string {
  if (us < 1_000) return `${us} µs`;
  const ms = us / 1_000;
  if (ms < 10) return `${Math.round(ms * 10) / 10} ms`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1_000;
  return `${seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds)} s`;
}

/** Which share of both the head took, in percent; each is wide enough to be seen. */
export function headShare(headUs: number, bodyUs: number): number {
  if (bodyUs === 0) return 100;
  return Math.min(98, Math.max(2, (100 * headUs) / (headUs + bodyUs)));
}

/** How wide the largest chunks are drawn, and the smallest at the least, in pixels. */
const WIDEST = 48;
const NARROWEST = 3;

/** How wide each chunk is drawn. */
export function chunkWidths(sizes: readonly number[]): number[] {
  const largest = Math.max(1, ...sizes);
  return sizes.map((size) => Math.max(NARROWEST, Math.round((WIDEST * size) / largest)));
}
