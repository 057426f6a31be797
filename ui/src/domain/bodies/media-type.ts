/** Reading `Content-Type`, `Content-Disposition` and other headers of the form `value; name=value`. */

export interface HeaderValue {
  /** What stands before the first semicolon, lower case. */
  value: string;
  /** Parameters by lower-case name; the first of a name wins. */
  params: ReadonlyMap<string, string>;
}

/** Reads a parametrised header value leniently; what makes no sense is left out. */
export function parseHeaderValue(header: string): HeaderValue {
  const semicolon = header.indexOf(";");
  const value = (semicolon < 0 ? header : header.slice(0, semicolon)).trim().toLowerCase();
  const params = new Map<string, string>();
  let at = semicolon < 0 ? header.length : semicolon + 1;
  while (at < header.length) {
    const equals = header.indexOf("=", at);
    const next = header.indexOf(";", at);
    if (equals < 0) break;
    if (next >= 0 && next < equals) {
      at = next + 1;
      continue;
    }
    const name = header.slice(at, equals).trim().toLowerCase();
    const read = readParam(header, equals + 1);
    if (name !== "" && !params.has(name)) params.set(name, read.value);
    at = read.end;
  }
  return { value, params };
}

function readParam(header: string, from: number): { value: string; end: number } {
  let at = from;
  while (header[at] === " " || header[at] === "\t") at++;
  if (header[at] !== '"') {
    const next = header.indexOf(";", at);
    const end = next < 0 ? header.length : next;
    return { value: header.slice(at, end).trim(), end: end + 1 };
  }
  let value = "";
  at++;
  while (at < header.length && header[at] !== '"') {
    if (header[at] === "\\" && at + 1 < header.length) at++;
    value += header[at];
    at++;
  }
  const next = header.indexOf(";", at);
  return { value, end: next < 0 ? header.length : next + 1 };
}

/** A `filename*` (RFC 8187) value in plain text, or `null` where it is not one. */
export function decodeExtendedValue(value: string): string | null {
  const match = /^([\w-]+)'[^']*'(.*)$/s.exec(value);
  if (!match) return null;
  try {
    const bytes = Uint8Array.from(
      (match[2] ?? "").replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
        String.fromCharCode(parseInt(hex, 16)),
      ),
      (char) => char.charCodeAt(0) & 0xff,
    );
    return new TextDecoder(match[1]).decode(bytes);
  } catch {
    return null;
  }
}

/** Whether a media type says JSON: `application/json`, `text/json` or any `+json`. */
export function isJsonType(mediaType: string): boolean {
  return /^(application|text)\/(x-)?json$|\+json$/.test(mediaType);
}

/** Whether a media type says XML: `application/xml`, `text/xml` or any `+xml` (SVG too: it is shown as text). */
export function isXmlType(mediaType: string): boolean {
  return /^(application|text)\/xml$|\+xml$/.test(mediaType) && mediaType !== "application/xhtml+xml";
}
