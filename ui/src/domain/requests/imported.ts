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

/** What it was read from: "HAR, flows.har". */
export function importedFrom({ format, name }: Imported): string {
  const kind = formats[format] ?? format;
  return name === "" ? `from ${kind}` : `from ${kind}, ${name}`;
}

/** The same for a place that holds a plain string. */
export function importedWords(imported: Imported): string {
  return `Imported ${visibleText(importedFrom(imported).slice(0, 200))}`;
}
