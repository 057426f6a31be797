import type { CopyTool } from "$api/interchange";

/** What a request can be copied as, in the words of people, in the order they are offered. */
export const copies: { tool: CopyTool; title: string }[] = [
  { tool: "httpie", title: "Copy as HTTPie" },
  { tool: "fetch", title: "Copy as fetch" },
  { tool: "python", title: "Copy as Python" },
  { tool: "go", title: "Copy as Go" },
  { tool: "rust", title: "Copy as Rust" },
  { tool: "php", title: "Copy as PHP" },
  { tool: "test", title: "Save as a test…" },
];
