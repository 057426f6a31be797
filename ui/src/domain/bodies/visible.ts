/**
 * Characters that would hide or reorder what stands around them are drawn as a named mark instead. A captured
 * body is hostile: a right-to-left override can make `exe.txt` of `txt.exe`.
 */

export interface Segment {
  text: string;
  /** The name of the character that `text` stands for, where it is not shown as itself. */
  hidden: string | null;
}

const NAMES: Readonly<Record<number, string>> = {
  0x00ad: "SHY",
  0x034f: "CGJ",
  0x061c: "ALM",
  0x115f: "HCF",
  0x1160: "HJF",
  0x180e: "MVS",
  0x200b: "ZWSP",
  0x200e: "LRM",
  0x200f: "RLM",
  0x2028: "LS",
  0x2029: "PS",
  0x202a: "LRE",
  0x202b: "RLE",
  0x202c: "PDF",
  0x202d: "LRO",
  0x202e: "RLO",
  0x2060: "WJ",
  0x2066: "LRI",
  0x2067: "RLI",
  0x2068: "FSI",
  0x2069: "PDI",
  0x2800: "BLANK",
  0x3164: "HF",
  0xfeff: "BOM",
  0xffa0: "HHF",
};

/** The first half of the characters from U+E0000 on: tags and variation selectors, in which a text can be hidden. */
const TAGS = 0xdb40;

// A tab stays a tab. Joiners (U+200C, U+200D) stay: scripts and emoji need them.
const HIDDEN =
  // eslint-disable-next-line no-control-regex -- control characters are what this looks for
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb]|\u034f|\udb40[\udc00-\udfff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** How many columns a hidden character's mark takes at most, its frame included. */
export const MARK_COLUMNS = 8;

/** The short name of a hidden character, such as `RLO` or `U+0007`. */
export function hiddenName(code: number): string {
  if (code === 0x0a) return "LF";
  if (code === 0x0d) return "CR";
  if (code === 0x00) return "NUL";
  if (code === 0x1b) return "ESC";
  return NAMES[code] ?? `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Whether a UTF-16 code unit is drawn as a mark (lone surrogates aside, which need their neighbours). */
export function isHidden(code: number): boolean {
  if (code < 0x7f) return code < 0x20 && code !== 9;
  if (code <= 0x9f || code === TAGS) return true;
  return (
    (code >= 0x2060 && code <= 0x206f) || (code >= 0xfff9 && code <= 0xfffb) || NAMES[code] !== undefined
  );
}

/** Splits text into runs that are shown as they are and marks for the characters that are not. */
export function visibleSegments(text: string): Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  for (const match of text.matchAll(HIDDEN)) {
    if (match.index > from) segments.push({ text: text.slice(from, match.index), hidden: null });
    segments.push({ text: match[0], hidden: hiddenName(match[0].codePointAt(0) ?? 0) });
    from = match.index + match[0].length;
  }
  if (from < text.length) segments.push({ text: text.slice(from), hidden: null });
  return segments;
}

/** Text for a place that holds a plain string (a title, a label): marks in angle brackets. */
export function visibleText(text: string): string {
  return visibleSegments(text)
    .map((segment) => (segment.hidden === null ? segment.text : `‹${segment.hidden}›`))
    .join("");
}
