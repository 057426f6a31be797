import { asciiHead, looksBinary, startsWithBytes } from "./bytes";
import { sniffImage } from "./image";
import { isStructuredType } from "./cloudevents";
import { looksLikeLines } from "./json/lines";
import { LONGEST_JWT, looksLikeJwt } from "./jwt";
import { isJsonType, isXmlType, parseHeaderValue } from "./media-type";
import { boundaryOf } from "./multipart";

export type ViewerId =
  "json" | "lines" | "cloudevents" | "jwt" | "form" | "multipart" | "xml" | "html" | "image" | "text" | "hex";

/** A way of showing a body. Each bids for a content, and the best bid wins. */
export interface Viewer {
  id: ViewerId;
  /** The name on its tab. */
  label: string;
  /** How well it fits, from 0 (cannot show this) to 1; the declared type may be missing or a lie. */
  bid(contentType: string | null, bytes: Uint8Array): number;
}

const DECLARED = 0.9;
const SNIFFED = 0.6;

function mediaType(contentType: string | null): string {
  return contentType === null ? "" : parseHeaderValue(contentType).value;
}

/** The first characters that are not space, a byte order mark left out. */
function beginning(bytes: Uint8Array): string {
  const from = startsWithBytes(bytes, [0xef, 0xbb, 0xbf]) ? 3 : 0;
  return asciiHead(bytes.subarray(from), 512).trimStart().toLowerCase();
}

/** UTF-16 text has a NUL every other byte; its own decoding comes later, so only the syntax is looked at. */
function beginsLike(bytes: Uint8Array, pattern: RegExp): boolean {
  return pattern.test(
    beginning(bytes)
      .replaceAll("\0", "")
      .replace(/^[\xfe\xff]+/, ""),
  );
}

const json: Viewer = {
  id: "json",
  label: "JSON",
  bid(contentType, bytes) {
    if (bytes.length === 0) return 0;
    const declared = isJsonType(mediaType(contentType));
    if (beginsLike(bytes, declared ? /^[{["\d\-tfn]/ : /^(\{\s*["}]|\[\s*[\]{["\d\-tfn])/)) {
      return declared ? DECLARED : SNIFFED;
    }
    // Declared and not JSON is worth saying, and that is what this view does.
    return declared && !looksBinary(bytes) ? 0.75 : 0;
  },
};

const lines: Viewer = {
  id: "lines",
  label: "Lines of JSON",
  bid(contentType, bytes) {
    if (bytes.length === 0 || looksBinary(bytes)) return 0;
    const type = mediaType(contentType);
    if (/^(application|text)\/(x-)?(ndjson|jsonl|jsonlines|json-lines)$/.test(type)) return DECLARED;
    return looksLikeLines(asciiHead(bytes, 4096)) ? 0.65 : 0;
  },
};

const cloudevents: Viewer = {
  id: "cloudevents",
  label: "CloudEvent",
  bid(contentType, bytes) {
    return isStructuredType(mediaType(contentType)) && beginsLike(bytes, /^[{[]/) ? 0.95 : 0;
  },
};

const jwt: Viewer = {
  id: "jwt",
  label: "JWT",
  bid(_contentType, bytes) {
    if (bytes.length > LONGEST_JWT || !beginsLike(bytes, /^eyj/)) return 0;
    return looksLikeJwt(new TextDecoder().decode(bytes)) ? 0.95 : 0;
  },
};

const form: Viewer = {
  id: "form",
  label: "Form",
  bid(contentType, bytes) {
    if (bytes.length === 0 || mediaType(contentType) !== "application/x-www-form-urlencoded") return 0;
    if (looksBinary(bytes)) return 0;
    return json.bid(null, bytes) > 0 ? 0.5 : DECLARED;
  },
};

const multipart: Viewer = {
  id: "multipart",
  label: "Parts",
  bid(contentType, bytes) {
    return bytes.length > 0 && boundaryOf(contentType) !== null ? DECLARED : 0;
  },
};

const xml: Viewer = {
  id: "xml",
  label: "XML",
  bid(contentType, bytes) {
    if (looksBinary(bytes) || !beginsLike(bytes, /^</)) return 0;
    if (isXmlType(mediaType(contentType))) return DECLARED;
    return beginsLike(bytes, /^<\?xml/) ? 0.7 : 0;
  },
};

const html: Viewer = {
  id: "html",
  label: "HTML source",
  bid(contentType, bytes) {
    if (bytes.length === 0 || looksBinary(bytes)) return 0;
    const type = mediaType(contentType);
    const declared = type === "text/html" || type === "application/xhtml+xml";
    if (declared) return json.bid(null, bytes) > 0 ? 0.5 : DECLARED;
    return beginsLike(bytes, /^(<!doctype html|<html[\s>])/) ? 0.65 : 0;
  },
};

const image: Viewer = {
  id: "image",
  label: "Image",
  bid(_contentType, bytes) {
    return sniffImage(bytes) === null ? 0 : 0.95;
  },
};

const text: Viewer = {
  id: "text",
  label: "Text",
  bid(contentType, bytes) {
    if (bytes.length === 0 || looksBinary(bytes)) return 0;
    return mediaType(contentType).startsWith("text/") ? 0.5 : 0.3;
  },
};

const hex: Viewer = {
  id: "hex",
  label: "Hex",
  bid() {
    return 0.1;
  },
};

/** All viewers; a new one is a new entry. */
export const VIEWERS: readonly Viewer[] = [
  json,
  lines,
  cloudevents,
  jwt,
  form,
  multipart,
  xml,
  html,
  image,
  text,
  hex,
];

/** The viewer that bids most for a body; hex takes what nobody wants. */
export function bestViewer(contentType: string | null, bytes: Uint8Array): Viewer {
  let best = hex;
  let most = 0;
  for (const viewer of VIEWERS) {
    const bid = viewer.bid(contentType, bytes);
    if (bid > most) [best, most] = [viewer, bid];
  }
  return best;
}
