/** A developer's way: an inbox, what arrives in it, and why a signature is wrong. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { go } from "./support/chromium.mjs";
import { closed, holds, pick, ready } from "./support/keyboard.mjs";
import { scene } from "./support/scene.mjs";
import { pulsewave, pulsewaveEvent, send } from "./support/send.mjs";

const stage = scene({ before, after });
const secret = "whsec_of_the_orders";
const json = ["Content-Type", "application/json"];

test("a new inbox captures what a sender signs, live, and says why a changed body is not valid", async (t) => {
  const { server, page } = await stage.begin(t);
  await go(page, "#/inbox");
  await page.getByRole("button", { name: "Create an inbox" }).click();
  await ready(page.getByRole("dialog"));
  await page.keyboard.type("Orders");
  await pick(page.getByLabel("Provider", { exact: true }), "Pulsewave");
  await page.getByRole("textbox", { name: "Secret" }).fill(secret);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Nothing has arrived yet" }).waitFor();

  const url = `${server.capture}/orders`;
  await page.getByTitle("Copy the inbox’s address").first().click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), url);

  // A number that no double holds, to see that it is shown as it was sent.
  const body = pulsewaveEvent("evt_1", { total: 0 }).replace(":0}", ":12345678901234567890}");
  const headers = [json, pulsewave(secret, body), ["X-Part", "one"], ["x-part", "two"]];
  assert.equal((await send(`${url}/a/b?x=1&x=2`, { headers, body })).status, 200);
  const row = page.getByRole("row", { name: /\/a\/b\?x=1&x=2/ });
  await row.getByText("Valid").waitFor();
  await row.click();
  const request = page.getByRole("article", { name: "Captured request" });
  await request.getByText("The signature is valid").waitFor();
  await request.getByText("12345678901234567890").waitFor();
  const shown = await request
    .getByRole("table", { name: "Headers as they came" })
    .locator("tr")
    .allInnerTexts();
  assert.deepEqual(
    shown.filter((line) => /^x-part/i.test(line)).map((line) => line.replaceAll(/\s+/g, " ").trim()),
    ["X-Part repeated one", "x-part repeated two"],
  );

  const signature = pulsewave(secret, body);
  await send(url, { headers: [json, signature], body: body.replace("delivered", "bounced") });
  const second = page.getByRole("row", { name: /Invalid/ });
  await second.click();
  await request.getByText("The signature is not valid").waitFor();
  // What was tried, once it has been.
  await request.getByRole("group", { name: "Cause" }).waitFor();
  const reasons = await request.getByRole("region", { name: "Verification" }).innerText();
  assert.match(reasons, /secret/i);
  assert.match(reasons, /body/i);
  assert.deepEqual(page.faults, []);
});

test("the same secret proves what is wrong when checked again", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", {
    name: "Orders",
    provider: "pulsewave",
    secret: "whsec_an_old_one",
  });
  const body = pulsewaveEvent("evt_1");
  await send(inbox.url, { headers: [json, pulsewave(secret, body)], body });
  await go(page, "#/inbox");
  await page.getByRole("row", { name: /Invalid/ }).click();
  await page.getByRole("article", { name: "Captured request" }).waitFor();
  await page.keyboard.press("v");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Secret").fill(secret);
  await dialog.getByRole("button", { name: "Check", exact: true }).click();
  await dialog.getByText("The signature is valid").waitFor();
});

test("copied as cURL it arrives again to the byte when a shell runs it", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders" });
  // All that a shell would act on, and a body that a command line can only carry as base64.
  const text = `{"say":"it's $HOME \`id\` \\\\n \\"q\\" !1 ${"é日本"}"}\n@/etc/passwd`;
  const wire = [
    { path: "/a%20b?x=1&y=[2]{3}", headers: [json, ["X-Quote", `it's $(id) "x"`]], body: text },
    { path: "/bytes", headers: [], body: Buffer.from([0, 1, 2, 255, 254, 13, 10, 0]) },
    { path: "/none", method: "DELETE", headers: [["X-Empty", ""]], body: "" },
  ];
  for (const { path, ...rest } of wire) await send(inbox.url + path, rest);
  const firsts = (await server.call("GET", "/v1/requests")).data.reverse();
  for (const [index, first] of firsts.entries()) {
    await go(page, `#/inbox/${first.id}`);
    await page.getByRole("article", { name: "Captured request" }).waitFor();
    if (index === 0) await page.getByRole("button", { name: "Copy as cURL" }).click();
    else await page.keyboard.press("c");
    await page.getByText("The cURL command is on the clipboard").nth(index).waitFor();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(await shell(command), 0, command);
    const [again] = (await server.call("GET", "/v1/requests?limit=1")).data;
    assert.notEqual(again.id, first.id);
    assert.deepEqual(told(again), told(first));
    assert.deepEqual(await bodyOf(server, again.id), Buffer.from(wire[index].body));
  }
});

test("what a cell cuts off is read by pointing at it", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders", provider: "generic" });
  const types = ["order.paid", `order.${"very_".repeat(30)}long`];
  for (const type of types) await send(inbox.url, { headers: [json], body: JSON.stringify({ type }) });
  await go(page, "#/inbox");
  for (const [type, title] of [
    [types[0], null],
    [types[1], types[1]],
  ]) {
    const cell = page.getByRole("gridcell", { name: type, exact: true });
    await cell.hover();
    assert.equal((await cell.getAttribute("title")) || null, title);
  }
});

test("how long an inbox waits and keeps is written as people write times, and read back", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders" });
  await go(page, `#/inbox?inbox=${inbox.id}`);
  const edit = page.getByRole("button", { name: "Edit", exact: true });
  await edit.click();
  const dialog = page.getByRole("dialog", { name: /^Edit the inbox/ });
  await ready(dialog);
  const field = (name) => dialog.getByRole("textbox", { name, exact: true });
  // A bare number is seconds, and the field says so once it is left.
  await field("Wait before the answer").fill("500");
  await field("For at most").fill("36h");
  await field("Most requests").focus();
  await holds(field("Wait before the answer"), "8 min 20 s");
  await holds(field("For at most"), "1 d 12 h");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByText("It may wait at most 2 min.").waitFor();
  await field("Wait before the answer").fill("1500ms");
  await page.keyboard.press("Enter");
  await closed(page);
  const saved = await server.call("GET", `/v1/inboxes/${inbox.id}`);
  assert.deepEqual([saved.response.delay_ms, saved.retention.max_age_ms], [1_500, 129_600_000]);
  await page.getByText("answers 200 after 1.5 s").waitFor();
  await edit.click();
  await ready(dialog);
  await holds(field("Wait before the answer"), "1.5 s");
  await field("Wait before the answer").fill("");
  await field("For at most").fill("");
  await page.keyboard.press("Enter");
  await closed(page);
  const taken = await server.call("GET", `/v1/inboxes/${inbox.id}`);
  assert.deepEqual([taken.response.delay_ms, taken.retention.max_age_ms], [0, null]);
});

test("an inbox is deleted with all it captured only after saying how much that is", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders" });
  for (let count = 0; count < 3; count++) await send(inbox.url);
  await go(page, "#/inbox");
  const remove = async () => {
    await page.getByRole("button", { name: "More to do with this inbox" }).click();
    await page.getByRole("menuitem", { name: "Delete the inbox…" }).click();
    return page.getByRole("dialog", { name: "Delete “Orders” and 3 captured requests?" });
  };
  await (await remove()).getByRole("button", { name: "Keep as it is" }).click();
  assert.equal((await server.call("GET", "/v1/inboxes")).data.length, 1);
  await (await remove()).getByRole("button", { name: "Delete the inbox" }).click();
  await page.getByText("There is no inbox yet").waitFor();
  assert.equal((await server.call("GET", "/v1/requests")).data.length, 0);
  assert.equal((await send(inbox.url)).status, 404);
});

/** Runs a command as a person would who pasted it, and answers its exit code. */
function shell(command) {
  return new Promise((resolve, reject) => {
    const child = spawn("/bin/sh", ["-c", command], { stdio: "ignore", cwd: "/" });
    child.once("error", reject);
    child.once("exit", resolve);
  });
}

/** What a request says, without what belongs to a connection or to the program that sends. */
function told({ method, path, query, headers }) {
  const own = ["host", "connection", "content-length", "user-agent", "accept"];
  return { method, path, query, headers: headers.filter(([name]) => !own.includes(name.toLowerCase())) };
}

async function bodyOf(server, id) {
  const answer = await fetch(`${server.api}/v1/requests/${id}/body`, {
    headers: { authorization: `Bearer ${server.token}` },
  });
  return Buffer.from(await answer.arrayBuffer());
}
