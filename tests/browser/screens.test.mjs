/** Every screen, empty and full, light and dark: it opens without a fault, and axe finds nothing in it. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { axeSource, go, launch, openPage } from "./support/chromium.mjs";
import { places } from "./support/screens.mjs";
import { startServer } from "./support/server.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

for (const demo of [false, true]) {
  describe(demo ? "a day of traffic" : "an empty workspace", () => {
    let server;
    before(async () => (server = await startServer({ demo })));
    after(() => server.stop());

    for (const theme of ["light", "dark"]) {
      test(`no screen has a fault (${theme})`, async () => {
        const found = [];
        for (const place of await places(server)) {
          const page = await openPage(browser, server, { theme });
          await go(page, server, place.address);
          const faults = [...page.faults, ...(await inaccessible(page))];
          found.push(...faults.map((fault) => `${place.name}: ${fault}`));
          await page.context().close();
        }
        assert.deepEqual(found, []);
      });
    }
  });
}

/** What axe finds, a line for each rule and element. */
async function inaccessible(page) {
  // Evaluated and not added as a script: the page's content security policy rightly refuses that.
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target} (${node.failureSummary})`),
  );
}
