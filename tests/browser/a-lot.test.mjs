/**
 * Lists of many rows: only what is seen is drawn, keys reach every row, and what is new does not move what is
 * read. `HOOKBENCH_PLENTY` asks for another number of rows.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { go, settled } from "./support/chromium.mjs";
import { manyDeliveries, manyRequests } from "./support/plenty.mjs";
import { scene } from "./support/scene.mjs";
import { send } from "./support/send.mjs";

const plenty = Number(process.env.HOOKBENCH_PLENTY ?? 20_000);
/** More row elements than this are never needed: two screens of this height and what lies beyond their edges. */
const mostDrawn = 60;

const stage = scene({ before, after });

test("every delivery of a lot is reached by keys, and few are drawn", async (t) => {
  const { server, page } = await stage.begin(t);
  const { newest, oldest } = await manyDeliveries(server, plenty);
  await go(page, "#/deliveries");
  const grid = page.getByRole("grid", { name: "Deliveries" });
  await grid.focus();

  // End leads to the last row that is known, and from there further, to the very first delivery.
  const drawn = [];
  while ((await grid.getAttribute("aria-rowcount")) === "-1") {
    const known = await height(grid);
    await page.keyboard.press("End");
    await further(grid, known);
    drawn.push(await grid.locator(".row.body").count());
  }
  await page.keyboard.press("End");
  assert.equal(await grid.getAttribute("aria-rowcount"), String(plenty + 1));
  await onRow(grid, plenty, oldest);

  await page.keyboard.press("k");
  await onRow(grid, plenty - 1);
  await page.keyboard.press("PageUp");
  const page1 = plenty - 1 - (await activeRow(grid));
  assert.ok(page1 > 10 && page1 < mostDrawn, `a page is ${page1} rows`);
  await page.keyboard.press("PageDown");
  await onRow(grid, plenty - 1);
  await page.keyboard.press("j");
  await onRow(grid, plenty, oldest);
  await page.keyboard.press("Home");
  await onRow(grid, 1, newest);
  await page.keyboard.press("j");
  await onRow(grid, 2);

  // Straight into the middle, as one drags the bar: rows that were let go are fetched again.
  await grid.locator(".scroller").evaluate((one) => (one.scrollTop = one.scrollHeight / 2));
  await settled(page);
  await grid.locator(".row.body:not([aria-busy])").first().waitFor();
  drawn.push(await grid.locator(".row.body").count());
  assert.ok(Math.max(...drawn) <= mostDrawn, `${Math.max(...drawn)} rows were drawn`);
  assert.deepEqual(page.faults, []);
});

test("what arrives while one reads further down is told and moves nothing", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await manyRequests(server, plenty);
  await go(page, "#/inbox");
  const grid = page.getByRole("grid", { name: "Captured requests" });
  await grid.focus();
  for (let count = 0; count < 5; count++) await page.keyboard.press("PageDown");
  await settled(page);
  const before = await seen(grid);
  assert.ok(before.length > 10);

  for (let count = 1; count <= 12; count++) await send(`${inbox.url}/late-${count}`);
  await page.getByRole("button", { name: "12 new" }).waitFor();
  assert.deepEqual(await seen(grid), before);

  await page.getByRole("button", { name: "12 new" }).click();
  await grid.getByText("/late-12").waitFor();
  await page.getByRole("button", { name: "12 new" }).waitFor({ state: "detached" });
  // At the top they come by themselves.
  await send(`${inbox.url}/later`);
  await grid.getByText("/later", { exact: true }).waitFor();
  assert.equal(await page.getByRole("button", { name: /new$/ }).count(), 0);
  assert.ok((await grid.locator(".row.body").count()) <= mostDrawn);
  assert.deepEqual(page.faults, []);
});

test("a flood is seen live, and the page stays usable while it lasts", async (t) => {
  const { server, page } = await stage.begin(t);
  await go(page, "#/inbox");
  const flood = manyRequests(server, plenty / 4);
  const grid = page.getByRole("grid", { name: "Captured requests" });
  await grid.waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await page.getByRole("heading", { name: "Settings", exact: true }).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("i");
  await grid.waitFor();
  await flood;
  const newest = (await server.call("GET", "/v1/requests?limit=1")).data[0];
  await grid.getByText(newest.path, { exact: true }).waitFor();
  assert.deepEqual(page.faults, []);
});

const height = (grid) => grid.locator(".all").evaluate((all) => all.offsetHeight);

/** The list has grown beyond what was known, or has come to its end. */
async function further(grid, known) {
  await grid
    .page()
    .waitForFunction(
      ([one, was]) =>
        one.getAttribute("aria-rowcount") !== "-1" || one.querySelector(".all").offsetHeight > was,
      [await grid.elementHandle(), known],
    );
}

/** The number of the row that the keys are on, counted from 1. */
async function activeRow(grid) {
  const index = await grid.locator(".row.active").getAttribute("aria-rowindex");
  return Number(index) - 1;
}

/** The keys are on a row of that number, once it is there. */
async function onRow(grid, number, id = "") {
  await grid.locator(`.row.active[aria-rowindex="${number + 1}"]`).waitFor();
  const active = await grid.getAttribute("aria-activedescendant");
  assert.equal(active, await grid.locator(".row.active").getAttribute("id"));
  assert.ok(active.endsWith(id), `${active} is ${id}`);
}

/** The rows in sight, each with its place on the screen. */
function seen(grid) {
  return grid.evaluate((one) => {
    const { top, bottom } = one.querySelector(".scroller").getBoundingClientRect();
    return [...one.querySelectorAll(".row.body")]
      .map((row) => ({ id: row.id, y: Math.round(row.getBoundingClientRect().top) }))
      .filter(({ y }) => y >= top && y < bottom)
      .sort((a, b) => a.y - b.y);
  });
}
