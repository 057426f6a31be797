import type { CapturedRequest } from "$api/types";
import { visibleText } from "../bodies/visible";

type Imported = NonNullable<CapturedRequest["imported"]>;

const formats: Record<string, string> = {
  har: "HAR",
  curl: "a cURL command",
  raw: "raw HTTP",
  postman: "a Postman collection",
  jsonl: "JSON Lines",
};

const kindOf = (format: string): string => formats[format] ?? format;

/** What a file was read as, at the beginning of a sentence: "A cURL command". */
export function readAs(format: string): string {
  const kind = kindOf(format);
  return kind.charAt(0).toUpperCase() + kind.slice(1);
}

/** What it was read from: "HAR, flows.har". */
export function importedFrom({ format, name }: Imported): string {
  const kind = kindOf(format);
  return name === "" ? `from ${kind}` : `from ${kind}, ${name}`;
}

/** The same for a place that holds a plain string. */
export function importedWords(imported: Imported): string {
  return `Imported ${visibleText(importedFrom(imported).slice(0, 200))}`;
}
