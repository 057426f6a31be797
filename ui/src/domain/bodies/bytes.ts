/** Searching and measuring raw bytes. */

/** Where `needle` first occurs in `hay` at or after `from`, or -1. An empty needle is found nowhere. */
export function indexOfBytes(hay: Uint8Array, needle: Uint8Array, from = 0): number {
  if (needle.length === 0) return -1;
  const first = needle[0]!;
  const last = hay.length - needle.length;
  let at = from;
  while (at <= last) {
    at = hay.indexOf(first, at);
    if (at < 0 || at > last) return -1;
    let matched = 1;
    while (matched < needle.length && hay[at + matched] === needle[matched]) matched++;
    if (matched === needle.length) return at;
    at++;
  }
  return -1;
}

/** Whether `bytes` holds exactly `prefix` at `at`. */
export function startsWithBytes(bytes: Uint8Array, prefix: readonly number[], at = 0): boolean {
  return bytes.length >= at + prefix.length && prefix.every((byte, i) => bytes[at + i] === byte);
}

/** The bytes as text, one character a byte: for looking at ASCII syntax only. */
export function asciiHead(bytes: Uint8Array, length: number): string {
  return String.fromCharCode(...bytes.subarray(0, Math.min(length, 4096)));
}

const SNIFFED = 4096;

/**
 * Whether the bytes look like something other than text: a NUL, or many control characters near the start.
 * UTF-16 with a byte order mark is text.
 */
export function looksBinary(bytes: Uint8Array): boolean {
  if (startsWithBytes(bytes, [0xff, 0xfe]) || startsWithBytes(bytes, [0xfe, 0xff])) return false;
  const head = bytes.subarray(0, SNIFFED);
  let control = 0;
  for (const byte of head) {
    if (byte === 0) return true;
    if (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 27) control++;
  }
  return control * 20 > head.length;
}
