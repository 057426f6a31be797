import type { HeaderValue, Headers } from "./types";

const BYTES = /^\(base64\) ([A-Za-z0-9+/]*={0,2})$/;
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** A header's value for a line of text; one that is not UTF-8 is marked. */
export function valueLine(value: HeaderValue): string {
  return typeof value === "string" ? value : `(base64) ${value.base64}`;
}

/** Headers as lines of `Name: value`, in order. */
export function headerLines(headers: Headers): string {
  return headers.map(([name, value]) => `${name}: ${valueLine(value)}`).join("\n");
}

/** Reads what `headerLines` wrote, or a person; `error` names the first line that is no header. */
export function parseHeaderLines(text: string): { headers: Headers; error: string | null } {
  const headers: Headers = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon)).trim();
    if (colon < 0) return { headers, error: `Line ${index + 1} has no colon between name and value.` };
    if (!NAME.test(name))
      return { headers, error: `Line ${index + 1}: “${name}” cannot be the name of a header.` };
    const value = line.slice(colon + 1).trim();
    const bytes = BYTES.exec(value)?.[1];
    headers.push([name, bytes === undefined ? value : { base64: bytes }]);
  }
  return { headers, error: null };
}
