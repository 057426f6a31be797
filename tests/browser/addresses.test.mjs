/** Every place has an address: it can be linked to, reloaded and gone back to, and a wrong one says so. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { gatherFaults, go, launch, openPage, settled } from "./support/chromium.mjs";
import { startServer } from "./support/server.mjs";

let browser, server;
before(async () => {
  [browser, server] = await Promise.all([launch(), startServer({ demo: true })]);
});
after(async () => {
  await browser.close();
  await server.stop();
});

/** A page of its own for a test, closed when that ends. */
async function begin(t) {
  const page = await openPage(browser, server);
  t.after(() => page.context().close());
  await settled(page);
  return page;
}

test("the token is not left in the address, nor in the history", async (t) => {
  const page = await begin(t);
  assert.equal(page.url(), `${server.api}/`);
  assert.doesNotMatch(await page.evaluate(() => document.referrer), /token/);
});

test("a link to a thing opens it in its filtered list", async (t) => {
  const page = await begin(t);
  const [failed] = (await server.call("GET", "/v1/deliveries?status=failed&limit=1")).data;
  // Another tab of the same session, as a link from elsewhere opens it.
  const tab = await page.context().newPage();
  gatherFaults(tab);
  await tab.goto(`${server.api}/#/deliveries/${failed.id}?status=failed`);
  await tab
    .getByRole("article", { name: "Delivery" })
    .getByText(/^Failed after/)
    .waitFor();
  assert.equal(await tab.getByRole("combobox", { name: "Status" }).inputValue(), "failed");
  await tab.getByRole("grid", { name: "Deliveries" }).getByRole("row").nth(1).waitFor();
  const states = await tab.locator("[role=row].body").evaluateAll((rows) => rows.map((row) => row.innerText));
  assert.ok(states.length > 0 && states.every((text) => text.startsWith("Failed")));
  assert.deepEqual(tab.faults, []);
});

test("filters are in the address and survive a reload", async (t) => {
  const page = await begin(t);
  await go(page, "#/deliveries");
  await page.getByRole("combobox", { name: "Status" }).selectOption("Delivered");
  await page.getByRole("combobox", { name: "Time" }).selectOption("Last 7 d");
  await page.getByPlaceholder("Event type").fill("message.*");
  await page.waitForURL(/event_type=message\.\*/);
  await onlyFitting(page);
  await page.reload();
  await settled(page);
  assert.equal(await page.getByRole("combobox", { name: "Status" }).inputValue(), "delivered");
  assert.equal(await page.getByRole("combobox", { name: "Time" }).inputValue(), "7d");
  assert.equal(await page.getByPlaceholder("Event type").inputValue(), "message.*");
  await onlyFitting(page);

  await go(page, "#/inbox");
  await page.getByRole("button", { name: "Signature" }).click();
  await page.getByRole("menuitem", { name: "Valid", exact: true }).click();
  await page.waitForURL(/filter=valid/);
  await page.reload();
  await settled(page);
  assert.equal(await page.getByRole("combobox", { name: "Filter" }).inputValue(), "valid");
});

/** Waits until the list shows deliveries, and none but those that the filter is after. */
function onlyFitting(page) {
  return page.waitForFunction(() => {
    const rows = [...document.querySelectorAll("[role=row].body")].map((row) => row.textContent);
    return rows.length > 0 && rows.every((row) => row.includes("Delivered") && row.includes("message."));
  });
}

test("Back returns to where one was, detail and filter and all", async (t) => {
  const page = await begin(t);
  await go(page, "#/deliveries?status=delivered");
  await page.locator("[role=row].body").first().click();
  await page.getByRole("article", { name: "Delivery" }).waitFor();
  const opened = page.url();
  await page.getByRole("link", { name: "Endpoints" }).click();
  await page.getByRole("main", { name: "Endpoints" }).waitFor();
  await page.goBack();
  await page.getByRole("article", { name: "Delivery" }).waitFor();
  assert.equal(page.url(), opened);
  await page.goBack();
  await page.getByRole("article", { name: "Delivery" }).waitFor({ state: "detached" });
  assert.match(page.url(), /#\/deliveries\?status=delivered$/);
  assert.equal(await page.getByRole("combobox", { name: "Status" }).inputValue(), "delivered");
  await page.goForward();
  await page.getByRole("article", { name: "Delivery" }).waitFor();
});

describe("an address of nothing", () => {
  const nothing = [
    ["#/deliveries/dlv_06gzscksf1r01004e5y0x7jvx0", "The delivery could not be read", /no delivery/i],
    ["#/deliveries/nonsense", "The delivery could not be read", /./],
    ["#/inbox/req_06gzscksf1r01004e5y0x7jvx0", "This captured request is gone", /deleted/],
    ["#/endpoints/ep_06gzscksf1r01004e5y0x7jvx0", "There is no such endpoint", /deleted/],
    ["#/providers/nobody", "There is no such provider", /not part of this version/],
    ["#/nowhere", "There is nothing at this address", /mistyped/],
  ];
  test("says so, and shows the way out", async (t) => {
    const page = await begin(t);
    for (const [address, title, why] of nothing) {
      await go(page, address);
      const said = page.locator("main").filter({ has: page.getByRole("heading", { name: title }) });
      await said.waitFor();
      assert.match(await said.innerText(), why, address);
      assert.ok(await said.getByRole("button").or(said.getByRole("link")).count(), address);
    }
  });
});

describe("without a session", () => {
  test("the page says where to get one", async (t) => {
    const context = await browser.newContext();
    t.after(() => context.close());
    const page = await context.newPage();
    await page.goto(`${server.api}/#/deliveries`);
    await page.getByRole("heading", { name: "This page has no session" }).waitFor();
    assert.match(await page.locator("main").innerText(), /hookbench serve/);
  });

  test("lost on the way, it says so as well", async (t) => {
    const page = await begin(t);
    await go(page, "#/providers");
    await page.context().clearCookies();
    // By the address: another question may find it out first, and take the links away.
    await page.evaluate(() => (location.hash = "#/deliveries"));
    await page.getByRole("heading", { name: "This page has no session" }).waitFor();
  });
});
