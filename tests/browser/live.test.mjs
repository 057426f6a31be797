/** What happens elsewhere is seen here: also what happened before the feed was open, or while it was away. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inaccessible } from "./support/axe.mjs";
import { go } from "./support/chromium.mjs";
import { scene } from "./support/scene.mjs";
import { send } from "./support/send.mjs";

const stage = scene({ before, after });
const feed = "**/v1/changes";

test("what changed while the feed was being opened is not missed", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders" });
  await send(`${inbox.url}/first`);
  const held = gate();
  await page.route(feed, async (route) => {
    await held.promise;
    await route.continue();
  });
  await page.reload();
  await go(page, "#/inbox");
  await page.getByRole("row", { name: /\/first/ }).waitFor();
  await send(`${inbox.url}/second`);
  assert.equal(await page.getByRole("row", { name: /\/second/ }).count(), 0);
  held.resolve();
  await page.getByRole("row", { name: /\/second/ }).waitFor();
});

test("when the feed is lost the page says so, and catches up when it is back", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders" });
  await send(`${inbox.url}/first`);
  let away = true;
  await page.route(feed, (route) => (away ? route.fulfill({ status: 503 }) : route.continue()));
  await page.reload();
  await go(page, "#/inbox");
  await page.getByText("Not live: reconnecting").waitFor();
  await page.getByRole("row", { name: /\/first/ }).waitFor();
  await send(`${inbox.url}/second`);
  away = false;
  await page.getByRole("row", { name: /\/second/ }).waitFor();
  await page.getByText("Not live: reconnecting").waitFor({ state: "detached" });
});

test("a screen that is opened while the server is away says so, and is loaded once it is back", async (t) => {
  const { page } = await stage.begin(t);
  await go(page, "#/overview");
  let away = true;
  await page.route(/\/(assets|v1)\//, (route) => (away ? route.abort() : route.continue()));
  await page.evaluate(() => (location.hash = "#/providers"));
  const told = page.getByRole("alert");
  await told.getByText("“Providers” could not be loaded").waitFor();
  await told.getByText(/^Hookbench does not answer:/).waitFor();
  await told.getByRole("button", { name: "Try again" }).click();
  await told.getByText(/^Hookbench does not answer yet:/).waitFor();
  away = false;
  await told.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("grid", { name: "Providers" }).waitFor();
});

test("figures that are no longer kept are said to be old", async (t) => {
  const { page } = await stage.begin(t);
  await page.route(feed, (route) => route.fulfill({ status: 503 }));
  await page.reload();
  await page.getByText("Not live: reconnecting").waitFor();
  await page
    .getByRole("group", {
      name: "Engine, as it was before the connection was lost",
    })
    .getByText("waiting")
    .waitFor();
  assert.deepEqual(await inaccessible(page), []);
});

test("two pages of one workspace show the same", async (t) => {
  const { server, page, open } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders" });
  await send(inbox.url);
  const [{ id }] = (await server.call("GET", "/v1/requests")).data;
  const other = await open({ theme: "dark" });
  for (const one of [page, other]) {
    await go(one, `#/inbox/${id}`);
    await one.getByRole("article", { name: "Captured request" }).waitFor();
  }
  await page.keyboard.press("p");
  await other.getByRole("button", { name: "Pinned" }).waitFor();
  await other.keyboard.press("Delete");
  await other.getByRole("button", { name: "Delete 1 request" }).click();
  await page.getByText("This captured request is gone").waitFor();
});

/** A promise, and what keeps it. */
function gate() {
  let resolve;
  const promise = new Promise((done) => (resolve = done));
  return { promise, resolve };
}
