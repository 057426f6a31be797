/** Several captured requests together: marked, exported, repeated, deleted; and all that match a filter. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { inaccessible } from "./support/axe.mjs";
import { go } from "./support/chromium.mjs";
import { ready } from "./support/keyboard.mjs";
import { scene } from "./support/scene.mjs";
import { send } from "./support/send.mjs";

const stage = scene({ before, after });

/** An inbox with so many requests, `/1` the oldest. */
async function captured(server, count) {
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders", slug: "orders" });
  for (let at = 1; at <= count; at++) {
    const headers = [["Content-Type", "application/json"]];
    assert.equal((await send(`${inbox.url}/${at}`, { headers, body: `{"n":${at}}` })).status, 200);
  }
  return inbox;
}

const row = (page, path) =>
  page.getByRole("grid", { name: "Captured requests" }).getByRole("row", { name: new RegExp(`/${path}\\b`) });
const bar = (page) => page.getByRole("group", { name: "Chosen requests" });
const all = async (server, query = "") => (await server.call("GET", `/v1/requests?limit=500${query}`)).data;
const pathsOf = (requests) => requests.map(({ path }) => path.slice(1)).sort();

async function choose(page, ...paths) {
  for (const path of paths) await row(page, path).getByRole("checkbox").check();
  await bar(page).getByText(`${paths.length} chosen`).waitFor();
}

test("some are chosen, tagged, noted, coloured and given back", async (t) => {
  const { server, page } = await stage.begin(t);
  await captured(server, 4);
  await go(page, "#/inbox");
  await choose(page, 1, 3);
  await bar(page).getByRole("button", { name: "Tag" }).click();
  const dialog = page.getByRole("dialog", { name: "Tags of 2 requests" });
  await ready(dialog);
  await dialog.getByRole("button", { name: "Mark 2 requests" }).click();
  await dialog.getByText("Name a tag to add or to take away.").waitFor();
  await dialog.getByLabel("Add these tags").fill("odd, asked");
  assert.deepEqual(await inaccessible(page), []);
  await dialog.getByRole("button", { name: "Mark 2 requests" }).click();
  await page.getByText("2 requests were marked").waitFor();
  const tagged = await all(server, "&filter=tag:odd");
  assert.deepEqual(pathsOf(tagged), ["1", "3"]);
  assert.deepEqual(tagged[0].tags, ["odd", "asked"]);

  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("2 requests were given back").waitFor();
  assert.deepEqual(await all(server, "&filter=tag:odd"), []);

  await bar(page).getByRole("button", { name: "Colour" }).click();
  await page.getByRole("menuitem", { name: /^Green/ }).click();
  await row(page, 1).getByRole("img", { name: "Green" }).waitFor();
  await row(page, 3).getByRole("img", { name: "Green" }).waitFor();
  await bar(page).getByRole("button", { name: "More to do with those chosen" }).click();
  await page.getByRole("menuitem", { name: "Note…" }).click();
  const note = page.getByRole("dialog", { name: "A note on 2 requests" });
  await note.getByLabel("Note").fill("Asked for by Ada");
  await note.getByRole("button", { name: "Mark 2 requests" }).click();
  await row(page, 1).getByRole("img", { name: "Has a note" }).waitFor();
  await row(page, 3).getByRole("img", { name: "Has a note" }).waitFor();
  assert.deepEqual(pathsOf(await all(server, "&filter=is:noted")), ["1", "3"]);
  assert.deepEqual(page.faults, []);
});

test("all that match a filter are chosen, pinned, and deleted after a question that names their number", async (t) => {
  const { server, page } = await stage.begin(t);
  await captured(server, 7);
  await go(page, `#/inbox?filter=${encodeURIComponent("json:n=1 or json:n=2 or json:n=3")}`);
  await row(page, 3).waitFor();
  await page.getByRole("checkbox", { name: "Choose all that are listed" }).check();
  await bar(page).getByText("All 3 chosen").waitFor();
  await bar(page).getByRole("button", { name: "More to do with those chosen" }).click();
  await page.getByRole("menuitem", { name: "Pin", exact: true }).click();
  await page.getByText("3 requests were marked").waitFor();
  assert.deepEqual(pathsOf(await all(server, "&pinned=true")), ["1", "2", "3"]);

  await bar(page).getByRole("button", { name: "More to do with those chosen" }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  const question = page.getByRole("dialog", { name: "Delete 3 requests?" });
  await question.getByRole("button", { name: "Keep as it is" }).click();
  await question.waitFor({ state: "detached" });
  assert.equal((await all(server)).length, 7);
  await bar(page).getByRole("button", { name: "More to do with those chosen" }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await question.getByRole("button", { name: "Delete 3 requests" }).click();
  await page.getByText("3 requests were deleted").waitFor();
  await page.getByText("No captured request matches").waitFor();
  await bar(page).waitFor({ state: "detached" });
  assert.deepEqual(pathsOf(await all(server)), ["4", "5", "6", "7"]);
  assert.deepEqual(page.faults, []);
});

test("some are repeated to a URL, the oldest first, after a look at what would go where", async (t) => {
  const { server, page } = await stage.begin(t);
  await captured(server, 3);
  const target = await server.call("POST", "/v1/inboxes", { name: "Target", slug: "target" });
  await go(page, "#/inbox?filter=inbox:orders");
  await choose(page, 1, 2, 3);
  await bar(page).getByRole("button", { name: "Repeat" }).click();
  const dialog = page.getByRole("dialog");
  await ready(dialog);
  await dialog.getByRole("button", { name: /^Repeat/ }).click();
  await dialog.getByText("Give a whole address").waitFor();
  await dialog.getByRole("textbox", { name: "URL", exact: true }).fill(target.url);
  await page.getByRole("dialog", { name: "Repeat 3 captured requests?" }).waitFor();
  await dialog.getByLabel("At most a second").fill("0");
  await dialog.getByText("Give a number above 0, or leave it empty.").waitFor();
  await dialog.getByRole("radio", { name: "As far apart as they arrived" }).check();
  await dialog.getByLabel("Times as fast").fill("100");
  await dialog.getByLabel("Why").fill("Seen again");
  assert.deepEqual(await inaccessible(page), []);
  await dialog.getByRole("button", { name: "Repeat 3 captured requests" }).click();
  await page.getByText("Replay of 3 deliveries done: 3 delivered").waitFor();
  const arrived = await all(server, `&inbox_id=${target.id}`);
  const numbers = await Promise.all(
    arrived.map(async ({ id }) => {
      const answer = await fetch(`${server.api}/v1/requests/${id}/body`, {
        headers: { authorization: `Bearer ${server.token}` },
      });
      return (await answer.json()).n;
    }),
  );
  assert.deepEqual(numbers.sort(), [1, 2, 3]);
  const [replay] = (await server.call("GET", "/v1/replays")).data;
  assert.equal(replay.reason, "Seen again");
  await bar(page).waitFor({ state: "detached" });
  assert.deepEqual(page.faults, []);
});

test("those chosen are exported, and no others", async (t) => {
  const { server, page } = await stage.begin(t);
  await captured(server, 4);
  await go(page, "#/inbox");
  await choose(page, 2, 4);
  await bar(page).getByRole("button", { name: "More to do with those chosen" }).click();
  await page.getByRole("menuitem", { name: "Export…" }).click();
  const dialog = page.getByRole("dialog", { name: "Export requests" });
  await ready(dialog);
  await dialog.getByText("2 requests, as chosen").waitFor();
  const saving = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Export", exact: true }).click();
  const file = JSON.parse(await readFile(await (await saving).path(), "utf8"));
  const urls = file.log.entries.map(({ request }) => new URL(request.url).pathname);
  assert.deepEqual(urls.sort(), ["/orders/2", "/orders/4"]);
  assert.deepEqual(page.faults, []);
});

const more = async (page, what) => {
  await bar(page).getByRole("button", { name: "More to do with those chosen" }).click();
  await page.getByRole("menuitem", { name: what, exact: true }).click();
};

test("all are chosen with the space bar, and a walk through the list counts them no second time", async (t) => {
  const { server, page } = await stage.begin(t);
  await captured(server, 3);
  await go(page, "#/inbox");
  await row(page, 3).click();
  await page.getByRole("article", { name: "Captured request" }).waitFor();
  const counts = [];
  page.on("request", (request) => request.url().includes("/v1/requests/count") && counts.push(request.url()));
  const box = page.getByRole("checkbox", { name: "Choose all that are listed" });
  await box.focus();
  await page.keyboard.press("Space");
  await bar(page).getByText("All 3 chosen").waitFor();
  assert.equal(await box.isChecked(), true);
  assert.equal(counts.length, 1);
  const address = page.url();
  await page.keyboard.press("j");
  await page.waitForFunction((was) => location.href !== was, address);
  await page.getByRole("article", { name: "Captured request" }).getByText("/orders/2").first().waitFor();
  await bar(page).getByText("All 3 chosen").waitFor();
  assert.equal(counts.length, 1);
  assert.deepEqual(page.faults, []);
});

test("no more are deleted than the question named, and none where they cannot be counted", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await captured(server, 3);
  await go(page, "#/inbox");
  await row(page, 3).waitFor();
  await page.getByRole("checkbox", { name: "Choose all that are listed" }).check();
  await bar(page).getByText("All 3 chosen").waitFor();

  const counting = /\/v1\/requests\/count/;
  await page.route(counting, (route) => route.fulfill({ status: 503 }));
  await more(page, "Delete…");
  await page.getByText("Nothing was done: how many match could not be counted").waitFor();
  assert.equal(await page.getByRole("dialog").count(), 0);
  await page.unroute(counting);

  const arrive = async (at) => assert.equal((await send(`${inbox.url}/${at}`, { body: "{}" })).status, 200);
  await arrive(4);
  await more(page, "Delete…");
  const question = page.getByRole("dialog", { name: "Delete 4 requests?" });
  await question.waitFor();
  await arrive(5);
  await question.getByRole("button", { name: "Delete 4 requests" }).click();
  await page.getByText("4 requests were deleted").waitFor();
  assert.deepEqual(pathsOf(await all(server)), ["5"]);
  // The browser notes the failed count too.
  assert.deepEqual(
    page.faults.filter((fault) => !fault.includes("503")),
    [],
  );
});

test("what is under way is said where something else is wanted, and can be stopped", async (t) => {
  const { server, page } = await stage.begin(t);
  await captured(server, 2);
  await go(page, "#/inbox");
  await choose(page, 1, 2);
  await more(page, "Pin");
  await page.getByText("2 requests were marked").waitFor();

  let release = () => {};
  const released = new Promise((resolve) => (release = () => resolve(undefined)));
  await page.route(/\/v1\/requests\/req_/, async (route) => {
    if (route.request().method() === "PATCH") await released;
    await route.continue();
  });
  await bar(page).getByRole("button", { name: "Colour" }).click();
  await page.getByRole("menuitem", { name: /^Green/ }).click();
  const underWay = page.getByRole("group", { name: "Under way" });
  await underWay.waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("Not given back yet: something else is under way.").waitFor();
  assert.equal((await all(server, "&pinned=true")).length, 2);
  await underWay.getByRole("button", { name: "Stop" }).click();
  release();
  await underWay.waitFor({ state: "detached" });
  await bar(page).getByText("2 chosen").waitFor();
  await page.getByRole("button", { name: "Undo" }).first().click();
  await page.getByText("2 requests were given back").waitFor();
  assert.deepEqual(await all(server, "&pinned=true"), []);
  assert.deepEqual(page.faults, []);
});
