/** How it looks before anything has loaded and after: the theme, the system's changes, and stillness. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { go, gatherFaults, launch, openPage, settled } from "./support/chromium.mjs";
import { startServer } from "./support/server.mjs";

const light = "rgb(255, 255, 255)";
const dark = "rgb(15, 18, 21)";

let browser, server;
before(async () => {
  [browser, server] = await Promise.all([launch(), startServer()]);
});
after(async () => {
  await browser.close();
  await server.stop();
});

async function begin(t, look) {
  const page = await openPage(browser, server, look);
  t.after(() => page.context().close());
  await settled(page);
  return page;
}

const ground = (page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
/** What the person sees where nothing else is drawn. */
const body = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
const choose = (page, name) => page.getByRole("radio", { name, exact: true }).check();

for (const [system, other, colour, otherColour] of [
  ["light", "dark", light, dark],
  ["dark", "light", dark, light],
]) {
  test(`on a ${system} system it is ${system}, and follows when that changes`, async (t) => {
    const page = await begin(t, { theme: system });
    assert.equal(await body(page), colour);
    await page.emulateMedia({ colorScheme: other });
    assert.equal(await body(page), otherColour);
  });

  test(`on a ${system} system a chosen ${other} stays, through a reload and without a flash`, async (t) => {
    const page = await begin(t, { theme: system });
    await go(page, "#/settings");
    await choose(page, other === "dark" ? "Dark" : "Light");
    assert.equal(await body(page), otherColour);
    await page.emulateMedia({ colorScheme: other });
    await page.emulateMedia({ colorScheme: system });
    assert.equal(await body(page), otherColour);
    assert.deepEqual(await firstPaint(page), { ground: otherColour, scheme: other });
    await page.reload();
    await settled(page);
    assert.equal(await body(page), otherColour);
    await choose(page, "As the system");
    assert.equal(await body(page), colour);
    assert.deepEqual(await firstPaint(page), { ground: colour, scheme: "light dark" });
  });
}

test("a theme chosen in one tab is taken up by the others", async (t) => {
  const page = await begin(t, { theme: "light" });
  const tab = await page.context().newPage();
  gatherFaults(tab);
  await tab.goto(`${server.api}/#/settings`);
  await settled(tab);
  await choose(tab, "Dark");
  await page.waitForFunction((colour) => getComputedStyle(document.body).backgroundColor === colour, dark);
});

describe("motion", () => {
  test("without reduced motion nothing moves for 150 ms or more", async (t) => {
    const page = await begin(t, { motion: "no-preference" });
    const longest = Math.max(0, ...(await durations(page)));
    assert.ok(longest > 0 && longest < 150, `${longest} ms`);
  });

  test("with reduced motion nothing moves at all", async (t) => {
    const page = await begin(t, { motion: "reduce" });
    assert.deepEqual(
      (await durations(page)).filter((ms) => ms > 1),
      [],
    );
  });
});

/**
 * What the page looks like before any of its own script has come: the program and its styles are held back, so
 * this is what would be seen of a slow start.
 */
async function firstPaint(page) {
  const first = await page.context().newPage();
  await first.emulateMedia({
    colorScheme: await page.evaluate(() =>
      matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light",
    ),
  });
  await first.route("**/assets/**", () => undefined);
  await first.goto(`${server.api}/`, { waitUntil: "commit" });
  await first.locator("#app").waitFor({ state: "attached" });
  const seen = {
    ground: await ground(first),
    scheme: await first.evaluate(() => getComputedStyle(document.documentElement).colorScheme),
  };
  assert.equal(await first.locator("#app > *").count(), 0, "nothing of the program has run");
  await first.close();
  return seen;
}

/** How long each transition and animation of every screen takes, in milliseconds, dialogs and toasts included. */
async function durations(page) {
  const all = [];
  for (const screen of ["overview", "inbox", "deliveries", "endpoints", "compose", "providers", "settings"]) {
    await go(page, `#/${screen}`);
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").waitFor();
    all.push(...(await page.evaluate(inPage)));
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  }
  return all;
}

/** Runs in the page. */
function inPage() {
  const ms = (text) => text.split(",").map((one) => parseFloat(one) * (one.trim().endsWith("ms") ? 1 : 1000));
  return [...document.querySelectorAll("*")].flatMap((element) => {
    const style = getComputedStyle(element);
    return [
      ...ms(style.transitionDuration),
      ...(style.animationName === "none" ? [] : ms(style.animationDuration)),
    ];
  });
}
