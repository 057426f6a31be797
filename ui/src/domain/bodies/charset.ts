import { startsWithBytes } from "./bytes";
import { parseHeaderValue } from "./media-type";
import { asOne, atOnce, type Steps } from "./slices";

export interface DecodedText {
  text: string;
  /** The character set that was used, by its standard name. */
  charset: string;
  /** What the reader should know about the decoding, or `null` where there is nothing to say. */
  note: string | null;
}

/**
 * Bytes as text: a byte order mark decides first, then the declared `charset`, then UTF-8, and Windows-1252
 * where the bytes are not UTF-8. Never fails; what cannot be read becomes U+FFFD and the note says so.
 */
export function decodeText(bytes: Uint8Array, contentType: string | null): DecodedText {
  return atOnce(decodeTextSteps(bytes, contentType));
}

/** The same with a rest now and then, so that a large body does not hold up the page. */
export function* decodeTextSteps(bytes: Uint8Array, contentType: string | null): Steps<DecodedText> {
  const mark = byteOrderMark(bytes);
  if (mark) return { ...(yield* lossy(bytes, mark)), note: null };
  const declared = contentType === null ? undefined : parseHeaderValue(contentType).params.get("charset");
  if (declared !== undefined && declared !== "") return yield* declaredText(bytes, declared);
  const text = yield* strict(bytes, "utf-8");
  if (text !== null) return { text, charset: "utf-8", note: null };
  const fallback = yield* lossy(bytes, "windows-1252");
  return { ...fallback, note: "These bytes are not valid UTF-8; they are shown as Windows-1252." };
}

function* declaredText(bytes: Uint8Array, declared: string): Steps<DecodedText> {
  let text: string | null;
  try {
    text = yield* strict(bytes, declared);
  } catch {
    const rest = yield* decodeTextSteps(bytes, null);
    return {
      ...rest,
      note: `The declared charset “${declared.slice(0, 40)}” is not known; shown as ${rest.charset}.`,
    };
  }
  if (text !== null) return { text, charset: new TextDecoder(declared).encoding, note: null };
  const shown = yield* lossy(bytes, declared);
  return { ...shown, note: `Some bytes are not valid ${shown.charset}; they are shown as �.` };
}

function byteOrderMark(bytes: Uint8Array): string | null {
  if (startsWithBytes(bytes, [0xef, 0xbb, 0xbf])) return "utf-8";
  if (startsWithBytes(bytes, [0xff, 0xfe])) return "utf-16le";
  if (startsWithBytes(bytes, [0xfe, 0xff])) return "utf-16be";
  return null;
}

/** The text, or `null` where the bytes are not valid; throws a `RangeError` where the label is unknown. */
function* strict(bytes: Uint8Array, label: string): Steps<string | null> {
  const decoder = new TextDecoder(label, { fatal: true, ignoreBOM: true });
  try {
    return yield* decode(decoder, bytes);
  } catch {
    return null;
  }
}

function* lossy(bytes: Uint8Array, label: string): Steps<{ text: string; charset: string }> {
  const decoder = new TextDecoder(label, { ignoreBOM: true });
  return { text: yield* decode(decoder, bytes), charset: decoder.encoding };
}

/** Bytes decoded between two rests. */
const STEP = 1 << 20;

function* decode(decoder: TextDecoder, bytes: Uint8Array): Steps<string> {
  if (bytes.length <= STEP) return decoder.decode(bytes);
  let text = "";
  for (let at = 0; at < bytes.length; at += STEP) {
    text += decoder.decode(bytes.subarray(at, at + STEP), { stream: true });
    yield;
  }
  return yield* asOne(text + decoder.decode());
}
