/** Rules of what an inbox answers: made, seen to answer, counted, and how the sender tried again. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { go } from "./support/chromium.mjs";
import { ready } from "./support/keyboard.mjs";
import { scene } from "./support/scene.mjs";
import { send } from "./support/send.mjs";

const stage = scene({ before, after });
const headers = [["Content-Type", "application/json"]];
const body = '{"id":"evt_1"}';

test("a rule that is made answers, counts, starts again, and its sender's retries are drawn", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders" });
  await go(page, `#/inbox?inbox=${inbox.id}`);
  await page.getByRole("button", { name: "Answers", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: /^Answers of/ });
  await ready(dialog);
  await dialog.getByText("There is no rule: every request gets 200.").waitFor();
  await dialog.getByLabel("Add a rule").selectOption({ label: "Fail 3 times, then succeed" });
  await dialog.getByText("The first 3 requests get 503.").waitFor();
  await dialog.getByLabel("Path").fill("/hooks/*");
  await dialog.getByLabel("To number").fill("2");
  await dialog.getByText("The first 2 requests to /hooks/* get 503.").waitFor();
  await dialog.getByRole("button", { name: "Save the rules" }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Answers (1)" }).waitFor();

  const statuses = [];
  for (let count = 0; count < 3; count++)
    statuses.push((await send(`${inbox.url}/hooks/a`, { headers, body })).status);
  assert.deepEqual(statuses, [503, 503, 200]);

  await page
    .getByRole("row", { name: /\/hooks\/a/ })
    .nth(2)
    .waitFor();
  await page
    .getByRole("row", { name: /\/hooks\/a/ })
    .nth(1)
    .click();
  const request = page.getByRole("article", { name: "Captured request" });
  const retries = request.getByRole("region", { name: "Retries" });
  await retries.getByText(/^It came 3 times in /).waitFor();
  const rows = retries.getByRole("table", { name: "When it came, and what was answered" }).getByRole("row");
  await rows.nth(3).waitFor();
  assert.match(await rows.nth(1).innerText(), /503 by “Fails 3 times”/);
  assert.match(await rows.nth(3).innerText(), /200/);
  assert.match(await rows.nth(3).innerText(), /The 3rd came .* after the 2nd/);

  await page.getByRole("button", { name: "Answers (1)" }).click();
  await dialog.getByText("3 matched, 2 answered").waitFor();
  await dialog.getByRole("button", { name: "Try them on the newest request" }).click();
  await dialog.getByText("would be taken by no rule, and get the usual answer: 200.").waitFor();
  await dialog.getByRole("button", { name: "Start again" }).click();
  await dialog.getByText("0 matched, 0 answered").waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await dialog.waitFor({ state: "hidden" });
  assert.equal((await send(`${inbox.url}/hooks/a`, { headers, body })).status, 503);
  assert.deepEqual(page.faults, []);
});

test("the retries of one request are never shown as those of the next", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders" });
  const other = '{"id":"evt_2"}';
  for (const sent of [other, body, body])
    assert.equal((await send(`${inbox.url}/hooks`, { headers, body: sent })).status, 200);
  const [newest, , oldest] = (await server.call("GET", "/v1/requests")).data;
  await page.route(new RegExp(`${oldest.id}/retries`), (route) => route.fulfill({ status: 503 }));
  await go(page, `#/inbox/${newest.id}`);
  const retries = page.getByRole("region", { name: "Retries" });
  await retries.getByText(/^It came 2 times in /).waitFor();
  await go(page, `#/inbox/${oldest.id}`);
  await retries.getByText(/^How its sender tried again could not be read\./).waitFor();
  assert.equal(await retries.getByText(/^It came/).count(), 0);
});

test("a rule is made from a request, and what is wrong with a template is told at its field", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders" });
  await send(`${inbox.url}/like/this`, { headers, body });
  await go(page, `#/inbox?inbox=${inbox.id}`);
  await page.getByRole("row", { name: /\/like\/this/ }).click();
  const request = page.getByRole("article", { name: "Captured request" });
  await request.getByRole("button", { name: "More to do with this request" }).click();
  await page.getByRole("menuitem", { name: "Answer requests like this…" }).click();
  const dialog = page.getByRole("dialog", { name: /^Answers of/ });
  await ready(dialog);
  await dialog.getByText("The first 3 POST requests to /like/this get 503.").waitFor();
  await dialog.getByText("Body and headers are templates").click();
  await dialog.getByLabel("Body of the answer").fill("{{ request.json.id | nothing }}");
  await dialog.getByRole("button", { name: "Save the rules" }).click();
  await dialog.getByText(/^There is no filter `nothing` \(line 1, column 22\)/).waitFor();
  await dialog.getByLabel("Body of the answer").fill("again: {{ request.json.id }}");
  await dialog.getByRole("button", { name: "Save the rules" }).click();
  await dialog.waitFor({ state: "hidden" });
  const answer = await fetch(`${inbox.url}/like/this`, {
    method: "POST",
    headers: Object.fromEntries(headers),
    body,
  });
  assert.deepEqual([answer.status, await answer.text()], [503, "again: evt_1"]);
  // The browser notes the refusal too.
  assert.deepEqual(
    page.faults.filter((fault) => !fault.includes("422")),
    [],
  );
});
