/** Requests from elsewhere, and to elsewhere: imported, copied as code, exported. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { go } from "./support/chromium.mjs";
import { ready } from "./support/keyboard.mjs";
import { scene } from "./support/scene.mjs";

const stage = scene({ before, after });
const command = `curl 'https://example.com/hooks/a?b=1' -H 'Authorization: Bearer abc' \\
  --json '{"data":{"to":"ada"},"html":"<img src=x onerror=document.title=1>"}'`;

test("a pasted command is previewed, imported, copied as code and exported without its secret", async (t) => {
  const { page } = await stage.begin(t);
  await go(page, "#/inbox");
  await page.getByRole("button", { name: "Import requests…" }).click();
  const dialog = page.getByRole("dialog");
  await ready(dialog);
  const pasted = page.getByRole("textbox", { name: "Or paste it" });
  await pasted.fill("curl -d @file http://h/");
  await dialog.getByText("it reads from the file file").waitFor();
  assert.ok(await dialog.getByRole("button", { name: "Import", exact: true }).isDisabled());
  await pasted.fill(command);
  await dialog.getByText("POST https://example.com/hooks/a?b=1").waitFor();
  await dialog.getByRole("button", { name: "Import 1 request" }).click();
  const row = page.getByRole("row", { name: /\/hooks\/a\?b=1/ });
  await row.click();
  const request = page.getByRole("article", { name: "Captured request" });

  await request.getByRole("button", { name: "Copy as…" }).click();
  await page.getByRole("menuitem", { name: "Copy as Python" }).click();
  await page.getByText("The code is on the clipboard").waitFor();
  const code = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(code, /http\.client\.HTTPSConnection\("example\.com"\)/);
  assert.match(code, /Bearer abc/);

  await page.getByRole("button", { name: "More to do with this inbox" }).click();
  await page.getByRole("menuitem", { name: "Export requests…" }).click();
  await ready(dialog);
  await dialog.getByText("1 request, as the list is filtered now").waitFor();
  await dialog.getByRole("textbox", { name: "Also take out of JSON bodies" }).fill("data.to");
  const saving = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Export", exact: true }).click();
  const saved = await saving;
  assert.equal(saved.suggestedFilename(), "requests.har");
  const file = await readFile(await saved.path(), "utf8");
  const { request: written } = JSON.parse(file).log.entries[0];
  assert.equal(JSON.parse(written.postData.text).data.to, "[redacted]");
  assert.ok(!file.includes("Bearer abc"));
  assert.deepEqual(page.faults, []);
});
