import { asOne, atOnce, type Steps } from "./slices";

/** Deeper elements are not indented further, so hostile nesting cannot multiply the text. */
const INDENT_LIMIT = 40;
/** A pretty text may grow to this many characters; beyond, the text is shown as it came. */
const LENGTH_LIMIT = 64_000_000;

export interface PrettyXml {
  text: string;
  /** Why the text is shown as it came or only partly arranged, or `null`. */
  note: string | null;
}

/** A piece of XML: a tag, what is between tags, or something else in angle brackets. */
export type Token = { kind: "open" | "close" | "empty" | "other" | "text"; start: number; end: number };

/**
 * XML with one element a line, without reading it as XML: no entity is expanded, nothing is fetched, and text
 * that is not well-formed comes out whole. An element that holds only text stays on its line.
 */
export function prettyXml(text: string): PrettyXml {
  return atOnce(prettyXmlSteps(text));
}

/** Characters arranged between two rests. */
const STEP = 1 << 17;

/** The same with a rest now and then, so that a large text does not hold up the page. */
export function* prettyXmlSteps(text: string): Steps<PrettyXml> {
  // Joined bit by bit, so that the end is as quick as the rest.
  let made = "";
  let lines: string[] = [];
  let rested = 0;
  const whole = (): string => {
    if (lines.length > 0) made += (made === "" ? "" : "\n") + lines.join("\n");
    lines = [];
    return made;
  };
  let depth = 0;
  let length = 0;
  let at = 0;
  const add = (content: string): void => {
    const line = "  ".repeat(Math.min(depth, INDENT_LIMIT)) + content;
    length += line.length + 1;
    lines.push(line);
  };
  while (at < text.length) {
    if (at - rested > STEP) {
      rested = at;
      whole();
      yield;
    }
    const token = nextToken(text, at);
    if (token === null) {
      add(text.slice(at));
      return { text: yield* asOne(whole()), note: "This is not well-formed XML: a “<” is never closed." };
    }
    at = token.end;
    const content = text.slice(token.start, token.end);
    if (token.kind === "open") {
      const leaf = leafEnd(text, token);
      add(leaf === null ? content : text.slice(token.start, leaf).trim());
      if (leaf === null) depth++;
      else at = leaf;
    } else if (token.kind === "close") {
      depth = Math.max(0, depth - 1);
      add(content);
    } else if (content.trim() !== "") {
      add(content.trim());
    }
    if (length > LENGTH_LIMIT) return { text, note: "Too large to arrange: shown as it came." };
  }
  return { text: yield* asOne(whole()), note: null };
}

/** Where the closing tag of an element that holds only text (or nothing) ends, or `null`. */
function leafEnd(text: string, open: Token): number | null {
  const next = nextToken(text, open.end);
  if (next === null) return null;
  if (next.kind === "close") return next.end;
  if (next.kind !== "text" || next.end - next.start > 4096) return null;
  const after = nextToken(text, next.end);
  return after?.kind === "close" ? after.end : null;
}

/** The pieces of a text one after another; `null` as the last where markup begins and never ends. */
export function* xmlTokens(text: string): Generator<Token | null, void, void> {
  for (let at = 0; at < text.length;) {
    const token = nextToken(text, at);
    yield token;
    if (token === null) return;
    at = token.end;
  }
}

/** The token at `at`, or `null` where markup begins and never ends. */
function nextToken(text: string, at: number): Token | null {
  if (text[at] !== "<") {
    const next = text.indexOf("<", at);
    return { kind: "text", start: at, end: next < 0 ? text.length : next };
  }
  if (text.startsWith("<!--", at)) return until(text, at, "-->", 4);
  if (text.startsWith("<![CDATA[", at)) return until(text, at, "]]>", 9);
  if (text.startsWith("<?", at)) return until(text, at, "?>", 2);
  const end = tagEnd(text, at);
  if (end < 0) return null;
  if (text[at + 1] === "!") return { kind: "other", start: at, end };
  if (text[at + 1] === "/") return { kind: "close", start: at, end };
  return { kind: text[end - 2] === "/" ? "empty" : "open", start: at, end };
}

function until(text: string, start: number, mark: string, skip: number): Token | null {
  const end = text.indexOf(mark, start + skip);
  return end < 0 ? null : { kind: "other", start, end: end + mark.length };
}

/** Behind the `>` that closes a tag: quotes and, in a document type, brackets are passed over. */
function tagEnd(text: string, start: number): number {
  const isDocumentType = text[start + 1] === "!";
  let quote = 0;
  let brackets = 0;
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (quote !== 0) {
      if (code === quote) quote = 0;
    } else if (code === 34 || code === 39) quote = code;
    else if (isDocumentType && code === 91) brackets++;
    else if (isDocumentType && code === 93) brackets--;
    else if (code === 62 && brackets <= 0) return at + 1;
  }
  return -1;
}
