/**
 * Pictures of every screen into `SCREENSHOTS_OUT`: an empty workspace and a day of traffic, light and dark,
 * at the window's first size and at its smallest. `cargo xtask screenshots` calls it.
 */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { go, launch, openPage } from "./support/chromium.mjs";
import { places } from "./support/screens.mjs";
import { startServer } from "./support/server.mjs";

const out = process.env.SCREENSHOTS_OUT ?? "screenshots";
const only = process.env.SCREENSHOTS_ONLY ?? "";
const sizes = [
  { width: 1280, height: 800 },
  { width: 900, height: 600 },
];

const browser = await launch();
try {
  for (const [workspace, demo] of [
    ["empty", false],
    ["demo", true],
  ]) {
    const server = await startServer({ demo });
    try {
      await picture(server, workspace);
    } finally {
      await server.stop();
    }
  }
} finally {
  await browser.close();
}

async function picture(server, workspace) {
  const chosen = (await places(server)).filter(({ name }) => name.includes(only));
  for (const size of sizes) {
    for (const theme of ["light", "dark"]) {
      const folder = join(out, workspace, `${size.width}x${size.height}-${theme}`);
      await mkdir(folder, { recursive: true });
      const page = await openPage(browser, server, { ...size, theme });
      for (const { name, address } of chosen) {
        await go(page, address);
        await page.screenshot({ path: join(folder, `${name}.png`) });
      }
      for (const fault of page.faults) console.warn(`${workspace} ${theme}: ${fault}`);
      await page.context().close();
    }
  }
}
