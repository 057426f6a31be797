/** Alerts: chosen in the settings, told by the page, and sent elsewhere as webhooks. */

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { inaccessible } from "./support/axe.mjs";
import { go } from "./support/chromium.mjs";
import { scene } from "./support/scene.mjs";

const stage = scene({ before, after });

/** A port of this machine where nobody listens. */
async function deafPort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

async function deafEndpoint(server, name) {
  return await server.call("POST", "/v1/webhook-endpoints", {
    name,
    url: `http://127.0.0.1:${await deafPort()}/`,
    provider: "generic",
    enabled_events: ["*"],
    retry: { delays_ms: [], jitter: 0 },
  });
}

const fail = (server, endpoint) =>
  server.call("POST", "/v1/events", {
    type: "invoice.paid",
    provider: "generic",
    endpoint_ids: [endpoint.id],
  });

test("what to be told of is chosen, saved at once, and undone", async (t) => {
  const { server, page } = await stage.begin(t);
  await go(page, "#/settings");
  const failing = page.getByRole("switch", {
    name: "An endpoint begins to fail",
  });
  const exhausted = page.getByRole("switch", {
    name: "A delivery finally fails",
  });
  await failing.waitFor();
  assert.deepEqual([await failing.isChecked(), await exhausted.isChecked()], [false, true]);
  await failing.check();
  await page.getByText("Notifications: saved").waitFor();
  const chosen = async () => (await server.call("GET", "/v1/settings")).notify_on;
  assert.deepEqual(await chosen(), ["endpoint.failing", "delivery.exhausted", "endpoint.disabled"]);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("switch", { name: "An endpoint begins to fail", checked: false }).waitFor();
  assert.deepEqual(await chosen(), ["delivery.exhausted", "endpoint.disabled"]);
  assert.deepEqual(await inaccessible(page), []);
});

test("the page tells of what was chosen and of nothing else, and leads there", async (t) => {
  const { server, page } = await stage.begin(t);
  const shop = await deafEndpoint(server, "Shop");
  await go(page, "#/overview");
  await page.getByRole("link", { name: "Endpoints" }).waitFor();
  await fail(server, shop);
  const told = page.getByText("Delivery failed: invoice.paid to Shop");
  await told.waitFor();
  assert.equal(await page.getByText("Shop has begun to fail").count(), 0);
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await page.waitForURL(/#\/deliveries\/dlv_/);
  await page.getByText("Connection refused").first().waitFor();
});

test("“Alert me elsewhere” makes an endpoint that is told of the others", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", {
    name: "Pager",
    provider: "hookbench",
  });
  await go(page, "#/settings");
  await page.getByRole("link", { name: "Alert me elsewhere" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  await dialog.getByText("What Hookbench itself tells of its endpoints").waitFor();
  assert.equal(await dialog.getByLabel("Provider", { exact: true }).inputValue(), "Hookbench alerts");
  await page.keyboard.press("Escape");

  const pager = await server.call("POST", "/v1/webhook-endpoints", {
    name: "Pager",
    url: inbox.url,
    provider: "hookbench",
  });
  await server.call("PATCH", `/v1/inboxes/${inbox.id}`, {
    secret: pager.secret,
  });
  await fail(server, await deafEndpoint(server, "Shop"));
  await go(page, `#/inbox?inbox=${inbox.id}`);
  await page.getByText("endpoint.failing").first().waitFor();
  await page.getByText("delivery.exhausted").first().waitFor();
  const { data } = await server.call("GET", `/v1/requests?inbox_id=${inbox.id}`);
  assert.deepEqual(data.map((request) => [request.event_type, request.verification.status]).sort(), [
    ["delivery.exhausted", "valid"],
    ["endpoint.failing", "valid"],
  ]);
});
