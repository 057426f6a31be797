/** Composing: what is shown beforehand is what goes out, and what came of it appears in place. */

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { go, settled } from "./support/chromium.mjs";
import { pick } from "./support/keyboard.mjs";
import { scene } from "./support/scene.mjs";

const stage = scene({ before, after });
const secret = "whsec_of_the_orders";

test("the preview’s signed headers are those that arrive, and the result appears in place", async (t) => {
  const { server, page } = await stage.begin(t);
  await bothEnds(server);
  await go(page, "#/compose");
  await pick(page.getByLabel("Provider", { exact: true }), "Pulsewave");
  await pick(page.getByLabel("Event", { exact: true }), "message.bounced");
  await page.getByRole("button", { name: "Exact bytes" }).click();
  // Spaces and a number that a program in between would write differently.
  const body = '{ "id": "evt_1",  "type":"message.bounced", "n": 1.50e0 }';
  await write(page, "The body", body);
  await previewed(page, body.length);
  const preview = await headers(page, "Headers as they go out");
  assert.deepEqual(
    preview.find(([name]) => name === "Pulsewave-Signature"),
    ["Pulsewave-Signature", createHmac("sha256", secret).update(body).digest("hex")],
  );

  await page.keyboard.press("Control+Enter");
  const result = page.getByRole("region", { name: "What was sent" });
  await result.getByText("Delivered at once: the server answered 200.").waitFor();
  await result.getByRole("link", { name: "What the inbox received" }).click();
  const captured = page.getByRole("article", { name: "Captured request" });
  await captured.getByText("The signature is valid").waitFor();
  assert.deepEqual(await headers(page, "Headers as they came"), preview);
  await captured.getByRole("tab", { name: "Raw" }).click();
  await captured.getByLabel("Body as it came").getByText(body).waitFor();
  assert.deepEqual(page.faults, []);
});

test("an event of the profile goes out with the headers that were shown, each made anew", async (t) => {
  const { server, page } = await stage.begin(t);
  await bothEnds(server, "generic", null);
  await go(page, "#/compose?provider=generic&type=message.created");
  await page.getByRole("table", { name: "Headers as they go out" }).waitFor();
  await settled(page);
  const preview = await headers(page, "Headers as they go out");
  await page.getByRole("button", { name: "Send to 1 endpoint" }).click();
  await page.getByText("Delivered at once: the server answered 200.").waitFor();
  const [{ headers: came, verification }] = (await server.call("GET", "/v1/requests")).data;
  assert.equal(verification.status, "valid");
  assert.deepEqual(
    came.map(([name]) => name),
    preview.map(([name]) => name),
  );
  const fixed = (list) => list.filter(([name]) => !/^(webhook-|content-length)/i.test(name));
  assert.deepEqual(fixed(came), fixed(preview));
});

test("what is not JSON is told where it stops being it, is not sent, and stays as typed", async (t) => {
  const { server, page } = await stage.begin(t);
  await bothEnds(server);
  await go(page, "#/compose?provider=pulsewave&type=message.bounced&mode=payload");
  const typed = '{"total": 1,\n "id": }';
  await write(page, "Whole payload of the event, JSON", typed);
  const preview = page.getByRole("region", { name: "Preview" });
  await page.getByText("Line 2: A JSON value is missing here.").waitFor();
  await preview.getByText("Nothing can be previewed or sent until line 2 is mended.").waitFor();
  assert.ok(await page.getByRole("button", { name: /^Send to/ }).isDisabled());
  await page.keyboard.press("Control+Enter");
  await go(page, "#/overview");
  await go(page, "#/compose");
  await preview.getByText("Nothing can be previewed or sent until line 2 is mended.").waitFor();
  assert.equal(await text(page, "Whole payload of the event, JSON"), typed);
  assert.equal((await server.call("GET", "/v1/events")).data.length, 0);
});

/** An inbox and an endpoint that points at it, with one secret. */
async function bothEnds(server, provider = "pulsewave", given = secret) {
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders", provider });
  const endpoint = await server.call("POST", "/v1/webhook-endpoints", {
    name: "Orders",
    url: inbox.url,
    provider,
    ...(given ? { secret: given } : {}),
  });
  await server.call("PATCH", `/v1/inboxes/${inbox.id}`, { secret: endpoint.secret });
}

async function write(page, label, value) {
  await page.getByRole("textbox", { name: label, exact: true }).click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(value);
}

async function text(page, label) {
  const lines = page.getByRole("textbox", { name: label, exact: true }).locator(".cm-line");
  return (await lines.allInnerTexts()).join("\n");
}

/** The preview is of a body of so many bytes, and no newer one is being made. */
async function previewed(page, bytes) {
  await page
    .getByRole("table", { name: "Headers as they go out" })
    .getByRole("row", { name: `Content-Length ${bytes}` })
    .waitFor();
  await settled(page);
}

async function headers(page, name) {
  const rows = page.getByRole("table", { name }).getByRole("row");
  return rows.evaluateAll((all) =>
    all.map((row) => [row.querySelector("th").innerText.trim(), row.querySelector("td").innerText.trim()]),
  );
}
