/**
 * Pictures of every screen, and of what opens in them, into `SCREENSHOTS_OUT`: an empty workspace, a day of traffic,
 * and one of everything that an inbox can hold; light and dark, at the window's first size and at its smallest.
 * `cargo xtask screenshots` calls it. `SCREENSHOTS_ONLY` is part of the names of those that are wanted.
 */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { go, launch, openPage, settled } from "./support/chromium.mjs";
import { everywhere, onStock, onTraffic } from "./support/openings.mjs";
import { places } from "./support/screens.mjs";
import { startServer } from "./support/server.mjs";
import { stock } from "./support/stock.mjs";

const out = process.env.SCREENSHOTS_OUT ?? "screenshots";
const only = process.env.SCREENSHOTS_ONLY ?? "";
const sizes = [
  { width: 1280, height: 800 },
  { width: 900, height: 600 },
];

/** What is shown of each workspace: a name, where, and how it is opened. */
const shown = async (server) => (await places(server)).map(({ name, address }) => [name, address, null]);
const workspaces = [
  ["empty", false, async (server) => [...(await shown(server)), ...everywhere]],
  ["demo", true, async (server) => [...(await shown(server)), ...(await onTraffic(server))]],
  ["stock", false, async (server) => onStock(await stock(server))],
];

const browser = await launch();
try {
  for (const [workspace, demo, all] of workspaces) {
    const server = await startServer({ demo });
    try {
      const chosen = (await all(server)).filter(([name]) => `${workspace}/${name}`.includes(only));
      if (chosen.length > 0) await picture(server, workspace, chosen);
    } finally {
      await server.stop();
    }
  }
} finally {
  await browser.close();
}

async function picture(server, workspace, chosen) {
  for (const size of sizes) {
    for (const theme of ["light", "dark"]) {
      const folder = join(out, workspace, `${size.width}x${size.height}-${theme}`);
      await mkdir(folder, { recursive: true });
      const page = await openPage(browser, server, { ...size, theme });
      for (const [name, address, open] of chosen) {
        await go(page, address);
        await open?.(page);
        await settled(page);
        await page.screenshot({ path: join(folder, `${name.replaceAll(/[^a-z]+/g, "-")}.png`) });
        if (open) await closed(page);
      }
      for (const fault of page.faults) console.warn(`${workspace} ${theme}: ${fault}`);
      await page.context().close();
    }
  }
}

/** What was opened is put away: the next address finds the page as it was. */
async function closed(page) {
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.reload();
}
