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

/** Waits until an open dialog has the focus in its first field: what is typed before that goes elsewhere. */
export function ready(dialog) {
  return dialog.locator("[data-first-focus]:focus").waitFor();
}

/** Waits until no dialog is open any more: until then it has the keys to itself. */
export function closed(page) {
  return page.getByRole("dialog").waitFor({ state: "detached" });
}

/** Waits until a field holds this: what it shows may still be on its way. */
export async function holds(field, value) {
  const there = ([one, wanted]) => one.value === wanted;
  await field.page().waitForFunction(there, [await field.elementHandle(), value]);
}

/** Chooses in a field that is searched by typing, as one does by keys. */
export async function pick(field, words) {
  await field.fill(words);
  // What there is to choose from may still be on its way.
  await field.page().locator("[popover] [role=option]").first().waitFor();
  await field.press("Enter");
}
