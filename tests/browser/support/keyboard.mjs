/** A person without a mouse. */

import assert from "node:assert/strict";

/** Presses Tab until an element has the focus: it can be reached, and in no more steps than these. */
export async function tabTo(page, locator, most = 40) {
  for (let step = 0; step < most; step++) {
    if (await locator.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`${locator} is not reached by pressing Tab ${most} times`);
}

/** Chooses in a field that is searched by typing, as one does by keys. */
export async function pick(field, words) {
  await field.fill(words);
  // What there is to choose from may still be on its way.
  await field.page().locator("[popover] [role=option]").first().waitFor();
  await field.press("Enter");
}
