/** A corpus of requests that mean harm, each looked at in every view: nothing runs, freezes or is lost. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { go, settled } from "./support/chromium.mjs";
import { corpus } from "./support/hostile.mjs";
import { scene } from "./support/scene.mjs";
import { send } from "./support/send.mjs";
import { neverShown, rawCharacters, watch } from "./support/watch.mjs";

const stage = scene({ before, after });

/** No task of the page may hold it up for longer, in milliseconds: for a machine that is busy with much else. */
const longest = 10_000;
/** As many of the corpus go to one workspace, so that no test is long. */
const share = 30;

for (let from = 0; from < corpus.length; from += share) {
  const some = corpus.slice(from, from + share);
  test(`hostile requests ${from + 1} to ${from + some.length} are shown, and no more than that`, async (t) => {
    const { server, page } = await stage.begin(t);
    const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders" });
    for (const { name, type, headers = [], body, path = "" } of some) {
      const all = type === undefined ? headers : [["Content-Type", type], ...headers];
      assert.equal((await send(inbox.url + path, { headers: all, body })).status, 200, name);
    }
    const captured = (await server.call("GET", "/v1/requests?limit=500")).data.reverse();
    assert.equal(captured.length, some.length, "every one of them is listed");

    await watch(page, server);
    await page.evaluate(noteLongTasks);
    for (const [index, { id }] of captured.entries()) {
      const { name, body } = some[index];
      await go(page, `#/inbox/${id}`);
      const request = page.getByRole("article", { name: "Captured request" });
      await request.waitFor();
      await everyView(request);
      assert.deepEqual(await page.evaluate(rawCharacters, neverShown.source), [], `${name} shows marks`);
      assert.ok((await page.locator("*").count()) < 6_000, `${name}: only what is seen is drawn`);
      assert.deepEqual(page.alarms, [], name);
      assert.ok((await bodyOf(server, id)).equals(Buffer.from(body)), `${name} is kept to the byte`);
      const task = await page.evaluate(() => globalThis.longestTask);
      assert.ok(task < longest, `${name} holds the page up for ${task} ms`);
    }
    await go(page, "#/settings");
    await page.getByRole("heading", { name: "Settings", exact: true }).waitFor();
    assert.deepEqual(page.alarms, []);
    assert.deepEqual(page.faults, []);
    assert.equal(await page.evaluate(() => ({}).polluted), undefined);
  });
}

test("the corpus is as large as it is said to be, and no name stands twice", () => {
  assert.ok(corpus.length >= 200, `${corpus.length}`);
  assert.equal(new Set(corpus.map(({ name }) => name)).size, corpus.length);
});

/** Opens one view of the body after another, decoded and as it came, and whatever else unfolds. */
async function everyView(request) {
  await settled(request.page());
  await tabs(request);
  const raw = request.getByText("As it came", { exact: true });
  if ((await raw.count()) > 0) {
    await raw.click();
    await tabs(request);
    // The side that was chosen is not kept for the next request.
  }
  for (const name of [/^View part 1$/, "Read the token"]) {
    const button = request.getByRole("button", { name }).first();
    if ((await button.count()) > 0) await button.click();
  }
  await settled(request.page());
}

async function tabs(request) {
  const page = request.page();
  const titles = await request
    .getByRole("tablist")
    .first()
    .getByRole("tab")
    .allInnerTexts()
    .catch(() => []);
  for (const title of titles) {
    await request.getByRole("tab", { name: title, exact: true }).first().click();
    await settled(page);
    await request.getByText(/^(Reading|Arranging)…/).waitFor({ state: "detached" });
  }
}

async function bodyOf(server, id) {
  const answer = await fetch(`${server.api}/v1/requests/${id}/body`, {
    headers: { authorization: `Bearer ${server.token}` },
  });
  return Buffer.from(await answer.arrayBuffer());
}

/** Runs in the page: remembers the longest time that it was held up. */
function noteLongTasks() {
  globalThis.longestTask = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      globalThis.longestTask = Math.max(globalThis.longestTask, Math.round(entry.duration));
  }).observe({ entryTypes: ["longtask"] });
}
