/** What bodies look like: learnt from what arrives, marked where something differs, listed, and taken away. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inaccessible } from "./support/axe.mjs";
import { go, settled } from "./support/chromium.mjs";
import { scene } from "./support/scene.mjs";
import { send } from "./support/send.mjs";

const stage = scene({ before, after });
const headers = [["Content-Type", "application/json"]];

/** Five bodies that are alike, and one that is not. */
async function drifted(server) {
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders" });
  const post = (body) => send(inbox.url, { headers, body: JSON.stringify(body) });
  for (let n = 0; n < 5; n += 1) await post({ id: n, data: { to: "ada", state: "sent" } });
  await post({ id: 6, data: { to: 7, state: "sent", via: "<b>sms</b>" } });
  return { inbox, post };
}

test("what differs is marked on its row, said on the request, and leads to the shape", async (t) => {
  const { server, page } = await stage.begin(t);
  await drifted(server);
  await go(page, "#/inbox");
  // Marked by itself, once it was looked at.
  const row = page.getByRole("row", { name: /New field \+1/ });
  await row.click();
  const request = page.getByRole("article", { name: "Captured request" });
  const section = request.getByRole("region", { name: "Drift" });
  await section.getByText("data.to was text, is a whole number; the first time").waitFor();
  await section.getByText("data.via is new: text; the first time").waitFor();
  assert.deepEqual(await inaccessible(page), []);

  await section.getByRole("button", { name: "data.via" }).click();
  await request.locator(".find [role=status]").getByText("1/1", { exact: true }).waitFor();
  await request.getByText("$.data.via").waitFor();

  await section.getByRole("link", { name: "Show the shape" }).click();
  const shape = page.getByRole("article", { name: "Shape" });
  await shape.getByText("Inbox “Orders”: learnt from 6 bodies").waitFor();
  await shape.getByRole("list", { name: "Drifts, newest first" }).getByRole("link").first().waitFor();
  const place = (name) => shape.getByRole("row", { name });
  assert.match(await place(/^to\b/).innerText(), /integer 17 %, string 83 %\s+100 %/);
  assert.match(await place(/^via\b/).innerText(), /string\s+17 %/);
  await place(/^via\b/)
    .getByText('"<b>sms</b>"')
    .waitFor();
  // What is below a place is folded away with it.
  await shape.getByRole("button", { name: "data", exact: true }).click();
  await place(/^via\b/).waitFor({ state: "detached" });
  await place(/^id\b/).waitFor();
  await settled(page);
  assert.deepEqual(await inaccessible(page), []);

  await shape.getByRole("button", { name: "Copy as JSON Schema" }).click();
  await page.getByText("The JSON Schema is on the clipboard").waitFor();
  const schema = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
  assert.deepEqual(schema.properties.data.properties.to, {
    type: ["integer", "string"],
  });
  assert.deepEqual(page.faults, []);
});

test("shapes are listed as they are learnt, and forgotten when asked for", async (t) => {
  const { server, page } = await stage.begin(t);
  await go(page, "#/providers?view=shapes");
  await page.getByRole("heading", { name: "No shape yet" }).waitFor();
  const { post } = await drifted(server);
  const table = page.getByRole("grid", { name: "Shapes" });
  await table.getByRole("row", { name: /Inbox “Orders” 6 2/ }).waitFor();
  await page.getByRole("button", { name: "All drifts" }).click();
  const drifts = page.getByRole("list", { name: "Drifts, newest first" });
  await drifts.getByText(/data\.via is new: text\sin\s.*“Orders”; the first time/).waitFor();
  // What comes is told by itself.
  await post({ id: 7, data: { state: "sent" } });
  await drifts.getByText("is missing: until then it was always there").first().waitFor();

  await table.getByRole("row", { name: /Inbox “Orders” 7 3/ }).click();
  const shape = page.getByRole("article", { name: "Shape" });
  await shape.getByRole("button", { name: "Forget…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Forget the shape" }).click();
  await page.getByRole("heading", { name: "No shape yet" }).waitFor();
  await go(page, "#/inbox");
  await page.getByRole("row", { name: /POST/ }).first().waitFor();
  assert.equal(await page.getByText("New field").count(), 0);
  assert.deepEqual(page.faults, []);
});
