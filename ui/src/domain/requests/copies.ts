import { saveFile } from "$api/files";
import type { CopyTool } from "$api/interchange";
import { toasts } from "$app/toasts.svelte";
import { copy } from "$shared/clipboard";

/** What a request can be copied as, in the words of people, in the order they are offered. */
export const copies: { tool: CopyTool; title: string }[] = [
  { tool: "httpie", title: "Copy as HTTPie" },
  { tool: "fetch", title: "Copy as fetch" },
  { tool: "python", title: "Copy as Python" },
  { tool: "go", title: "Copy as Go" },
  { tool: "rust", title: "Copy as Rust" },
  { tool: "php", title: "Copy as PHP" },
  { tool: "test", title: "Save as a test in Python…" },
  { tool: "test-node", title: "Save as a test in Node…" },
  { tool: "test-sh", title: "Save as a test for a shell…" },
];

/** What a test is called as a file. */
export const testNames: Partial<Record<CopyTool, string>> = {
  test: "webhook_test.py",
  "test-node": "webhook_test.mjs",
  "test-sh": "webhook_test.sh",
};

/** What is said once the code is there. `lacks` says what of a secret is not in it. */
export function copiedWords(tool: CopyTool, lacks: string | null): string {
  const what = tool === "curl" ? "The cURL command is on the clipboard" : "The code is on the clipboard";
  return lacks === null ? what : `${what}, without ${lacks}`;
}

/** Hands code over: a test is saved, all else goes to the clipboard. */
export async function handOver(
  tool: CopyTool,
  code: () => Promise<string>,
  lacks: string | null,
): Promise<void> {
  try {
    const name = testNames[tool];
    if (name) {
      const isSaved = await saveFile(new TextEncoder().encode(await code()), name);
      if (isSaved) toasts.done("The test was saved");
      return;
    }
    await copy(code());
    toasts.done(copiedWords(tool, lacks));
  } catch (error) {
    toasts.failed("The request was not copied", error);
  }
}
