import { indexOfBytes } from "./bytes";
import { MATCH_LIMIT, type Matches, NO_MATCHES } from "./find";
import { atOnce, type Steps } from "./slices";

export interface HexRow {
  /** Offset of the first byte, eight hexadecimal digits or more. */
  offset: string;
  /** Two digits a byte. */
  cells: string[];
  /** One character a byte; a dot for what is not printable ASCII. */
  ascii: string[];
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** One row of a hex view, from `row * width`. */
export function hexRow(bytes: Uint8Array, row: number, width: number): HexRow {
  const start = row * width;
  const slice = bytes.subarray(start, start + width);
  return {
    offset: start.toString(16).padStart(8, "0"),
    cells: Array.from(slice, (byte) => HEX[byte]!),
    ascii: Array.from(slice, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")),
  };
}

/** How many rows of `width` bytes the body takes. */
export function hexRowCount(size: number, width: number): number {
  return Math.ceil(size / width);
}

/** The bytes a search means: `0x1f8b` or `0x1f 8b` as bytes, anything else as UTF-8 text. */
export function needleBytes(query: string): Uint8Array {
  const hex = /^0x((?:[0-9a-f]{2}\s*)+)$/i.exec(query.trim());
  if (!hex) return new TextEncoder().encode(query);
  const digits = (hex[1] ?? "").replace(/\s+/g, "");
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    parseInt(digits.slice(i * 2, i * 2 + 2), 16),
  );
}

/** Every place where the query's bytes occur; offsets count bytes. */
export function findInBytes(bytes: Uint8Array, query: string, limit = MATCH_LIMIT): Matches {
  return atOnce(findInBytesSteps(bytes, query, limit));
}

/** Bytes searched between two rests. */
const STEP = 1 << 20;

/** The same with a rest now and then, so that a large body does not hold up the page. */
export function* findInBytesSteps(bytes: Uint8Array, query: string, limit = MATCH_LIMIT): Steps<Matches> {
  const needle = needleBytes(query);
  if (needle.length === 0) return NO_MATCHES;
  const offsets: number[] = [];
  let from = 0;
  for (let start = 0; start < bytes.length; start += STEP) {
    // A match may reach into the next piece.
    const piece = bytes.subarray(0, start + STEP + needle.length - 1);
    for (
      let at = indexOfBytes(piece, needle, Math.max(from, start));
      at >= 0;
      at = indexOfBytes(piece, needle, from)
    ) {
      if (offsets.length === limit)
        return { offsets: Int32Array.from(offsets), length: needle.length, capped: true };
      offsets.push(at);
      from = at + needle.length;
    }
    yield;
  }
  return { offsets: Int32Array.from(offsets), length: needle.length, capped: false };
}
