/** Finding a captured request: the filter's language, what it offers, what it says of a wrong word, saved filters. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inaccessible } from "./support/axe.mjs";
import { go, settled } from "./support/chromium.mjs";
import { holds } from "./support/keyboard.mjs";
import { scene } from "./support/scene.mjs";
import { send } from "./support/send.mjs";

const stage = scene({ before, after });
const json = ["Content-Type", "application/json"];

/** An inbox with three requests that differ. */
async function filled(server) {
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders", slug: "orders" });
  await send(`${inbox.url}/first`, { headers: [json, ["X-Turn", "one"]], body: '{"to":"ada","n":1}' });
  await send(`${inbox.url}/second`, { headers: [json, ["X-Turn", "two"]], body: '{"to":"bob","n":2}' });
  await send(`${inbox.url}/third`, { method: "PUT", headers: [json], body: '{"to":"ada","n":30}' });
  return inbox;
}

/** Waits until the list shows just these paths, the newest first. */
function listed(page, paths) {
  return page.waitForFunction((wanted) => {
    const rows = [...document.querySelectorAll("[role=row].body")].map((row) => row.textContent);
    return rows.length === wanted.length && wanted.every((path, at) => rows[at].includes(path));
  }, paths);
}

test("a filter is typed, finds, stays in the address, and survives a reload", async (t) => {
  const { server, page } = await stage.begin(t);
  await filled(server);
  await go(page, "#/inbox");
  await listed(page, ["/third", "/second", "/first"]);
  await page.keyboard.press("/");
  const field = page.getByRole("combobox", { name: "Filter" });
  await field.fill("json:to=ada -method:PUT");
  await field.press("Enter");
  await listed(page, ["/first"]);
  await page.waitForURL(/filter=json/);
  await page.reload();
  await settled(page);
  await holds(field, "json:to=ada -method:PUT");
  await listed(page, ["/first"]);
  await page.getByRole("button", { name: "Clear" }).click();
  await listed(page, ["/third", "/second", "/first"]);
  assert.deepEqual(page.faults, []);
});

test("words are offered and taken by the keyboard, and buttons write them", async (t) => {
  const { server, page } = await stage.begin(t);
  await filled(server);
  await go(page, "#/inbox");
  await listed(page, ["/third", "/second", "/first"]);
  const field = page.getByRole("combobox", { name: "Filter" });
  await field.pressSequentially("hea");
  const offers = page.getByRole("listbox", { name: "What may stand here" });
  await offers.getByRole("option", { name: /^header:/ }).waitFor();
  await page.keyboard.press("Tab");
  await holds(field, "header:");
  await offers.getByRole("option", { name: /^x-turn/ }).waitFor();
  await field.pressSequentially("x-turn=t");
  await offers.getByRole("option", { name: /^two/ }).waitFor();
  await page.keyboard.press("ArrowDown");
  await offers.locator("[aria-selected=true]").waitFor();
  await page.keyboard.press("Enter");
  await holds(field, "header:x-turn=two ");
  await page.keyboard.press("Enter");
  await listed(page, ["/second"]);

  await page.getByRole("button", { name: "Clear" }).click();
  await listed(page, ["/third", "/second", "/first"]);
  await page.getByRole("button", { name: "Method" }).click();
  await page.getByRole("menuitem", { name: "PUT" }).click();
  await holds(field, "method:PUT");
  await listed(page, ["/third"]);
  await page.getByRole("button", { name: "Method" }).click();
  await page.getByRole("menuitem", { name: "POST" }).click();
  await holds(field, "method:POST");
  await listed(page, ["/second", "/first"]);
  assert.deepEqual(await inaccessible(page), []);
  assert.deepEqual(page.faults, []);
});

test("a wrong word is underlined and says what could stand there", async (t) => {
  const { server, page } = await stage.begin(t);
  await filled(server);
  await go(page, "#/inbox");
  const field = page.getByRole("combobox", { name: "Filter" });
  await field.fill("😀 metod:PUT");
  await field.press("Enter");
  await page.locator("search").getByText("did you mean `method:`?").waitFor();
  assert.equal(
    await page
      .locator("search .fault")
      .allInnerTexts()
      .then((parts) => parts.join("")),
    "metod",
  );
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  await field.fill("method:PUT");
  await field.press("Enter");
  await listed(page, ["/third"]);
  await page.locator("search .fault").waitFor({ state: "detached" });
  // The refusal itself is told of by the browser.
  assert.deepEqual(
    page.faults.filter((fault) => !/422/.test(fault)),
    [],
  );
});

test("older links show their words, and a filter is kept by name", async (t) => {
  const { server, page } = await stage.begin(t);
  await filled(server);
  await go(page, "#/inbox?method=PUT&q=ada");
  const field = page.getByRole("combobox", { name: "Filter" });
  await holds(field, "method:PUT ada");
  await listed(page, ["/third"]);
  await page.getByRole("button", { name: "Saved filters" }).click();
  await page.getByRole("menuitem", { name: "Save this filter…" }).click();
  const dialog = page.getByRole("dialog", { name: "Save this filter" });
  await dialog.getByRole("textbox", { name: "Name" }).fill("What Ada put");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Clear" }).click();
  await listed(page, ["/third", "/second", "/first"]);
  await page.getByRole("button", { name: "Saved filters" }).click();
  await page.getByRole("menuitem", { name: "“What Ada put”" }).click();
  await holds(field, "method:PUT ada");
  await listed(page, ["/third"]);
  assert.deepEqual(page.faults, []);
});
