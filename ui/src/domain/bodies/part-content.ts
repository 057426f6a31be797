import type { Part } from "./multipart";

/** What a part holds, and what was done to read it. */
export interface PartContent {
  /** Its bytes, decoded where the part says that they were made text. */
  bytes: Uint8Array<ArrayBuffer>;
  /** What is to be known about that, in words; null where they are as they came. */
  note: string | null;
}

const known = new WeakMap<Part, PartContent>();

/** The content of a part. Mail and older senders write it as base64 or quoted-printable (RFC 2045, 6). */
export function contentOf(part: Part): PartContent {
  let content = known.get(part);
  if (!content) known.set(part, (content = read(part)));
  return content;
}

function read(part: Part): PartContent {
  const as = (name: string): string | undefined =>
    part.headers
      .find((header) => header[0].toLowerCase() === name)?.[1]
      .trim()
      .toLowerCase();
  const came = part.body as Uint8Array<ArrayBuffer>;
  const coding = as("content-transfer-encoding");
  if (coding === "base64") {
    const bytes = fromBase64(came);
    return bytes
      ? { bytes, note: "Decoded from base64." }
      : { bytes: came, note: "It says that it is base64, and is not." };
  }
  if (coding === "quoted-printable") {
    return { bytes: fromQuotedPrintable(came), note: "Decoded from quoted-printable." };
  }
  const packed = as("content-encoding");
  return packed && packed !== "identity"
    ? { bytes: came, note: `Packed by the sender (${packed}): it is shown and saved packed.` }
    : { bytes: came, note: null };
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PAD = 61;
const values = new Uint8Array(256).fill(255);
for (const [value, character] of [...ALPHABET].entries()) values[character.charCodeAt(0)] = value;

/** `null` where it is no base64. Lines may be of any length. */
function fromBase64(text: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const bytes = new Uint8Array(Math.ceil(text.length / 4) * 3);
  let size = 0;
  let bits = 0;
  let count = 0;
  let padded = false;
  for (const byte of text) {
    if (byte <= 32) continue;
    const value = values[byte] ?? 255;
    if (byte === PAD) padded = true;
    else if (value === 255 || padded) return null;
    else {
      bits = ((bits << 6) | value) & 0xffffff;
      count += 1;
      if (count % 4 !== 1) bytes[size++] = (bits >> [0, 0, 4, 2][count % 4]!) & 0xff;
    }
  }
  return count % 4 === 1 ? null : bytes.slice(0, size);
}

const EQUALS = 61;
const CR = 13;
const LF = 10;

/** What is no escape stays as it is. */
function fromQuotedPrintable(text: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  let size = 0;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at]!;
    if (byte !== EQUALS) {
      bytes[size++] = byte;
      continue;
    }
    const [first, second] = [text[at + 1], text[at + 2]];
    const code = hex(first) * 16 + hex(second);
    if (first === LF) at += 1;
    else if (first === CR && second === LF) at += 2;
    else if (Number.isNaN(code)) bytes[size++] = byte;
    else {
      bytes[size++] = code;
      at += 2;
    }
  }
  return bytes.slice(0, size);
}

function hex(byte: number | undefined): number {
  const text = byte === undefined ? "" : String.fromCharCode(byte);
  return /^[0-9a-f]$/i.test(text) ? Number.parseInt(text, 16) : Number.NaN;
}
