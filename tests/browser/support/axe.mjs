/** What axe says of a page, in both themes. */

import { axeSource } from "./chromium.mjs";

/** Rules that a theme can break; all the others look at what is the same in both. */
const ofColour = { runOnly: ["color-contrast", "link-in-text-block"] };

/**
 * What axe finds in a page as it stands, light and then dark: a line for each rule and element. `within` is a
 * selector where only a part is new.
 */
export async function inaccessible(page, within = "html") {
  // Evaluated and not added as a script: the page's content security policy rightly refuses that.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axeSource);
  await page.emulateMedia({ colorScheme: "light" });
  const light = await violations(page, within, {});
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await violations(page, within, ofColour);
  await page.emulateMedia({ colorScheme: "light" });
  return [...light.map((line) => `light: ${line}`), ...dark.map((line) => `dark: ${line}`)];
}

async function violations(page, within, options) {
  const found = await page.evaluate(
    ([place, how]) => globalThis.axe.run(document.querySelector(place), how),
    [within, { ...options, resultTypes: ["violations"] }],
  );
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target} (${node.failureSummary})`),
  );
}
