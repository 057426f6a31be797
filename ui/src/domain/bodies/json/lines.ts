import { atOnce, type Steps } from "../slices";

/** Characters gone through between two rests. */
const STEP = 1 << 18;

/** Many JSON texts, one a line, as one list of them, so that a tree can show them. */
export function linesAsList(text: string): string {
  return atOnce(linesAsListSteps(text));
}

/** The same with a rest now and then, so that a large text does not hold up the page. */
export function* linesAsListSteps(text: string): Steps<string> {
  let made = "";
  let lines: string[] = [];
  let rested = 0;
  for (let at = text.startsWith("\ufeff") ? 1 : 0; at < text.length;) {
    const feed = text.indexOf("\n", at);
    const end = feed < 0 ? text.length : feed;
    const line = text.slice(at, end).trim();
    if (line !== "") lines.push(line);
    at = end + 1;
    if (at - rested > STEP) {
      rested = at;
      if (lines.length > 0) made += (made === "" ? "" : ",\n") + lines.join(",\n");
      lines = [];
      yield;
    }
  }
  if (lines.length > 0) made += (made === "" ? "" : ",\n") + lines.join(",\n");
  return `[${made}]`;
}

/** Whether a text reads as JSON texts, one a line, though nothing says so: by its first two lines. */
export function looksLikeLines(head: string): boolean {
  return /^\s*\{[^\n]*\}\r?\n\s*\{/.test(head);
}
