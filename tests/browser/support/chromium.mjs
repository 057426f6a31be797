/** Chromium, as the system has it, through the Playwright that the UI's lock file names. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const fromUi = createRequire(new URL("../../../ui/package.json", import.meta.url));
const { chromium } = fromUi("playwright-core");

/** The source of axe-core, to be run in a page. */
export const axeSource = readFileSync(fromUi.resolve("axe-core/axe.min.js"), "utf8");

/** Nothing that phones home, no codecs or cards that a build machine lacks. */
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launch() {
  return chromium.launch({
    executablePath: executable(),
    headless: true,
    args: flags,
  });
}

function executable() {
  const name = process.env.HOOKBENCH_CHROMIUM ?? "chromium";
  return name.includes("/") ? name : `/usr/bin/${name}`;
}

/**
 * A page of a fresh profile that may call the server. Whatever goes wrong in it (an exception, a logged
 * error, a request that fails) is gathered in `page.faults`.
 */
export async function openPage(
  browser,
  server,
  { width = 1280, height = 800, theme = "light", motion = "reduce" } = {},
) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: motion,
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  gatherFaults(page);
  // The address that the server prints: it begins a session and leads to the interface.
  await page.goto(`${server.api}/?token=${server.token}`);
  return page;
}

/** What is not there after this long, in milliseconds, does not come. */
const patience = 15_000;

/** A page that the test has opened by other means tells its faults as well. */
export function gatherFaults(page) {
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") page.faults.push(message.text());
  });
}

/** Goes to an address inside the UI and waits until it shows what it has to show. */
export async function go(page, address) {
  await page.evaluate(
    (wanted) =>
      new Promise((done) => {
        const { hash } = new URL(wanted, location.href);
        if (hash === location.hash) return done(undefined);
        // Heard after the page's own listener, so it has taken notice.
        addEventListener("hashchange", () => done(undefined), { once: true });
        location.hash = hash;
      }),
    address,
  );
  await settled(page);
}

/** No skeleton is left, fonts are there, and what changed last is on the screen. */
export async function settled(page) {
  await page.locator("main").waitFor();
  await page.waitForFunction(() => !document.querySelector("[aria-busy='true'], .skeleton"));
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(undefined)))),
  );
}
