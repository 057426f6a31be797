/**
 * Every screen, what opens in it and every dialog, empty and full: there is no fault in it, and axe finds
 * nothing in it, light or dark.
 */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { inaccessible } from "./support/axe.mjs";
import { go, launch, openPage, settled } from "./support/chromium.mjs";
import { everywhere, onStock, onTraffic } from "./support/openings.mjs";
import { places } from "./support/screens.mjs";
import { startServer } from "./support/server.mjs";
import { stock } from "./support/stock.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

describe("an empty workspace", () => {
  let server, page;
  before(async () => {
    server = await startServer();
    page = await openPage(browser, server);
  });
  after(async () => {
    await page.context().close();
    await server.stop();
  });

  test("screens", async () => {
    assert.equal(await look(page, (await places(server)).map(placed)), "");
  });
  test("dialogs", async () => {
    assert.equal(await look(page, everywhere), "");
  });
});

describe("a day of traffic", () => {
  let server, page;
  before(async () => {
    server = await startServer({ demo: true });
    page = await openPage(browser, server);
  });
  after(async () => {
    await page.context().close();
    await server.stop();
  });

  test("screens, and what is open in them", async () => {
    assert.equal(await look(page, (await places(server)).map(placed)), "");
  });

  test("dialogs", async () => {
    assert.equal(await look(page, [...everywhere, ...(await onTraffic(server))]), "");
  });
});

describe("one of everything that an inbox can hold", () => {
  let server, page, stocked;
  before(async () => {
    server = await startServer();
    stocked = await stock(server);
    page = await openPage(browser, server);
  });
  after(async () => {
    await page.context().close();
    await server.stop();
  });

  test("what opens on it", async () => {
    assert.equal(await look(page, onStock(stocked)), "");
  });
});

const placed = ({ name, address }) => [name, address, null];

/** Goes to each place, opens what is to be opened there, and gathers whatever is wrong with it. */
async function look(page, list) {
  const found = [];
  // Behind a dialog is a screen that is looked at by itself.
  for (const [name, address, open, part = open ? "[role=dialog]" : "html"] of list) {
    await go(page, address);
    if (open) {
      await open(page);
      await page.locator(part).waitFor();
      await settled(page);
    }
    const wrong = [...page.faults.splice(0), ...(await inaccessible(page, part))];
    found.push(...wrong.map((line) => `${name}: ${line}`));
    if (open) {
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
  }
  return found.join("\n");
}
