/** Signatures: what is wrong with one and how it is mended, the bench, and schemes of one's own. */

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { inaccessible } from "./support/axe.mjs";
import { go, settled } from "./support/chromium.mjs";
import { closed, holds, pick, ready } from "./support/keyboard.mjs";
import { scene } from "./support/scene.mjs";
import { pulsewave, pulsewaveEvent, send } from "./support/send.mjs";

const stage = scene({ before, after });
const secret = "whsec_of_the_orders";
const json = ["Content-Type", "application/json"];
const seconds = () => Math.floor(Date.now() / 1000);

/** The way Stripe signs. */
function stripe(key, body, at = seconds()) {
  const signature = createHmac("sha256", key).update(`${at}.${body}`).digest("hex");
  return ["Stripe-Signature", `t=${at},v1=${signature}`];
}

/** Opens the request that an inbox captured last. */
async function openNewest(server, page) {
  const [newest] = (await server.call("GET", "/v1/requests?limit=1")).data;
  await go(page, `#/inbox/${newest.id}`);
  const request = page.getByRole("article", { name: "Captured request" });
  await request.waitFor();
  return request;
}

test("the panel names what is proven, and shows the bytes and both signatures", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", {
    name: "Orders",
    provider: "pulsewave",
    secret,
  });
  const other = "whsec_of_somebody_else";
  await server.call("POST", "/v1/inboxes", {
    name: "Invoices",
    provider: "pulsewave",
    secret: other,
  });
  const body = pulsewaveEvent("evt_1", { total: 12 });
  const [name, signature] = pulsewave(secret, body);
  const base64 = Buffer.from(signature, "hex").toString("base64");
  const cases = [
    ["body_newline_added", [name, signature], `${body}\n`],
    ["body_reserialized", [name, signature], JSON.stringify(JSON.parse(body), null, 2)],
    ["digest_encoding", [name, base64], body],
    ["secret_other_endpoint", pulsewave(other, body), body],
    ["header_renamed", ["X-Pulsewave-Signature", signature], body],
  ];
  for (const [code, header, sent] of cases) {
    await send(inbox.url, { headers: [json, header], body: sent });
    const request = await openNewest(server, page);
    const cause = request.getByRole("group", { name: "Cause" });
    await cause.getByText(code, { exact: true }).waitFor();
    assert.match(await cause.innerText(), /Fix/);
  }
  await send(inbox.url, {
    headers: [json, [name, signature]],
    body: `${body}\n`,
  });
  const request = await openNewest(server, page);
  const panel = request.getByRole("region", { name: "Verification" });
  await panel.getByText("body_newline_added").waitFor();
  // The line end that was added is seen, and so is the first place where the signatures part.
  await panel.getByRole("region", { name: "Signed content" }).getByText("LF", { exact: true }).waitFor();
  const expected = createHmac("sha256", secret).update(`${body}\n`).digest("hex");
  const shown = await panel.locator("dl").innerText();
  assert.ok(shown.includes(expected) && shown.includes(signature), shown);
  await panel.getByText("Bytes", { exact: true }).click();
  await panel.getByText(/7d 7d 0a/).waitFor();

  // Signed by another scheme: the code is that scheme's.
  await send(inbox.url, { headers: [json, stripe(secret, body)], body });
  const stripes = await openNewest(server, page);
  await stripes.getByText("wrong_scheme", { exact: true }).waitFor();
  await stripes.getByRole("button", { name: "Show code for the receiver" }).click();
  await stripes
    .getByRole("region", { name: /^Handler in / })
    .getByText(/stripe-signature/i)
    .first()
    .waitFor();
  await stripes.getByRole("button", { name: "Hide the code for the receiver" }).click();

  // Two things at once are both named.
  await send(inbox.url, { headers: [json, [name, base64]], body: `${body}\n` });
  await openNewest(server, page);
  await panel.getByText("Two things at once").waitFor();
  for (const code of ["body_newline_added", "digest_encoding"])
    await panel.getByText(code, { exact: true }).waitFor();

  // Where nothing can be proven, that is said.
  await send(inbox.url, { headers: [json, [name, "0".repeat(64)]], body });
  await openNewest(server, page);
  await panel.getByText("No cause could be proven").waitFor();
  assert.deepEqual(await inaccessible(page), []);
  assert.deepEqual(page.faults, []);
});

test("a cause comes with code for the receiver, in the language last chosen", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", {
    name: "Orders",
    provider: "pulsewave",
    secret,
  });
  const body = pulsewaveEvent("evt_1");
  await send(inbox.url, {
    headers: [json, pulsewave(secret, body)],
    body: `${body}\n`,
  });
  const request = await openNewest(server, page);
  await request.getByRole("button", { name: "Show code for the receiver" }).click();
  await request.getByLabel("Code for the receiver").selectOption({ label: "Python" });
  const code = request.getByRole("region", { name: "Handler in Python" });
  await code.waitFor();
  assert.ok((await code.locator(".marked").count()) > 0, "no line is marked");
  await request.getByRole("button", { name: "Whole handler" }).click();
  await request.getByRole("button", { name: "Copy", exact: true }).click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(copied, /Pulsewave-Signature/i);
  assert.match(copied, /import hmac/);

  await go(page, "#/providers/pulsewave?tab=code");
  const tab = page.getByRole("tab", { name: "Python" });
  await tab.and(page.locator("[aria-selected=true]")).waitFor();
  assert.deepEqual(await inaccessible(page), []);
  await page.getByRole("tab", { name: "Rust" }).click();
  await page.getByRole("region", { name: "Handler in Rust" }).waitFor();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  assert.match((await download).suggestedFilename(), /\.rs$/);
  assert.deepEqual(page.faults, []);
});

test("a request that waited was valid when it came, and would not be now", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", {
    name: "Paid",
    provider: "stripe",
    secret,
  });
  const body = '{"id":"evt_1"}';
  await send(inbox.url, { headers: [json, stripe(secret, body)], body });
  await page.clock.setFixedTime(Date.now() + 3_600_000);
  const request = await openNewest(server, page);
  const panel = request.getByRole("region", { name: "Verification" });
  await panel.getByRole("heading", { name: "The signature is valid" }).waitFor();
  await panel.getByText("checked at receipt").waitFor();
  await panel.getByText("Now", { exact: true }).waitFor();
  await panel.getByText("Invalid", { exact: true }).waitFor();
});

test("what a plain inbox captured is recognised, verified and from then on checked", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Anything" });
  const body = '{"id":"evt_1","object":"event","type":"invoice.paid"}';
  await send(inbox.url, { headers: [json, stripe(secret, body)], body });
  const request = await openNewest(server, page);
  const which = request.getByRole("region", {
    name: "Which provider is this?",
  });
  await which.getByRole("heading", { name: /^Stripe/ }).waitFor();
  await which
    .getByText(/Stripe-Signature/)
    .first()
    .waitFor();
  assert.deepEqual(await inaccessible(page), []);
  // It is the way on; a check by hand begins with it too, and is not called another one.
  assert.equal(await request.getByRole("button", { name: "Choose the provider" }).count(), 0);
  await request.getByRole("button", { name: "Check with a scheme and secret" }).click();
  const dialog = page.getByRole("dialog");
  await holds(dialog.getByRole("combobox", { name: "Scheme" }), "Stripe");
  await page.keyboard.press("Escape");
  await closed(page);
  await which.getByRole("button", { name: "Verify with Stripe…" }).click();
  await dialog.getByLabel("Secret").fill(secret);
  await dialog.getByRole("button", { name: "Check", exact: true }).click();
  await dialog.getByText("The signature is valid").waitFor();
  assert.deepEqual(await inaccessible(page, "[role=dialog]"), []);
  await dialog.getByRole("button", { name: "Give the inbox this scheme and secret" }).click();
  await dialog.waitFor({ state: "detached" });
  // What is there already is checked again, what comes next at once.
  await request.getByText("Checked again").waitFor();
  await send(inbox.url, { headers: [json, stripe(secret, body)], body });
  await page.getByRole("row", { name: /Valid/ }).waitFor();
  const { provider, has_secret } = await server.call("GET", `/v1/inboxes/${inbox.id}`);
  assert.deepEqual([provider, has_secret], ["stripe", true]);
  assert.deepEqual(page.faults, []);
});

test("a request of a plain inbox says what the inbox lacks since it was given a provider", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Anything" });
  const body = '{"id":"evt_1","object":"event","type":"invoice.paid"}';
  await send(inbox.url, { headers: [json, stripe(secret, body)], body });
  const request = await openNewest(server, page);
  const panel = request.getByRole("region", { name: "Verification" });
  await panel
    .getByRole("heading", { name: "Not checked: the inbox had no provider when this arrived" })
    .waitFor();
  await request.getByRole("button", { name: "Make this the inbox’s provider" }).first().click();
  await panel.getByRole("button", { name: "Add the secret" }).waitFor();
  await panel.getByText(/^Give the inbox the secret that the sender signs with/).waitFor();
  assert.equal(await panel.getByRole("button", { name: "Choose the provider" }).count(), 0);
  assert.deepEqual(page.faults, []);
});

test("the bench signs, takes the copied command apart, verifies it and says what was changed", async (t) => {
  const { page } = await stage.begin(t);
  await go(page, "#/providers?view=bench");
  const bench = page.getByRole("form", { name: "Signature bench" });
  const scheme = bench.getByRole("combobox", { name: "Scheme" });
  await pick(scheme, "paddle");
  await bench.getByLabel("Secret").fill(secret);
  await bench.getByLabel("Body").fill('{"a": "é"}');
  await bench.getByRole("button", { name: "Sign" }).click();
  const signed = page.getByRole("region", { name: "Signed", exact: true });
  await signed.getByText(/Paddle-Signature: ts=\d+;h1=/).waitFor();
  await signed.getByRole("listitem").filter({ hasText: "timestamp" }).waitFor();
  await signed.getByRole("button", { name: "Copy as cURL" }).click();
  await page.getByText("The signed request is on the clipboard").waitFor();

  await bench.getByLabel("Body").fill("");
  await bench.getByLabel("Headers").fill("");
  await bench.getByLabel("Paste a request").focus();
  await page.keyboard.press("Control+v");
  await bench.getByText(/^Taken apart: POST, 2 headers, a body of 11 B/).waitFor();
  assert.equal(await bench.getByLabel("Body").inputValue(), '{"a": "é"}');
  await bench.getByRole("button", { name: "Verify" }).click();
  const result = page.getByRole("region", { name: "Result of the check" });
  await result.getByText("The signature is valid").waitFor();

  await bench.getByLabel("Body").fill('{"a":"é"}');
  await page.keyboard.press("Control+Enter");
  await result.getByText("body_reserialized").waitFor();
  assert.deepEqual(await inaccessible(page), []);
  // Nothing of the secret is kept.
  const kept = await page.evaluate(() =>
    JSON.stringify([location.href, { ...localStorage }, { ...sessionStorage }]),
  );
  assert.ok(!kept.includes(secret), kept);
  assert.deepEqual(page.faults, []);
});

test("the bench takes the scheme from what is pasted, and says so", async (t) => {
  const { page } = await stage.begin(t);
  await go(page, "#/providers?view=bench");
  const bench = page.getByRole("form", { name: "Signature bench" });
  const scheme = bench.getByRole("combobox", { name: "Scheme" });
  await holds(scheme, "Standard Webhooks");
  const signature = createHmac("sha256", secret).update("{}").digest("hex");
  const command = `curl -H 'X-Hub-Signature-256: sha256=${signature}' -d '{}' https://receiver.example/`;
  await page.evaluate((text) => navigator.clipboard.writeText(text), command);
  await bench.getByLabel("Paste a request").focus();
  await page.keyboard.press("Control+v");
  await bench
    .getByText(/Its headers are signed as GitHub signs: that scheme is chosen\. Meta signs alike\./)
    .waitFor();
  assert.equal(await scheme.inputValue(), "GitHub");
  await bench.getByLabel("Secret").fill(secret);
  await bench.getByRole("button", { name: "Verify" }).click();
  const result = page.getByRole("region", { name: "Result of the check" });
  await result.getByText("The signature is valid").waitFor();
  await result.getByText("GitHub", { exact: true }).waitFor();
});

test("a valid signature whose time lies far ahead says so", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", {
    name: "Orders",
    provider: "stripe",
    secret,
  });
  await send(inbox.url, {
    headers: [json, stripe(secret, "{}", Date.now())],
    body: "{}",
  });
  const request = await openNewest(server, page);
  await request.getByText("The signature is valid").waitFor();
  await request.getByText(/Its time lies in the year \d{5}/).waitFor();
});

test("a signature that stands in the body is put there, and verifies", async (t) => {
  const { page } = await stage.begin(t);
  await go(page, "#/providers/mailgun?tab=bench");
  const bench = page.getByRole("form", { name: "Signature bench" });
  await bench.getByLabel("Secret").fill(secret);
  await bench.getByRole("button", { name: "Sign" }).click();
  const signed = page.getByRole("region", { name: "Signed", exact: true });
  await signed.getByRole("region", { name: "Body with its signature" }).waitFor();
  assert.deepEqual(await inaccessible(page), []);
  await signed.getByRole("button", { name: "Put into the request" }).click();
  assert.match(await bench.getByLabel("Body").inputValue(), /"signature":\{"timestamp":/);
  await bench.getByRole("button", { name: "Verify" }).click();
  await page.getByText("The signature is valid").waitFor();
  assert.deepEqual(page.faults, []);
});

test("a captured request opens in the bench as it came, carriage returns and all", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", {
    name: "Orders",
    provider: "pulsewave",
    secret,
  });
  const body = '{\r\n"a":1}';
  await send(inbox.url, { headers: [json, pulsewave(secret, body)], body });
  await openNewest(server, page);
  await page.keyboard.press("b");
  const bench = page.getByRole("form", { name: "Signature bench" });
  await bench.getByLabel("Secret").fill(secret);
  await holds(bench.getByLabel("Body"), Buffer.from(body).toString("base64"));
  await bench.getByRole("button", { name: "Verify" }).click();
  await page.getByText("The signature is valid").waitFor();
});

test("keys are made where a scheme has private and public ones", async (t) => {
  const { page } = await stage.begin(t);
  await go(page, "#/providers?view=bench&scheme=discord");
  const bench = page.getByRole("form", { name: "Signature bench" });
  await bench.getByRole("button", { name: "Make a key pair" }).click();
  await bench.getByRole("button", { name: "Copy the public key" }).click();
  await bench.getByRole("button", { name: "Sign" }).click();
  const signed = page.getByRole("region", { name: "Signed", exact: true });
  await signed.getByRole("button", { name: "Put into the request" }).click();
  await bench
    .getByLabel("Key", { exact: true })
    .fill(await page.evaluate(() => navigator.clipboard.readText()));
  await bench.getByRole("button", { name: "Verify" }).click();
  await page.getByText("The signature is valid").waitFor();
  assert.deepEqual(page.faults, []);
});

test("a scheme of one's own is made, tried, used by an inbox, and kept from deletion by it", async (t) => {
  const { server, page } = await stage.begin(t);
  await go(page, "#/providers/github?view=schemes");
  await page.getByRole("button", { name: "New scheme like this" }).click();
  const editor = page.getByRole("article", { name: "Scheme editor" });
  const field = (name) => editor.getByLabel(name, { exact: true });
  await field("Name").fill("Acme");
  await field("Id").fill("acme");
  await field("Header").fill("X-Acme-Signature");
  // The live test follows what is typed; what is wrong stands beside its field.
  await editor.getByText(/X-Acme-Signature: sha256=[0-9a-f]{64}/).waitFor();
  await field("Content").fill("{nobody}");
  const content = editor.locator(".field").filter({ has: page.getByText("Content", { exact: true }) });
  await content.locator(".error").waitFor();
  await field("Content").fill("acme:{body}");
  await editor.getByRole("listitem").filter({ hasText: "body" }).waitFor();
  // A receiver is had before the scheme is saved, and follows what is typed.
  await editor.getByRole("button", { name: "Show code for the receiver" }).click();
  await editor
    .getByRole("region", { name: /^Handler in / })
    .getByText(/acme:/)
    .first()
    .waitFor();
  assert.deepEqual(await inaccessible(page), []);
  await editor.getByRole("button", { name: "Create the scheme" }).click();
  await page.getByText("The scheme “Acme” was made").waitFor();
  const opened = page.getByRole("article", { name: "Scheme", exact: true });
  await opened.getByRole("heading", { name: /^Acme/ }).waitFor();

  await go(page, "#/inbox");
  await page.getByRole("button", { name: "Create an inbox" }).click();
  const dialog = page.getByRole("dialog");
  await ready(dialog);
  await dialog.getByLabel("Name").fill("Acme");
  await pick(dialog.getByRole("combobox", { name: "Scheme" }), "acme");
  await dialog.getByRole("textbox", { name: "Secret" }).fill(secret);
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "detached" });
  const body = '{"hello":"world"}';
  const digest = createHmac("sha256", secret).update(`acme:${body}`).digest("hex");
  await send(`${server.capture}/acme`, {
    headers: [json, ["X-Acme-Signature", `sha256=${digest}`]],
    body,
  });
  await page.getByRole("row", { name: /Valid/ }).waitFor();

  await go(page, "#/providers/acme?view=schemes");
  await opened.getByText("Used in 1 place.").waitFor();
  await page.keyboard.press("Delete");
  await page.getByRole("dialog").getByRole("button", { name: "Delete 1 scheme" }).click();
  await page.getByText("The scheme “Acme” was not deleted").waitFor();
  await closed(page);
  await page.keyboard.press("e");
  await field("Name").fill("Acme Inc.");
  await editor.getByRole("button", { name: "Save", exact: true }).click();
  await opened.getByRole("heading", { name: /^Acme Inc\./ }).waitFor();
  assert.equal((await server.call("GET", "/v1/schemes/acme")).name, "Acme Inc.");
});

test("schemes go out to a file and come in from one", async (t) => {
  const { server, page } = await stage.begin(t);
  await go(page, "#/providers/slack?view=schemes");
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).click();
  const file = await download;
  assert.equal(file.suggestedFilename(), "slack.json");
  const text = await (await import("node:fs/promises")).readFile(await file.path(), "utf8");
  const form = { ...JSON.parse(text), id: "slack_like", name: "Like Slack" };
  await page.getByLabel("File of schemes to import").setInputFiles({
    name: "mine.json",
    mimeType: "application/json",
    buffer: Buffer.from(JSON.stringify([form, { ...form, id: "slack_like_2" }])),
  });
  await page.getByText("2 schemes imported from “mine.json”").waitFor();
  await page.getByRole("row", { name: /slack_like_2/ }).waitFor();
  const { content } = await server.call("GET", "/v1/schemes/slack_like");
  assert.equal(content, "v0:{ts}:{body}");
});

test("an answered handshake is told in the list and in the request", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", {
    name: "Slack",
    provider: "slack",
    secret,
  });
  const challenge = JSON.stringify({
    token: "t",
    challenge: "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P",
    type: "url_verification",
  });
  const answer = await send(inbox.url, { headers: [json], body: challenge });
  assert.match(answer.body, /3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P/);
  const request = await openNewest(server, page);
  await request.getByText("Answered Slack’s URL verification").waitFor();
  await page.getByRole("row").getByLabel("Answered Slack’s URL verification").waitFor();
});
