/** Captured requests that go on to targets: set up, seen on the request, and retried while a target is down. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { inaccessible } from "./support/axe.mjs";
import { go } from "./support/chromium.mjs";
import { closed, ready, tabTo } from "./support/keyboard.mjs";
import { scene } from "./support/scene.mjs";
import { send } from "./support/send.mjs";
import { startTarget } from "./support/target.mjs";
import { hidden, markup, neverShown, rawCharacters, watch } from "./support/watch.mjs";

const stage = scene({ before, after });
const headers = [["Content-Type", "application/json"]];

async function target(t, answer) {
  const started = await startTarget(answer);
  t.after(() => started.stop());
  return started;
}

const relayDialog = (page) => page.getByRole("dialog", { name: /^Relay of/ });
const relayed = (page) => page.getByRole("region", { name: "Relayed" });
const rows = (page) => relayed(page).getByRole("listitem");

async function openFirst(page, name) {
  await page.getByRole("row", { name }).first().click();
  await page.getByRole("article", { name: "Captured request" }).waitFor();
}

test("a fan-out is set up by keys alone, and each target’s result is seen on the request", async (t) => {
  const { server, page } = await stage.begin(t);
  const [one, two] = [await target(t), await target(t, () => ({ status: 204 }))];
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders" });
  await go(page, `#/inbox?inbox=${inbox.id}`);
  await page.getByRole("heading", { name: "Nothing has arrived yet" }).waitFor();

  await page.keyboard.press("l");
  const dialog = relayDialog(page);
  await ready(dialog);
  await dialog.getByRole("img", { name: /It goes no further/ }).waitFor();
  for (const { url } of [one, two]) {
    await tabTo(page, dialog.getByRole("button", { name: "Add a target" }));
    await page.keyboard.press("Enter");
    await dialog.getByLabel("URL", { exact: true }).and(page.locator(":focus")).waitFor();
    await page.keyboard.type(`${url}/hooks?from=relay`);
  }
  await dialog.getByText("The inbox answers 200 at once").waitFor();
  assert.deepEqual(await inaccessible(page, "[role=dialog]"), []);
  await page.keyboard.press("Enter");
  await closed(page);
  await page.getByText(/relays to 2 targets/).waitFor();

  const body = Buffer.from('{"id": 1,\r\n "x":"\u00e9"}');
  const odd = [...headers, ["X-Twice", "a"], ["x-twice", "b"]];
  assert.equal((await send(`${inbox.url}/new?to=all`, { headers: odd, body })).status, 200);
  for (const { has } of [one, two]) {
    const [came] = await has(1);
    assert.deepEqual(came.body, body);
    assert.equal(came.url, "/hooks/new?from=relay&to=all");
    const twice = came.raw.flatMap((name, at) =>
      at % 2 === 0 && /^x-twice$/i.test(name) ? [`${name}: ${came.raw[at + 1]}`] : [],
    );
    assert.deepEqual(twice, ["X-Twice: a", "x-twice: b"]);
  }

  await openFirst(page, /\/new/);
  await rows(page).nth(1).waitFor();
  for (const at of [0, 1])
    await rows(page)
      .nth(at)
      .getByText(/^Delivered/)
      .waitFor();
  assert.match(await rows(page).first().innerText(), /behind the answer/);
  assert.deepEqual(await inaccessible(page, "article"), []);
  await rows(page).first().getByRole("link", { name: "Its delivery" }).click();
  await page.getByText(/Delivered at once: the server answered 200/).waitFor();
  assert.deepEqual(page.faults, []);
});

test("a target answers the sender, and what it answers is shown as text and nothing else", async (t) => {
  const { server, page } = await stage.begin(t);
  await watch(page, server);
  const evil = await target(t, () => ({
    status: 418,
    headers: [
      ["Content-Type", "text/html"],
      ["X-Evil", "<img src=x onerror=pwned('header')>"],
      ["X-Evil", "again"],
    ],
    body: `${markup}\n${hidden}`,
  }));
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders" });
  await go(page, `#/inbox?inbox=${inbox.id}`);
  await page.getByRole("button", { name: /^Relay( \(\d+\))?$/ }).click();
  const dialog = relayDialog(page);
  await ready(dialog);
  await dialog.getByRole("button", { name: "Add a target" }).click();
  await dialog.getByLabel("URL", { exact: true }).fill(evil.url);
  await dialog.getByLabel("Name").fill("Teapot");
  await dialog.getByLabel("Who answers the sender").selectOption({ label: "The target “Teapot”" });
  await dialog.getByText("The sender waits for what “Teapot” answers.").waitFor();
  await dialog.getByRole("button", { name: "Save the relay" }).click();
  await closed(page);

  const answer = await send(inbox.url, { headers, body: "{}" });
  assert.equal(answer.status, 418);
  assert.ok(answer.body.startsWith("<script>"));

  await openFirst(page, /POST/);
  await rows(page).first().getByText("Answered 418").waitFor();
  assert.match(await rows(page).first().innerText(), /while the sender waited/);
  await rows(page).first().getByRole("button", { name: "Show the reply of Teapot" }).click();
  const reply = page.getByRole("region", { name: "Reply of Teapot" });
  await reply.getByText("<img src=x onerror=pwned('header')>").waitFor();
  await reply.getByRole("tab", { name: "Raw" }).click();
  await reply
    .getByRole("tabpanel")
    .getByText(/<script>pwned/)
    .first()
    .waitFor();
  assert.deepEqual(await page.evaluate(rawCharacters, neverShown.source), []);
  assert.deepEqual(page.alarms, []);
  assert.deepEqual(page.faults, []);
});

test("a target that is down gets the request once it is up again", async (t) => {
  const { server, page } = await stage.begin(t);
  const handler = await target(t);
  await handler.stop();
  const inbox = await server.call("POST", "/v1/inboxes", {
    name: "Orders",
    relay: { reply: "inbox", targets: [{ url: handler.url, name: "Handler" }] },
  });
  await go(page, `#/inbox?inbox=${inbox.id}`);
  assert.equal((await send(inbox.url, { headers, body: "{}" })).status, 200);
  await openFirst(page, /POST/);
  await rows(page).first().getByText("Retrying").waitFor();

  await handler.start();
  // By its plan, in seconds; the page is told by the feed.
  await rows(page).first().getByText("Delivered").waitFor({ timeout: 60_000 });
  assert.equal((await handler.has(1)).length, 1);
  assert.deepEqual(page.faults, []);
});

test("targets are switched, limited to events and taken out, and what is wrong is told at its field", async (t) => {
  const { server, page } = await stage.begin(t);
  const handler = await target(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders", provider: "pulsewave" });
  await go(page, `#/inbox?inbox=${inbox.id}&relay=${inbox.id}`);
  const dialog = relayDialog(page);
  await ready(dialog);
  await dialog.getByRole("button", { name: "Add a target" }).click();
  await dialog.getByRole("button", { name: "Save the relay" }).click();
  await dialog.getByText("Give an address that begins with http:// or https://.").waitFor();
  // What only the engine knows is told at the same place: an inbox that relays to itself.
  await dialog.getByLabel("URL", { exact: true }).fill(inbox.url);
  await dialog.getByRole("button", { name: "Save the relay" }).click();
  await dialog.locator("input[type=url][aria-invalid=true]").waitFor();
  await dialog.getByLabel("URL", { exact: true }).fill(handler.url);
  await dialog.getByLabel("Only those chosen").check();
  for (const other of ["contact", "domain"])
    await dialog.getByRole("checkbox", { name: new RegExp(`^${other}\\.`) }).uncheck();
  await dialog.getByRole("button", { name: "Save the relay" }).click();
  await closed(page);
  const [saved] = (await server.call("GET", `/v1/inboxes/${inbox.id}`)).relay.targets;
  assert.deepEqual(saved.event_types, ["message.*"]);

  await page.getByRole("button", { name: /^Relay( \(\d+\))?$/ }).click();
  await ready(dialog);
  await dialog.getByRole("switch", { name: "On" }).press("Space");
  await dialog.getByRole("button", { name: "Save the relay" }).click();
  await closed(page);
  await page.getByText(/relays to none: its targets are off/).waitFor();

  await page.getByRole("button", { name: /^Relay( \(\d+\))?$/ }).click();
  await ready(dialog);
  await dialog.getByRole("button", { name: /^Take out the target/ }).click();
  await dialog.getByText("There is no target yet.").waitFor();
  await dialog.getByRole("button", { name: "Save the relay" }).click();
  await closed(page);
  await page.getByText(/relays to/).waitFor({ state: "detached" });
  // The browser notes the refusal too.
  assert.deepEqual(
    page.faults.filter((fault) => !fault.includes("422")),
    [],
  );
});

test("a packed reply is shown as what it says", async (t) => {
  const { server, page } = await stage.begin(t);
  const packed = gzipSync('{"handled":"by Ada"}');
  const handler = await target(t, () => ({
    headers: [
      ["Content-Type", "application/json"],
      ["Content-Encoding", "gzip"],
    ],
    body: packed,
  }));
  const inbox = await server.call("POST", "/v1/inboxes", {
    name: "Orders",
    relay: { reply: "inbox", targets: [{ url: handler.url, name: "Handler" }] },
  });
  await go(page, `#/inbox?inbox=${inbox.id}`);
  assert.equal((await send(inbox.url, { headers, body: "{}" })).status, 200);
  await openFirst(page, /POST/);
  await rows(page).first().getByRole("button", { name: "Show the reply of Handler" }).click();
  await page.getByRole("region", { name: "Reply of Handler" }).getByText("by Ada").first().waitFor();
  assert.deepEqual(page.faults, []);
});

test("endpoints that cannot be read are not said to be none, and can be read again", async (t) => {
  const { server, page } = await stage.begin(t);
  const endpoint = await server.call("POST", "/v1/webhook-endpoints", {
    name: "Ours",
    url: "http://127.0.0.1:9/",
  });
  const inbox = await server.call("POST", "/v1/inboxes", {
    name: "Orders",
    relay: { reply: "inbox", targets: [{ endpoint_id: endpoint.id }] },
  });
  const list = /\/v1\/webhook-endpoints\?/;
  await page.route(list, (route) => route.fulfill({ status: 503 }));
  await go(page, `#/inbox?inbox=${inbox.id}&relay=${inbox.id}`);
  const dialog = relayDialog(page);
  await ready(dialog);
  await dialog.getByRole("button", { name: /^Edit/ }).click();
  await dialog.getByText("An endpoint (they could not be read)").waitFor();
  await dialog.getByText("The endpoints could not be read.").waitFor();
  assert.deepEqual(await inaccessible(page, "[role=dialog]"), []);
  await page.unroute(list);
  await dialog.getByRole("button", { name: "Read them again" }).click();
  const field = dialog.getByLabel("Endpoint", { exact: true });
  await field.locator("option", { hasText: "Ours" }).waitFor({ state: "attached" });
  assert.equal(await field.inputValue(), endpoint.id);
  assert.equal(await dialog.getByRole("radio", { name: "An endpoint", exact: true }).isChecked(), true);
  assert.deepEqual(
    page.faults.filter((fault) => !fault.includes("503")),
    [],
  );
});
