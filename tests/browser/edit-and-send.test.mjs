/** What a delivery sent is edited and sent again as what it was: a captured request with its method, path and all. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { setTimeout as delay } from "node:timers/promises";
import { inaccessible } from "./support/axe.mjs";
import { go } from "./support/chromium.mjs";
import { scene } from "./support/scene.mjs";
import { send } from "./support/send.mjs";

const stage = scene({ before, after });

test("a delivery that sent a captured request on is edited as that request, with all it had", async (t) => {
  const { server, page } = await stage.begin(t);
  const { to, request, delivery } = await sentOn(server, {
    method: "PATCH",
    path: "/added",
    query: "b=2",
    headers: [
      ["Content-Type", "text/plain"],
      ["X-Edited", "once"],
    ],
    body_base64: btoa("edited once"),
  });
  await go(page, `#/deliveries/${delivery}`);
  await page.getByText("Delivered at once: the server answered 200.").waitFor();
  await page.keyboard.press("e");

  const dialog = page.getByRole("dialog", { name: "Edit and send" });
  await dialog.getByText(`As ${delivery} sent it`).waitFor();
  assert.equal(await dialog.getByRole("radio", { name: "A URL" }).isChecked(), true);
  const field = (name) => dialog.getByLabel(name, { exact: true });
  assert.equal(await field("URL").inputValue(), to.url);
  assert.equal(await field("Method").inputValue(), "PATCH");
  assert.equal(await field("Path").inputValue(), "/added");
  assert.equal(await field("Query").inputValue(), "b=2");
  await dialog.getByRole("textbox", { name: "Headers" }).getByText("X-Edited: once").waitFor();
  await dialog.getByRole("textbox", { name: "Body" }).getByText("edited once").waitFor();
  assert.deepEqual(await inaccessible(page), []);

  await field("Path").fill("again");
  const press = () => dialog.getByRole("button", { name: "Send", exact: true }).click();
  await press();
  await dialog.getByText("Begin it with a slash.").waitFor();
  await field("Path").fill("/again");
  await field("Query").fill("c=3");
  await press();
  await page.getByRole("button", { name: "Open the delivery" }).click();
  await page.getByText("Delivered at once: the server answered 200.").waitFor();
  const [second, first] = (await server.call("GET", `/v1/requests?inbox_id=${to.id}`)).data;
  assert.deepEqual([second.method, second.path, second.query], ["PATCH", "/again", "c=3"]);
  assert.deepEqual([first.method, first.path, first.query], ["PATCH", "/added", "b=2"]);
  for (const one of [first, second]) {
    assert.equal(one.body_size, "edited once".length);
    assert.ok(one.headers.some(([name, value]) => name.toLowerCase() === "x-edited" && value === "once"));
  }
  // What leads there is used up: going back shows the delivery, and the request does not open its dialog again.
  await go(page, `#/inbox/${request}`);
  await page.getByRole("article", { name: "Captured request" }).waitFor();
  assert.equal(await dialog.count(), 0);
});

test("a veil that stands for nothing is told at the headers, and nothing typed is lost", async (t) => {
  const { server, page } = await stage.begin(t);
  const { request } = await sentOn(server, {});
  await go(page, `#/inbox/${request}`);
  await page.getByRole("article", { name: "Captured request" }).waitFor();
  await page.keyboard.press("e");
  const dialog = page.getByRole("dialog", { name: "Edit and send" });
  await dialog.getByRole("radio", { name: "A URL" }).check();
  await dialog.getByLabel("URL", { exact: true }).fill("http://127.0.0.1:9/");
  const headers = dialog.getByRole("textbox", { name: "Headers" });
  await headers.getByText("X-Kept: yes").click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText("X-Other: (the secret)");
  await dialog.getByRole("button", { name: "Send", exact: true }).click();
  const told = dialog.getByRole("alert");
  await told.getByText(/stands for nothing that arrived in X-Other: write its value/).waitFor();
  assert.equal(await told.getByText(/^Not sent/).count(), 0);
  await headers.getByText("X-Other: (the secret)").waitFor();
  assert.equal((await server.call("GET", "/v1/deliveries")).data.length, 1, "nothing more was sent");
});

test("where its captured request is gone it is composed, and what does not come along is said", async (t) => {
  const { server, page } = await stage.begin(t);
  const { to, request, delivery } = await sentOn(server, {
    method: "PATCH",
    path: "/added",
  });
  await server.call("DELETE", `/v1/requests/${request}`);
  await go(page, `#/deliveries/${delivery}`);
  await page.getByText("Delivered at once: the server answered 200.").waitFor();
  await page.getByRole("button", { name: "Edit and send" }).click();
  await page
    .getByText(/without its method PATCH, its path \/added, its query and its \d+ headers\. It went to /)
    .waitFor();
  await page.getByText(`It went to ${to.url}, which is no endpoint: choose who gets it.`).waitFor();
  await page
    .getByRole("textbox", { name: /^Whole payload/ })
    .getByText('"a": 1')
    .waitFor();
  assert.equal(await page.getByRole("button", { name: /^Send/ }).isDisabled(), true);
});

/** A captured request, sent on to an inbox with these changes, and delivered. */
async function sentOn(server, changes) {
  const from = await server.call("POST", "/v1/inboxes", { name: "From" });
  const to = await server.call("POST", "/v1/inboxes", { name: "To" });
  const headers = [
    ["Content-Type", "application/json"],
    ["X-Kept", "yes"],
  ];
  await send(`${from.url}/deep?x=1`, { headers, body: '{"a":1}' });
  const [{ id: request }] = (await server.call("GET", "/v1/requests")).data;
  const how = { url: to.url, ...changes };
  const [{ id: delivery }] = (await server.call("POST", `/v1/requests/${request}/send`, how)).deliveries;
  const standing = () => server.call("GET", `/v1/deliveries/${delivery}`);
  while ((await standing()).status !== "delivered") await delay(20);
  return { to, request, delivery };
}

test("what an attempt sent is read decoded, and copied as code", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders" });
  const headers = [
    ["Content-Type", "application/json"],
    ["Content-Encoding", "gzip"],
  ];
  assert.equal((await send(inbox.url, { headers, body: gzipSync('{"say":"hello"}') })).status, 200);
  const [{ id }] = (await server.call("GET", "/v1/requests")).data;
  const how = { url: inbox.url, resign: "exact" };
  const { deliveries } = await server.call("POST", `/v1/requests/${id}/send`, how);
  await go(page, `#/deliveries/${deliveries[0].id}`);
  const sent = page.getByRole("region", { name: "Request", exact: true });
  await sent.getByText(/^Decoded from gzip/).waitFor();
  await sent.getByRole("tree", { name: "JSON" }).getByText("hello").waitFor();
  await page.getByRole("button", { name: "Copy as…" }).click();
  await page.getByRole("menuitem", { name: "Copy as Python" }).click();
  await page.getByText("The code is on the clipboard").waitFor();
  const code = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(code, /import http\.client/);
  await page.getByRole("menu").waitFor({ state: "detached" });
  await page.keyboard.press("c");
  await page.getByText("The cURL command is on the clipboard").waitFor();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^base64 -d <<'END' \| curl/);
  assert.deepEqual(page.faults, []);
});
