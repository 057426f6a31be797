export interface FormField {
  name: string;
  /** `null` where the field has no `=` at all. */
  value: string | null;
  /** Whether a percent sequence was broken or the bytes were not UTF-8. */
  damaged: boolean;
}

/** At most this many fields are listed. */
export const FIELD_LIMIT = 100_000;

/**
 * The fields of an `application/x-www-form-urlencoded` text or a URL's query, in order, duplicates kept, decoded
 * as browsers do: `+` is a space, percent sequences are UTF-8, broken ones stay as they are.
 */
export function parseForm(text: string, limit = FIELD_LIMIT): { fields: FormField[]; cut: boolean } {
  const fields: FormField[] = [];
  let at = 0;
  while (at <= text.length) {
    const ampersand = text.indexOf("&", at);
    const end = ampersand < 0 ? text.length : ampersand;
    if (end > at) {
      if (fields.length === limit) return { fields, cut: true };
      fields.push(parseField(text.slice(at, end)));
    }
    at = end + 1;
  }
  return { fields, cut: false };
}

function parseField(pair: string): FormField {
  const equals = pair.indexOf("=");
  const name = decodePercent(equals < 0 ? pair : pair.slice(0, equals));
  const value = equals < 0 ? null : decodePercent(pair.slice(equals + 1));
  return { name: name.text, value: value?.text ?? null, damaged: name.damaged || (value?.damaged ?? false) };
}

// Made once: a body may hold a hundred thousand fields.
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Decodes `+` and percent sequences; never throws. */
export function decodePercent(text: string): { text: string; damaged: boolean } {
  const spaced = text.replaceAll("+", " ");
  if (!spaced.includes("%")) return { text: spaced, damaged: false };
  const bytes = encoder.encode(spaced);
  const out = new Uint8Array(bytes.length);
  let length = 0;
  let damaged = false;
  for (let at = 0; at < bytes.length; at++) {
    const high = bytes[at] === 0x25 ? hexDigit(bytes[at + 1]) : -1;
    const low = high >= 0 ? hexDigit(bytes[at + 2]) : -1;
    if (low >= 0) {
      out[length++] = high * 16 + low;
      at += 2;
    } else {
      if (bytes[at] === 0x25) damaged = true;
      out[length++] = bytes[at]!;
    }
  }
  const decoded = decoder.decode(out.subarray(0, length));
  return { text: decoded, damaged: damaged || (decoded.includes("\ufffd") && !text.includes("\ufffd")) };
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
