/**
 * Every screen, what opens in it and every dialog, empty and full: there is no fault in it, and axe finds
 * nothing in it, light or dark.
 */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { inaccessible } from "./support/axe.mjs";
import { go, launch, openPage, settled } from "./support/chromium.mjs";
import { places } from "./support/screens.mjs";
import { startServer } from "./support/server.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** What a person opens on a place: its name, where, and how. */
const everywhere = [
  ["new inbox", "#/inbox", (page) => page.getByRole("button", { name: /^(New|Create an) inbox$/ }).click()],
  ["new endpoint", "#/endpoints", (page) => page.keyboard.press("n")],
  ["palette", "#/overview", (page) => page.keyboard.press("Control+k")],
  ["key sheet", "#/overview", (page) => page.keyboard.press("?")],
];

/** What is opened where there is something to open it on. */
const onTraffic = [
  ["try it", "#/overview?try=1", null],
  ["a filter that matches nothing", "#/deliveries?q=no-such-thing", null],
  [
    "retry matching",
    "#/deliveries?status=failed",
    (page) => page.getByRole("button", { name: "Retry matching" }).click(),
  ],
];

/** Keys on an open captured request, and what they open. */
const onRequest = [
  ["edit and send", "e"],
  ["send on", "r"],
  ["check again", "v"],
  ["delete a captured request", "Delete"],
];

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
    const found = (await places(server)).find(({ name }) => name === "captured-request");
    const press = (key) => async (on) => {
      await on.getByRole("article", { name: "Captured request" }).waitFor();
      await on.keyboard.press(key);
    };
    const keys = onRequest.map(([name, key]) => [name, found.address, press(key)]);
    assert.equal(await look(page, [...everywhere, ...onTraffic, ...keys]), "");
  });
});

const placed = ({ name, address }) => [name, address, null];

/** Goes to each place, opens what is to be opened there, and gathers whatever is wrong with it. */
async function look(page, list) {
  const found = [];
  for (const [name, address, open] of list) {
    await go(page, address);
    if (open) {
      await open(page);
      await page.getByRole("dialog").waitFor();
      await settled(page);
    }
    // Behind a dialog is a screen that is looked at by itself.
    const wrong = [...page.faults.splice(0), ...(await inaccessible(page, open ? "[role=dialog]" : "html"))];
    found.push(...wrong.map((line) => `${name}: ${line}`));
    if (open) {
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
  }
  return found.join("\n");
}
