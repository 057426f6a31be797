/** Reading a captured request: the views of its body, what is copied of them, how two are compared, its marks. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { go, settled } from "./support/chromium.mjs";
import { scene } from "./support/scene.mjs";
import { send } from "./support/send.mjs";
import { watchTasks } from "./support/tasks.mjs";

const stage = scene({ before, after });
const json = ["Content-Type", "application/json"];
const base64url = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const token = `${base64url({ alg: "RS256", kid: "k1" })}.${base64url({ sub: "user_1", exp: 1_000_000_000 })}.c2ln`;

/** Sends one request to an inbox of its own and answers its id and the inbox. */
async function captured(server, headers, body, inbox) {
  const to = inbox ?? (await server.call("POST", "/v1/inboxes", { name: "Orders" }));
  assert.equal((await send(to.url, { headers, body })).status, 200);
  const [{ id }] = (await server.call("GET", `/v1/requests?limit=1&inbox_id=${to.id}`)).data;
  return { id, inbox: to };
}

async function opened(page, id) {
  await go(page, `#/inbox/${id}`);
  const request = page.getByRole("article", { name: "Captured request" });
  await request.waitFor();
  await settled(page);
  return request;
}

const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());

test("a CloudEvent is read in either mode, and several in a batch", async (t) => {
  const { server, page } = await stage.begin(t);
  const attributes = { specversion: "1.0", id: "A-1", source: "/orders", type: "order.paid" };
  const headers = Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]);
  const binary = await captured(server, [json, ...headers, ["ce-subject", "Gr%C3%BC%C3%9Fe"]], '{"n":1}');
  let request = await opened(page, binary.id);
  const table = request.getByRole("table", { name: "Attributes of the CloudEvent" });
  await table.getByRole("row", { name: /subject\s*Grüße/ }).waitFor();
  await request.getByRole("tree", { name: "JSON" }).waitFor();

  const structured = ["Content-Type", "application/cloudevents+json"];
  const data = { ...attributes, datacontenttype: "text/xml", data: "<order><id>7</id></order>" };
  request = await opened(page, (await captured(server, [structured], JSON.stringify(data), binary.inbox)).id);
  await table.getByRole("row", { name: /^type\s*order\.paid/ }).waitFor();
  await request.getByRole("tree", { name: "XML" }).getByText("<id>7").waitFor();

  const batch = ["Content-Type", "application/cloudevents-batch+json"];
  const events = ["first", "second"].map((id) => ({ ...attributes, id, data: { id } }));
  request = await opened(page, (await captured(server, [batch], JSON.stringify(events), binary.inbox)).id);
  await request.getByText("2 events in one request").waitFor();
  await request.getByRole("button", { name: "Next", exact: true }).click();
  await table.getByRole("row", { name: /^id\s*second/ }).waitFor();
  assert.deepEqual(page.faults, []);
});

test("what is open of a body stays open when its request changes, and the body is loaded once", async (t) => {
  const { server, page } = await stage.begin(t);
  const batch = ["Content-Type", "application/cloudevents-batch+json"];
  const attributes = { specversion: "1.0", source: "/orders", type: "order.paid" };
  const events = ["first", "second"].map((id) => ({ ...attributes, id, data: { id } }));
  const { id } = await captured(server, [batch], JSON.stringify(events));
  const loads = [];
  page.on("request", (call) => {
    if (new URL(call.url()).pathname === `/v1/requests/${id}/body`) loads.push(call.url());
  });
  const request = await opened(page, id);
  await request.getByRole("button", { name: "Next", exact: true }).click();
  const second = request
    .getByRole("table", { name: "Attributes of the CloudEvent" })
    .getByRole("row", { name: /^id\s*second/ });
  await second.waitFor();
  await server.call("PATCH", `/v1/requests/${id}`, { pinned: true });
  await request.getByRole("button", { name: "Pinned" }).waitFor();
  await settled(page);
  assert.equal(await second.count(), 1, "the second event is still the one that is shown");
  assert.equal(loads.length, 1);
  assert.deepEqual(page.faults, []);
});

test("a token is read where it stands, and said to be unchecked", async (t) => {
  const { server, page } = await stage.begin(t);
  const headers = [json, ["Authorization", `Bearer ${token}`]];
  const request = await opened(page, (await captured(server, headers, JSON.stringify({ token }))).id);
  const read = request.getByRole("group", { name: "JSON Web Token" });
  await request
    .getByRole("table", { name: "Headers as they came" })
    .getByRole("button", { name: "Read the token" })
    .click();
  await read.getByText("Nothing of it is checked here.").waitFor();
  await read.getByText("2001-09-09").waitFor();
  await read.getByText("in the past").waitFor();
  await read.getByText("user_1").waitFor();
  await request.getByRole("button", { name: "Hide the token" }).click();
  await read.waitFor({ state: "detached" });
  // In the body it is a value like any other until it is chosen.
  const tree = request.getByRole("tree", { name: "JSON" });
  await tree.getByRole("treeitem", { name: /^token/ }).click();
  await request.getByRole("button", { name: "Read the token" }).last().click();
  await read.getByText("user_1").waitFor();
});

test("JSON is searched by key, value and path, and any of it is copied", async (t) => {
  const { server, page } = await stage.begin(t);
  const body = '{"to":"a","data":{"to":"to","items":[{"id":1},{"id":12345678901234567890}]}}';
  const request = await opened(page, (await captured(server, [json], body)).id);
  const box = request.getByRole("searchbox", { name: "Find in the body" });
  const where = request.getByLabel("Where to find it");
  const place = request.locator(".find [role=status]");
  const finds = async (scope, text, count) => {
    await where.selectOption(scope);
    await box.fill(text);
    await place.getByText(count, { exact: true }).waitFor();
  };
  await finds("all", "to", "1/2");
  await finds("values", "to", "1/1");
  await finds("keys", "to", "1/2");
  await finds("path", "data.to", "1/1");
  await finds("path", "items[].id", "1/2");
  await request.getByRole("button", { name: "Next match" }).click();
  await place.getByText("2/2", { exact: true }).waitFor();
  await request.getByRole("button", { name: "Copy path" }).click();
  assert.equal(await clipboard(page), "$.data.items[1].id");
  await request.getByRole("button", { name: "Copy value" }).click();
  assert.equal(await clipboard(page), "12345678901234567890");
  await request.getByRole("button", { name: "Copy something else of it" }).click();
  await page.getByRole("menuitem", { name: "Path without the $" }).click();
  await page.getByRole("menu").waitFor({ state: "detached" });
  assert.equal(await clipboard(page), "data.items[1].id");
});

test("XML is a tree that folds, with the path of an element and its text", async (t) => {
  const { server, page } = await stage.begin(t);
  const body = `<?xml version="1.0"?><order><item>A</item><item><name>B &amp; C</name></item></order>`;
  const request = await opened(page, (await captured(server, [["Content-Type", "text/xml"]], body)).id);
  const tree = request.getByRole("tree", { name: "XML" });
  await tree.getByRole("treeitem", { name: "<name>B &amp; C" }).click();
  await request.getByRole("button", { name: "Copy path" }).click();
  assert.equal(await clipboard(page), "/order/item[2]/name");
  await request.getByRole("button", { name: "Copy value" }).click();
  assert.equal(await clipboard(page), "<name>B &amp; C</name>");
  await tree.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowLeft");
  await tree.getByRole("treeitem", { name: "<name>B &amp; C" }).waitFor({ state: "detached" });
  await request.getByRole("searchbox", { name: "Find in the body" }).fill("B &");
  await tree.getByRole("treeitem", { name: "<name>B &amp; C" }).waitFor();
  await request.getByRole("tab", { name: "Text", exact: true }).click();
  await request.getByRole("region", { name: "XML, arranged" }).getByText("<name>B &amp; C</name>").waitFor();
});

test("a packed body is read decoded, beside what came", async (t) => {
  const { server, page } = await stage.begin(t);
  const headers = [json, ["Content-Encoding", "gzip"]];
  const packed = gzipSync('{"say":"hello"}');
  const request = await opened(page, (await captured(server, headers, packed)).id);
  await request.getByRole("tree", { name: "JSON" }).getByText("hello").waitFor();
  await request.getByText(`Decoded from gzip: ${packed.length} B became 15 B.`).waitFor();
  await request.getByText("As it came", { exact: true }).click();
  await request.getByRole("tab", { name: "Hex" }).click();
  await request.getByRole("region", { name: "Bytes in hexadecimal" }).getByText("1f 8b 08").waitFor();

  // A little that becomes very much is decoded as far as is looked at.
  const bomb = gzipSync(Buffer.alloc(80 * 1024 * 1024, "a"));
  await opened(page, (await captured(server, [], bomb)).id);
  await request.getByText("which no header says").waitFor();
  await request.getByText("More follows; decoding ends here.").waitFor();
  await request.getByRole("button", { name: "Decode up to 64 MiB" }).click();
  await request.getByText(/became 64 MiB/).waitFor();
  assert.deepEqual(page.faults, []);
});

test("two requests are compared by header and by path, and what is ignored stays so", async (t) => {
  const { server, page } = await stage.begin(t);
  const order = (at, items) => JSON.stringify({ at, to: "a", items });
  const first = await captured(
    server,
    [json, ["X-Old", "1"]],
    order(1, [
      { id: 1, at: 1 },
      { id: 2, at: 1 },
    ]),
  );
  const second = await captured(
    server,
    [["X-New", "2"], json],
    order(2, [
      { id: 3, at: 2 },
      { id: 1, at: 2 },
      { id: 2, at: 1 },
    ]),
    first.inbox,
  );
  await opened(page, second.id);
  await page.keyboard.press("=");
  const comparison = page.getByRole("article", { name: "Comparison" });
  await comparison.getByText("Choose the other request in the list or above").waitFor();
  // A press on a row of the list chooses it, and does not open it.
  await page.getByRole("grid", { name: "Captured requests" }).getByRole("row").last().click();
  const headers = comparison.getByRole("table", { name: "Headers side by side" });
  await headers.getByRole("row", { name: /Added X-New 2/ }).waitFor();
  await headers.getByRole("row", { name: /Removed X-Old 1/ }).waitFor();
  const paths = comparison.getByRole("table", { name: "Differences by path" });
  const rows = async () => (await paths.getByRole("rowheader").allInnerTexts()).map((text) => text.trim());
  await paths.waitFor();
  assert.deepEqual(await rows(), ["at", "items[0]", "items[1].at"]);
  await paths.getByRole("button", { name: "Ignore items[].at" }).click();
  await comparison.getByText("2 differences, 1 ignored.").waitFor();
  assert.deepEqual(await rows(), ["at", "items[0]"]);

  await page.reload();
  await comparison.getByText("2 differences, 1 ignored.").waitFor();
  await comparison.getByRole("button", { name: "Compare items[].at again" }).click();
  await comparison.getByText("3 differences.").waitFor();
  await comparison.getByText("As text", { exact: true }).click();
  await comparison.getByLabel(/Body, this request/).waitFor();
  assert.deepEqual(page.faults, []);
});

test("a request is marked with a colour by key and by menu, and the list shows it", async (t) => {
  const { server, page } = await stage.begin(t);
  const { id } = await captured(server, [json], "{}");
  const request = await opened(page, id);
  const row = page.getByRole("grid", { name: "Captured requests" }).getByRole("row").last();
  await page.keyboard.press("4");
  await row.getByRole("img", { name: "Green" }).waitFor();
  await request.getByRole("button", { name: "Colour: Green" }).click();
  await page.getByRole("menuitem", { name: /^Purple/ }).click();
  await row.getByRole("img", { name: "Purple" }).waitFor();
  assert.equal((await server.call("GET", `/v1/requests/${id}`)).colour, "purple");
  await page.getByRole("menu").waitFor({ state: "detached" });
  await page.keyboard.press("6");
  await row.getByRole("img", { name: "Purple" }).waitFor({ state: "detached" });
  assert.equal((await server.call("GET", `/v1/requests/${id}`)).colour, null);
  assert.deepEqual(page.faults, []);
});

/**
 * How long the page's thread may be busy in one piece, in milliseconds of its own processor time; the goal is 100. What
 * was seen is 65 for JSON and 115 for XML, beside ten other programs: the copy that the engine makes of a text of 32 MiB,
 * and its collecting of what the body before left behind, are in one piece. In one piece throughout it was 400 to 7,000.
 * How long that is on the wall is for the machine to say.
 */
const BRIEF = 200;

test("a JSON of 32 MiB is loaded, folded, searched and arranged without holding the page up", async (t) => {
  const { server, page } = await stage.begin(t);
  const entries = Array.from({ length: 230_000 }, (_, id) => ({
    id,
    name: "é日本 <b>",
    list: [1, 2, { deep: [null, true] }],
    text: "x".repeat(64),
  }));
  const body = JSON.stringify(entries);
  assert.ok(Buffer.byteLength(body) > 31 * 1024 * 1024);
  const request = await opened(page, (await captured(server, [json], body)).id);
  const seen = await watchTasks(page);
  const brief = async (what) => {
    const { longest, count } = await seen();
    t.diagnostic(`${what}: ${Math.round(longest)} ms at most, in ${count} tasks`);
    assert.ok(longest < BRIEF, `${what} took ${longest} ms in one piece`);
    return count;
  };
  await request.getByRole("button", { name: /^Load 3[12]/ }).click();
  const tree = request.getByRole("tree", { name: "JSON" });
  await tree.waitFor();
  assert.ok((await brief("reading it")) >= 30, "it is read piece by piece");
  await tree.focus();
  await page.keyboard.press("*");
  await page.keyboard.press("End");
  await tree.getByText("deep").last().waitFor();
  await brief("unfolding all of it");
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowRight");
  await brief("folding it");
  const box = request.getByRole("searchbox", { name: "Find in the body" });
  const place = request.locator(".find [role=status]");
  await box.fill("229999");
  await place.getByText("1/1", { exact: true }).waitFor();
  await request.getByLabel("Where to find it").selectOption("path");
  await box.fill("list[].deep[1]");
  await place.getByText("1/10,000+", { exact: true }).waitFor();
  await brief("searching it");
  await request.getByRole("tab", { name: "Text", exact: true }).click();
  await request.getByRole("region", { name: "JSON as text" }).waitFor();
  assert.ok((await brief("arranging it")) >= 30, "it is arranged piece by piece");
  await box.fill('"id": 229999');
  await place.getByText("1/1", { exact: true }).waitFor();
  await brief("searching the text");
  assert.ok((await page.locator("*").count()) < 3_000, "only what is seen is drawn");
  assert.deepEqual(page.faults, []);
});

test("one object with a million keys, and XML and text of 32 MiB, do not hold the page up either", async (t) => {
  const { server, page } = await stage.begin(t);
  const keys = `{${Array.from({ length: 1_000_000 }, (_, at) => `"key${at}":${at}`).join(",")},"key5":0}`;
  const item = '<item id="1"><name>Ada</name><tag/></item>\n';
  const xml = `<all>${item.repeat(Math.floor((32 << 20) / item.length) - 1)}</all>`;
  const line = "2026-11-22T00:00:00Z what was said in a line of a log\n";
  const first = await captured(server, [json], keys);
  const second = await captured(server, [["Content-Type", "text/xml"]], xml, first.inbox);
  const third = await captured(
    server,
    [["Content-Type", "text/plain"]],
    line.repeat(Math.floor((32 << 20) / line.length)),
    first.inbox,
  );
  const box = page.getByRole("searchbox", { name: "Find in the body" });
  const place = page.locator(".find [role=status]");
  for (const [{ id }, part, query, found, arranges] of [
    [first, { role: "tree", name: "JSON" }, "key999999", "1/1", true],
    [second, { role: "tree", name: "XML" }, "Ada", "1/10,000+", true],
    [third, { role: "region", name: "Body as it came" }, "line", "1/10,000+", false],
  ]) {
    const request = await opened(page, id);
    const seen = await watchTasks(page);
    await request.getByRole("button", { name: /^Load/ }).click();
    const view = request.getByRole(part.role, { name: part.name });
    // The view that was chosen for the last body is kept for the next.
    await request.getByRole("tab").first().click();
    await view.waitFor({ timeout: 60_000 });
    if (part.name === "JSON") await view.getByText("repeated key").first().waitFor();
    await box.fill(query);
    await place.getByText(found, { exact: true }).waitFor();
    if (arranges) {
      await request.getByRole("tab", { name: "Text", exact: true }).click();
      await request.getByRole("region", { name: /as text|arranged/ }).waitFor();
      await place.getByText(found, { exact: true }).waitFor();
    }
    const { longest } = await seen();
    t.diagnostic(`${part.name}: ${Math.round(longest)} ms at most`);
    assert.ok(longest < BRIEF, `${part.name} took ${longest} ms in one piece`);
  }
  assert.deepEqual(page.faults, []);
});
