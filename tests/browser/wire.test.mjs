/** How a request stood on the wire, and what reached no inbox: broken and hostile ones, over sockets of their own. */

import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { inaccessible } from "./support/axe.mjs";
import { go, settled } from "./support/chromium.mjs";
import { scene } from "./support/scene.mjs";
import { hidden, markup, neverShown, rawCharacters, watch } from "./support/watch.mjs";

const stage = scene({ before, after });
/** Markup and what hides, as they can stand in a line of a head. */
const inLine = markup.replaceAll("\n", " ");
const hiddenInLine = Buffer.from(hidden.replaceAll(/[\u0000-\u001f]/g, "")).toString("latin1");

/** Writes bytes, one piece after the other, waits for what comes back, and goes. */
function speak(url, pieces, { leaves = false } = {}) {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => {
      for (const piece of pieces) socket.write(Buffer.from(piece, "latin1"));
      // Gone in the middle of it: nothing more comes.
      if (leaves) socket.end();
    });
    let came = "";
    socket.on("data", (data) => {
      came += data.toString("latin1");
      if (!leaves) socket.end();
    });
    socket.once("error", reject);
    socket.once("close", () => resolve(came.split("\r\n")[0]));
  });
}

/** The newest captured requests, once there are so many. */
async function captured(server, count) {
  for (;;) {
    const { data } = await server.call("GET", "/v1/requests?limit=500");
    if (data.length >= count) return data;
    await delay(20);
  }
}

async function opened(page, id) {
  await go(page, `#/inbox/${id}`);
  const request = page.getByRole("article", { name: "Captured request" });
  await request.waitFor();
  await settled(page);
  const wire = request.getByRole("button", { name: /^Wire/ });
  if ((await wire.getAttribute("aria-expanded")) === "false") await wire.click();
  await request.getByRole("group", { name: "The head as it came" }).waitFor();
  return request;
}

test("chunks, trailers, line ends and white space are shown as they stood", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders", slug: "in" });
  const first = await speak(inbox.url, [
    "POST /in HTTP/1.1\r\nHost: x\r\nX-Twice:  a \r\nx-twice:\tb\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n",
    "5\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 11\r\n\r\n",
  ]);
  assert.match(first, /^HTTP\/1\.1 200/);
  const [{ id }] = await captured(server, 1);
  const request = await opened(page, id);
  await request.getByText("Body in 2 chunks").waitFor();
  await request.getByText("Request 1 on connection 1").waitFor();
  await request.getByRole("img", { name: "Sizes of the chunks: 5 B, 6 B" }).waitFor();
  const head = request.getByRole("group", { name: "The head as it came" });
  await head.locator(".line", { hasText: /^x-twice:/ }).waitFor();
  assert.deepEqual(
    (await head.locator(".line").allInnerTexts()).slice(0, 2).map((line) => line.trim()),
    ["POST /in HTTP/1.1", "Host: x"],
  );
  await request.getByRole("switch", { name: "Show white space and line ends" }).check();
  // Every line says how it ends: the first, and five headers.
  await head.getByText("CR LF", { exact: true }).nth(5).waitFor();
  await request.getByRole("heading", { name: "Trailers" }).waitFor();
  await request.getByText("X-Sum").last().waitFor();
  await request.getByRole("button", { name: "Copy the head" }).click();
  await page.getByText("The head is on the clipboard").waitFor();
  assert.match(
    await page.evaluate(() => navigator.clipboard.readText()),
    /^POST \/in HTTP\/1\.1\r?\nHost: x/,
  );
  const saving = page.waitForEvent("download");
  await request.getByRole("button", { name: "Download as it came" }).click();
  assert.equal((await saving).suggestedFilename(), `${id}.http`);
  assert.deepEqual(await inaccessible(page), []);
  assert.deepEqual(page.faults, []);
});

test("what broke off is sent again after a word about it", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders", slug: "in" });
  const cut = "POST /in/cut HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc";
  await speak(inbox.url, [cut], { leaves: true });
  const [{ id }] = await captured(server, 1);
  await go(page, `#/inbox/${id}`);
  const request = page.getByRole("article", { name: "Captured request" });
  await request.getByRole("button", { name: "Resend" }).click();
  const dialog = page.getByRole("dialog", { name: "Resend" });
  await dialog.getByText("This request is broken.").waitFor();
  await dialog.getByText("What came of it is sent as if it were whole.").waitFor();
  assert.deepEqual(await inaccessible(page), []);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await dialog.waitFor({ state: "detached" });

  await go(page, "#/inbox");
  const row = page.getByRole("grid", { name: "Captured requests" }).getByRole("row", { name: /\/cut\b/ });
  await row.getByRole("checkbox").check();
  const chosen = page.getByRole("group", { name: "Chosen requests" });
  await chosen.getByRole("button", { name: "Repeat" }).click();
  const repeat = page.getByRole("dialog");
  await repeat.getByRole("textbox", { name: "URL", exact: true }).fill(inbox.url);
  await repeat.getByText("It is broken: what came of it is sent as if it were whole.").waitFor();
  assert.deepEqual(page.faults, []);
});

test("what broke off or is malformed is marked, says why, and shows what came", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders", slug: "in" });
  const head = (more) => `POST /in/${encodeURIComponent("<b>")} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
  const shapes = [
    // Both ways to say how long it is: who reads which way would read another request behind it.
    { pieces: [head("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n"), "0\r\n\r\nG"], status: 400 },
    { pieces: [head("Content-Length: 5\r\nContent-Length: 6\r\n"), "hello"], status: 400 },
    { pieces: [head("Transfer-Encoding: chunked\r\n"), `zz\r\n${inLine}`], status: 400 },
    // Gone before the body was whole.
    { pieces: [head(`Content-Length: 5000\r\nX-Markup: ${inLine}\r\n`), markup], leaves: true },
  ];
  for (const [at, { pieces, status, leaves }] of shapes.entries()) {
    const answer = await speak(inbox.url, pieces, { leaves });
    if (status) assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status}`), `shape ${at}`);
    await captured(server, at + 1);
  }
  const all = await captured(server, shapes.length);
  assert.ok(
    all.every(({ fault }) => fault !== null),
    JSON.stringify(all.map(({ fault }) => fault)),
  );
  await watch(page, server);
  await go(page, "#/inbox");
  const list = page.getByRole("grid", { name: "Captured requests" });
  await list
    .getByText("Broken")
    .nth(shapes.length - 1)
    .waitFor();
  for (const { id, fault } of all) {
    const request = await opened(page, id);
    await request.getByText(fault.message, { exact: false }).first().waitFor();
    await request.getByText("What came is kept; its sender was told").waitFor();
    await request.getByRole("switch", { name: "Show white space and line ends" }).check();
    assert.deepEqual(await page.evaluate(rawCharacters, neverShown.source), [], fault.code);
  }
  assert.deepEqual(await inaccessible(page), []);
  assert.deepEqual(page.alarms, []);
  assert.deepEqual(page.faults, []);
});

test("scripts in every field of a request stay text, on the wire too", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders", slug: "in" });
  const tag = `<img/src=x/onerror=pwned('wire')>`;
  const answers = [
    await speak(inbox.url, [
      `POST /in/${tag}?${tag} HTTP/1.1\r\nHost: ${tag}\r\nX-${"A".repeat(8)}: ${inLine}\r\nX-Hidden: ${hiddenInLine}\r\nContent-Type: ${tag}\r\nTransfer-Encoding: chunked\r\n\r\n`,
      `4;${tag}\r\n<b>x\r\n0\r\nX-Trailer: ${inLine}\r\n\r\n`,
    ]),
    await speak(inbox.url, [
      `${"PWNED"} /in HTTP/1.1\r\nHost: x\r\nCookie: ${inLine}\r\nContent-Length: 0\r\n\r\n`,
    ]),
  ];
  assert.ok(
    answers.every((answer) => /^HTTP\/1\.1 [24]/.test(answer)),
    answers.join(" | "),
  );
  const all = await captured(server, 1);
  await watch(page, server);
  for (const { id } of all) {
    const request = await opened(page, id);
    await request.getByRole("switch", { name: "Show white space and line ends" }).check();
    assert.deepEqual(await page.evaluate(rawCharacters, neverShown.source), []);
  }
  assert.deepEqual(page.alarms, []);
  assert.deepEqual(page.faults, []);
});

test("what reached no inbox is told, shown as text and in hex, and forgotten", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders", slug: "in" });
  const tag = `<svg/onload=pwned('stray')>`;
  await speak(inbox.url, [
    `GET /nowhere/${tag} HTTP/1.1\r\nHost: x\r\nX-Markup: ${inLine}\r\nX-Hidden: ${hiddenInLine}\r\n\r\n`,
  ]);
  await speak(inbox.url, [`${inLine}\u0000\u0007 not http at all\r\n\r\n`]);
  // The beginning of a TLS handshake, spoken to a port that speaks none.
  await speak(inbox.url, ["\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + "\x00".repeat(160)], {
    leaves: true,
  });
  for (;;) {
    const { data } = await server.call("GET", "/v1/strays");
    if (data.length >= 3) break;
    await delay(20);
  }
  await watch(page, server);
  await go(page, "#/inbox");
  await page.getByRole("button", { name: /reached no inbox/ }).click();
  const dialog = page.getByRole("dialog", { name: "Requests that reached no inbox" });
  const list = dialog.getByRole("list", { name: "Requests that reached no inbox" });
  assert.equal(await list.getByRole("listitem").count(), 3);
  assert.deepEqual(await inaccessible(page), []);
  for (let at = 0; at < 3; at++) {
    await list.getByRole("button").nth(at).click();
    await dialog.getByText("Text", { exact: true }).click();
    await dialog.getByLabel("What came").waitFor();
    assert.deepEqual(await page.evaluate(rawCharacters, neverShown.source), [], `stray ${at}`);
    await dialog.getByText("Hex", { exact: true }).click();
    await dialog.getByRole("region", { name: "Bytes in hexadecimal" }).waitFor();
  }
  await dialog.getByText("Text", { exact: true }).click();
  await list.getByRole("button", { name: /nowhere/ }).click();
  await dialog.getByLabel("What came").getByText(tag).waitFor();
  await dialog.getByRole("button", { name: "Forget them" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("button", { name: /reached no inbox/ }).waitFor({ state: "detached" });
  assert.deepEqual((await server.call("GET", "/v1/strays")).data, []);
  assert.deepEqual(page.alarms, []);
  assert.deepEqual(page.faults, []);
});
