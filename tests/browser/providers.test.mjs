/** The profiles: found by typing, chosen by keys, and those of one's own, imported from a catalogue. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inaccessible } from "./support/axe.mjs";
import { go } from "./support/chromium.mjs";
import { holds, pick, ready } from "./support/keyboard.mjs";
import { scene } from "./support/scene.mjs";

const stage = scene({ before, after });

const catalogue = `openapi: 3.1.0
info: { title: Acme Orders, version: "1" }
webhooks:
  order.created:
    post:
      summary: Order created
      description: Somebody ordered something.
      requestBody:
        content:
          application/json:
            schema: { $ref: "#/components/schemas/Order" }
components:
  schemas:
    Order:
      type: object
      required: [id, total]
      properties:
        id: { type: string, format: uuid }
        total: { type: integer, minimum: 1, maximum: 1000 }
`;

const file = (name, text) => ({
  name,
  mimeType: "application/yaml",
  buffer: Buffer.from(text),
});

test("a provider is found by its events and opened by keys", async (t) => {
  const { page } = await stage.begin(t);
  await go(page, "#/providers");
  const table = page.getByRole("grid", { name: "Providers" });
  await table.getByRole("row", { name: /Stripe/ }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("meeting.started");
  await page.getByText("1 of 29 providers").waitFor();
  await page.keyboard.press("Enter");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  const profile = page.getByRole("article", { name: "Provider" });
  await profile.getByRole("heading", { name: "Zoom", exact: true }).waitFor();
  await profile.getByText("Zoom’s URL validation").waitFor();
  await profile.getByRole("tab", { name: /Events and samples/ }).click();
  await profile.getByText("JSON Schema of its data").click();
  await profile.getByRole("region", { name: "JSON Schema of meeting.started" }).waitFor();
  assert.deepEqual(await inaccessible(page), []);

  // A plan of a hundred attempts is told in a few lines.
  await go(page, "#/providers/adyen");
  const plan = profile.getByRole("list", { name: /^When each attempt comes/ });
  assert.ok((await plan.getByRole("listitem").count()) <= 13);
  await plan.getByText("13–100").waitFor();
  assert.deepEqual(page.faults, []);
});

test("the provider of an endpoint is chosen by typing, and what was used lately stands first", async (t) => {
  const { page } = await stage.begin(t);
  await go(page, "#/endpoints?new=1");
  const dialog = page.getByRole("dialog");
  const field = dialog.getByLabel("Provider", { exact: true });
  await ready(dialog);
  await field.focus();
  await page.keyboard.type("sq");
  await page.getByRole("option", { name: /^Square/ }).waitFor();
  await page.keyboard.press("Enter");
  assert.equal(await field.inputValue(), "Square");
  await dialog.getByText(/^Signs .*, in x-square-hmacsha256-signature\.$/).waitFor();
  assert.match(await dialog.getByLabel("Scheme", { exact: true }).inputValue(), /provider’s own \(Square/);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });

  await go(page, "#/endpoints?new=1");
  await field.click();
  const list = page.getByRole("listbox", { name: "Providers" });
  await list.getByText("Used lately").waitFor();
  assert.match(await list.getByRole("option").first().innerText(), /^Square/);
  // Escape closes the list, and not the dialog round it.
  await page.keyboard.press("Escape");
  await list.waitFor({ state: "detached" });
  assert.ok(await dialog.isVisible());
  assert.deepEqual(await inaccessible(page, "[role=dialog]"), []);
  assert.deepEqual(page.faults, []);
});

test("choices that arrive late take nothing from who is about to type, or to press Enter", async (t) => {
  const { page } = await stage.begin(t);
  let arrive;
  const arrived = new Promise((resolve) => (arrive = resolve));
  const list = /\/v1\/providers(\?|$)/;
  // Where nothing asks for them yet.
  await go(page, "#/settings");
  await page.route(list, async (route) => {
    await arrived;
    await route.continue();
  });
  await page.reload();
  await page.getByRole("heading", { name: "Settings", exact: true }).waitFor();
  await page.evaluate(() => (location.hash = "#/endpoints?new=1"));
  const dialog = page.getByRole("dialog");
  await ready(dialog);
  const field = dialog.getByLabel("Provider", { exact: true });
  // Not the bare id, which nobody knows it by.
  await holds(field, "");
  assert.equal(await field.getAttribute("placeholder"), "Not there yet…");
  await field.click();
  await page.getByText("Not there yet…").waitFor();
  arrive();
  await page.getByRole("option", { name: /^Stripe/ }).waitFor();
  await holds(field, "Standard Webhooks");
  // The keys are on what is chosen, and not on what happens to stand first.
  await page.keyboard.press("Enter");
  assert.equal(await field.inputValue(), "Standard Webhooks");
  await page.keyboard.type("sq");
  await page.getByRole("option", { name: /^Square/ }).waitFor();
  assert.equal(await field.inputValue(), "sq");
  assert.deepEqual(page.faults, []);
});

test("an inbox of a provider answers what that counts as delivered, and its handshakes", async (t) => {
  const { server, page } = await stage.begin(t);
  await go(page, "#/inbox");
  await page.getByRole("button", { name: "Create an inbox" }).click();
  const dialog = page.getByRole("dialog");
  await ready(dialog);
  await dialog.getByLabel("Name").fill("App");
  await pick(dialog.getByLabel("Provider", { exact: true }), "discord");
  await dialog.getByRole("button", { name: /^Show answer/ }).click();
  assert.equal(await dialog.getByLabel("Status").inputValue(), "204");
  await dialog.getByLabel("Status").fill("200");
  await dialog.getByText("this answer is a failure to it").waitFor();
  await pick(dialog.getByLabel("Provider", { exact: true }), "meta");
  await dialog.getByText("Answer Meta’s subscription check").waitFor();
  await dialog.getByLabel("Verify token").fill("letmein");
  await dialog.getByRole("button", { name: "Create the inbox" }).click();
  await dialog.waitFor({ state: "detached" });
  const [inbox] = (await server.call("GET", "/v1/inboxes")).data;
  assert.equal(inbox.verify_token, "(the secret)");
  const revealed = await server.call("GET", `/v1/inboxes/${inbox.id}?reveal=secrets`);
  assert.equal(revealed.verify_token, "letmein");
  const asked = `${inbox.url}?hub.mode=subscribe&hub.verify_token=letmein&hub.challenge=1158201444`;
  assert.equal(await (await fetch(asked)).text(), "1158201444");
  assert.deepEqual(page.faults, []);
});

test("a catalogue is imported, composed from, delivered valid, and deleted once nothing uses it", async (t) => {
  const { server, page } = await stage.begin(t);
  await go(page, "#/providers");
  await page.keyboard.press("i");
  const dialog = page.getByRole("dialog", { name: "Import events" });
  const choose = dialog.getByLabel("Documents to import").and(dialog.locator("input"));
  const send = dialog.getByRole("button", { name: "Import", exact: true });

  // A fault is told at its document, with its place, and what was chosen stays.
  await choose.setInputFiles([file("acme.openapi.yaml", catalogue.replace("schemas/Order", "schemas/None"))]);
  const fault = dialog.getByRole("alert");
  await fault.getByText("/webhooks/order.created/post").waitFor();
  assert.match(await fault.innerText(), /there is nothing at/);
  assert.deepEqual(await inaccessible(page, "[role=dialog]"), []);

  // The same name again takes the place of the first.
  await choose.setInputFiles([file("acme.openapi.yaml", catalogue)]);
  // It says what it would bring, and is called what the document calls itself.
  await dialog.getByText(/^1 event: order\.created$/).waitFor();
  assert.equal(await dialog.getByLabel("Name").inputValue(), "Acme Orders");
  assert.deepEqual(await inaccessible(page, "[role=dialog]"), []);
  await dialog.getByLabel("Name").fill("Acme");
  await send.click();
  const profile = page.getByRole("article", { name: "Provider" });
  await profile.getByRole("heading", { name: "Acme" }).waitFor();
  await profile.getByText("Own", { exact: true }).waitFor();
  await profile.getByText("Somebody ordered something.").waitFor();

  await go(page, "#/endpoints?new=1&provider=acme&inbox=new");
  await ready(page.getByRole("dialog"));
  await page.getByRole("dialog").getByLabel("Name").fill("Acme");
  await page.getByRole("button", { name: "Create the endpoint" }).click();
  await page.getByRole("dialog", { name: "“Acme” is made" }).getByRole("button", { name: "Done" }).click();
  await go(page, "#/compose?provider=acme");
  assert.equal(await page.getByLabel("Event", { exact: true }).inputValue(), "order.created");
  await page.getByRole("button", { name: "Send to 1 endpoint" }).click();
  const result = page.getByRole("region", { name: "What was sent" });
  await result.getByText("Delivered at once").waitFor();
  await result.getByRole("link", { name: "What the inbox received" }).click();
  await page.getByRole("article", { name: "Captured request" }).getByText("The signature is valid").waitFor();

  // While it is used it stays, and it is said by whom.
  const remove = async () => {
    await go(page, "#/providers/acme");
    await profile.getByRole("button", { name: "More to do with this provider" }).click();
    await page.getByRole("menuitem", { name: "Delete the provider…" }).click();
    await page.getByRole("button", { name: "Delete 1 provider" }).click();
  };
  await remove();
  await page.getByText("“Acme” was not deleted").waitFor();
  for (const noun of ["webhook-endpoints", "inboxes"]) {
    const { data } = await server.call("GET", `/v1/${noun}`);
    for (const { id } of data) await server.call("DELETE", `/v1/${noun}/${id}`);
  }
  await remove();
  await page.getByText("“Acme” is deleted").waitFor();
  assert.ok(!(await server.call("GET", "/v1/providers")).data.some(({ id }) => id === "acme"));
  assert.deepEqual(
    page.faults.filter((text) => !/4(22|09)/.test(text)),
    [],
  );
});

test("schemas are imported, an event to a file, and a name that was typed stays", async (t) => {
  const { server, page } = await stage.begin(t);
  await go(page, "#/providers?import=1");
  const dialog = page.getByRole("dialog", { name: "Import events" });
  const choose = dialog.getByLabel("Documents to import").and(dialog.locator("input"));
  const schema = (kind) =>
    file(
      `${kind}.schema.json`,
      JSON.stringify({
        type: "object",
        required: ["kind"],
        properties: { kind: { const: kind } },
      }),
    );
  await dialog.getByLabel("Name").fill("Parcels");
  await choose.setInputFiles(["parcel.sent", "parcel.lost"].map(schema));
  await dialog.getByText("2 events: parcel.sent, parcel.lost").waitFor();
  await choose.setInputFiles([schema("parcel.found")]);
  await dialog.getByText("3 events: parcel.sent, parcel.lost, parcel.found").waitFor();
  assert.equal(await dialog.getByLabel("Name").inputValue(), "Parcels");
  // Nothing was kept yet.
  assert.ok(!(await server.call("GET", "/v1/providers")).data.some(({ own }) => own));
  await dialog.getByRole("button", { name: "Import", exact: true }).click();
  const profile = page.getByRole("article", { name: "Provider" });
  await profile.getByRole("heading", { name: "Parcels" }).waitFor();
  const events = profile.getByRole("list", { name: "Events of Parcels" });
  assert.deepEqual(await events.getByRole("listitem").allInnerTexts(), [
    "parcel.sent",
    "parcel.lost",
    "parcel.found",
  ]);
});
