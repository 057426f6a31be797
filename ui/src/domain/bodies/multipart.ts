import { indexOfBytes } from "./bytes";
import { decodeExtendedValue, parseHeaderValue } from "./media-type";

export interface Part {
  /** Headers in order, as they came. */
  headers: [name: string, value: string][];
  /** The field's name, where the part has one. */
  name: string | null;
  /** The file's name as sent; never to be used as a path (see `safeFileName`). */
  filename: string | null;
  contentType: string | null;
  /** The part's bytes: a view into the body, not a copy. */
  body: Uint8Array;
}

export interface Multipart {
  parts: Part[];
  /** What is odd about the body, in words. */
  notices: string[];
}

/** At most this many parts are listed. */
export const PART_LIMIT = 10_000;
const HEADER_LIMIT = 64 * 1024;
const CR = 13;
const LF = 10;
const DASH = 45;

/** The boundary a content type names, or `null`. */
export function boundaryOf(contentType: string | null): string | null {
  if (contentType === null) return null;
  const parsed = parseHeaderValue(contentType);
  const boundary = parsed.params.get("boundary");
  return parsed.value.startsWith("multipart/") && boundary ? boundary : null;
}

/** Takes a multipart body apart. Accepts bare LF line ends, and says what is missing. */
export function parseMultipart(bytes: Uint8Array, boundary: string): Multipart {
  const notices: string[] = [];
  const parts: Part[] = [];
  const delimiter = new TextEncoder().encode(`--${boundary}`);
  let at = nextDelimiter(bytes, delimiter, 0);
  if (at < 0)
    return { parts, notices: ["The boundary that the content type names does not occur in the body."] };
  if (at > 0) notices.push(`${at} bytes stand before the first part.`);
  for (;;) {
    const afterDelimiter = at + delimiter.length;
    if (bytes[afterDelimiter] === DASH && bytes[afterDelimiter + 1] === DASH) {
      const rest = bytes.length - skipLineEnd(bytes, afterDelimiter + 2);
      if (rest > 0) notices.push(`${rest} bytes stand after the last part.`);
      return { parts, notices };
    }
    const start = afterLine(bytes, afterDelimiter);
    const next = nextDelimiter(bytes, delimiter, start);
    if (parts.length === PART_LIMIT) {
      notices.push(`Only the first ${PART_LIMIT} parts are listed.`);
      return { parts, notices };
    }
    const end = next < 0 ? bytes.length : lineEndBefore(bytes, next, start);
    parts.push(readPart(bytes.subarray(start, end)));
    if (next < 0) {
      notices.push("The closing boundary is missing: the body may have been cut short.");
      return { parts, notices };
    }
    at = next;
  }
}

/** The next place where the delimiter stands at the start of a line and is a whole one. */
function nextDelimiter(bytes: Uint8Array, delimiter: Uint8Array, from: number): number {
  for (let at = indexOfBytes(bytes, delimiter, from); at >= 0; at = indexOfBytes(bytes, delimiter, at + 1)) {
    const after = bytes[at + delimiter.length];
    const whole =
      after === undefined || after === CR || after === LF || after === DASH || after === 32 || after === 9;
    if (whole && (at === 0 || at === from || bytes[at - 1] === LF)) return at;
  }
  return -1;
}

function afterLine(bytes: Uint8Array, from: number): number {
  const lineFeed = bytes.indexOf(LF, from);
  return lineFeed < 0 ? bytes.length : lineFeed + 1;
}

function skipLineEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  if (bytes[at] === CR) at++;
  if (bytes[at] === LF) at++;
  return at;
}

/** The line end before a delimiter belongs to the delimiter, not to the part. */
function lineEndBefore(bytes: Uint8Array, delimiter: number, start: number): number {
  let end = delimiter;
  if (end > start && bytes[end - 1] === LF) end--;
  if (end > start && bytes[end - 1] === CR) end--;
  return end;
}

function readPart(bytes: Uint8Array): Part {
  const { headers, bodyStart } = readHeaders(bytes);
  const disposition = parseHeaderValue(headerOf(headers, "content-disposition") ?? "");
  const extended = disposition.params.get("filename*");
  return {
    headers,
    name: disposition.params.get("name") ?? null,
    filename: (extended && decodeExtendedValue(extended)) ?? disposition.params.get("filename") ?? null,
    contentType: headerOf(headers, "content-type"),
    body: bytes.subarray(bodyStart),
  };
}

function readHeaders(bytes: Uint8Array): { headers: [string, string][]; bodyStart: number } {
  const headers: [string, string][] = [];
  const decoder = new TextDecoder("utf-8");
  let at = 0;
  while (at < bytes.length && at < HEADER_LIMIT) {
    const next = afterLine(bytes, at);
    const line = decoder.decode(bytes.subarray(at, next)).replace(/\r?\n$/, "");
    at = next;
    if (line === "") return { headers, bodyStart: at };
    const last = headers.at(-1);
    const colon = line.indexOf(":");
    if (/^[ \t]/.test(line) && last) last[1] += ` ${line.trim()}`;
    else headers.push(colon < 0 ? [line, ""] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
  }
  // No empty line: these were not headers, so all of it is the part's body.
  return at >= HEADER_LIMIT || headers.length === 0
    ? { headers: [], bodyStart: 0 }
    : { headers, bodyStart: at };
}

function headerOf(headers: readonly [string, string][], name: string): string | null {
  return headers.find((header) => header[0].toLowerCase() === name)?.[1] ?? null;
}

/** A file name that is safe to offer for saving: no path, no control or direction characters, not hidden. */
export function safeFileName(name: string | null, fallback: string): string {
  const base = (name ?? "").split(/[\\/]/).at(-1) ?? "";
  const clean = base
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}<>:"|?*]/gu, "")
    .replace(/^[.\s]+|[.\s]+$/g, "")
    .slice(0, 120);
  return clean === "" ? fallback : clean;
}
