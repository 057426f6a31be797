/** What is captured is hostile: it is shown, all of it, and nothing in it ever comes to life. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { go, settled } from "./support/chromium.mjs";
import { closed } from "./support/keyboard.mjs";
import { scene } from "./support/scene.mjs";
import { send, sendRaw } from "./support/send.mjs";
import { hidden, markup, neverShown, rawCharacters, watch } from "./support/watch.mjs";

const stage = scene({ before, after });
const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="pwned('svg')"><script>pwned('s')</script>${hidden.replaceAll(/[\u0000-\u001f]/g, "")}<image href="http://127.0.0.1:9/x.png"/></svg>`;
const part = `--b\r\nContent-Disposition: form-data; name="${"<img src=x onerror=pwned('name')>"}"; filename="\u202egnp.html"\r\nContent-Type: text/html\r\n\r\n${markup}\r\n--b--\r\n`;

/** Bodies by the type they claim to be; what they are is another matter. */
const bodies = [
  ["text/html", markup],
  [
    "application/json",
    JSON.stringify({
      [markup]: markup,
      [hidden]: hidden,
      __proto__: { a: 1 },
      type: markup,
    }),
  ],
  ["image/svg+xml", svg],
  ["image/png", svg],
  ["application/xml", `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>${svg}`],
  ["application/x-www-form-urlencoded", `a=${encodeURIComponent(markup)}&${encodeURIComponent(hidden)}=1`],
  ["multipart/form-data; boundary=b", part],
  ["text/plain; charset=utf-16", markup + hidden],
  [markup.replaceAll("\n", " "), hidden],
];

test("the watch itself sees what comes to life", async (t) => {
  const { server, page } = await stage.begin(t);
  await watch(page, server);
  await settled(page);
  // The policy forbids the markup's styles and its handlers, each on its own.
  await page.evaluate(
    (text) =>
      new Promise((done) => {
        const stopped = new Set();
        addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
          stopped.add(effectiveDirective);
          if (stopped.has("script-src-attr") && stopped.has("style-src-elem")) done();
        });
        document.body.innerHTML = text;
      }),
    markup,
  );
  assert.match(page.alarms.join("\n"), /the policy stepped in: script-src-attr inline/);
  assert.match(page.alarms.join("\n"), /the policy stepped in: style-src/);
});

test("captured bodies and headers are text, whatever they are", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", {
    name: `<img src=x onerror="pwned('name')">`,
    provider: "pulsewave",
    secret: "whsec_a",
    slug: "in",
  });
  for (const [type, body] of bodies) {
    const headers = [
      ["Content-Type", type],
      ["X-Markup", markup.replaceAll("\n", " ")],
      ["X-Hidden", Buffer.from("a\u202egnp.exe").toString("latin1")],
      ["Pulsewave-Signature", "<script>pwned('signature')</script>"],
    ];
    const address = `${inbox.url}/${encodeURIComponent(hidden.replaceAll("\u0000", ""))}?q=${encodeURIComponent(markup)}`;
    assert.equal((await send(address, { headers, body })).status, 200, type);
  }
  // A client that does not escape what an address should not hold.
  const raw = `GET /in/<img/src=x/onerror=pwned('path')>?<svg/onload=pwned('query')> HTTP/1.1\r\nHost: x\r\n\r\n`;
  assert.match(await sendRaw(inbox.url, raw), /^HTTP\/1\.1 (200|400)/);

  await watch(page, server);
  await go(page, "#/inbox");
  const all = (await server.call("GET", "/v1/requests")).data;
  for (const { id } of all) {
    await go(page, `#/inbox/${id}`);
    await page.getByRole("article", { name: "Captured request" }).waitFor();
    await everyView(page.getByRole("article", { name: "Captured request" }));
    assert.deepEqual(await page.evaluate(rawCharacters, neverShown.source), [], `${id} shows marks for them`);
  }
  await page.getByRole("table", { name: "Headers as they came" }).getByText("RLO").first().waitFor();
  // The same in a comparison, a filter, the palette and the dialog that sends it on.
  await go(page, `#/inbox/${all[1].id}?compare=${all[2].id}`);
  await go(page, `#/inbox?q=${encodeURIComponent(markup.slice(0, 80))}`);
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").getByRole("combobox").fill(markup.slice(0, 40));
  await page.keyboard.press("Escape");
  await closed(page);
  await go(page, `#/inbox/${all[3].id}`);
  await page.getByRole("article", { name: "Captured request" }).waitFor();
  await page.keyboard.press("e");
  await page.getByRole("dialog", { name: "Edit and send" }).waitFor();
  await page.keyboard.press("Escape");
  await closed(page);
  await calm(page);
});

test("what a receiver answers is text, whatever it is", async (t) => {
  const { server, page } = await stage.begin(t);
  const receiver = createServer((_, answer) => {
    answer.writeHead(
      500,
      [
        ["Content-Type", "text/html"],
        ["X-Markup", markup.replaceAll("\n", " ")],
        ["Refresh", "0; url=javascript:pwned('refresh')"],
        ["Set-Cookie", "hookbench=stolen"],
      ].flat(),
    );
    answer.end(markup + hidden);
  });
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  t.after(() => receiver.close());
  await server.call("POST", "/v1/webhook-endpoints", {
    name: `<img src=x onerror="pwned('name')">`,
    url: `http://127.0.0.1:${receiver.address().port}/<img/src=x/onerror=pwned('url')>`,
    provider: "generic",
    retry: { delays_ms: [], jitter: 0 },
  });
  await server.call("POST", "/v1/events", {
    type: "<img/src=x/onerror=pwned('type')>",
    provider: "generic",
    data: { [markup]: markup },
  });
  await watch(page, server);
  const [{ id }] = (await server.call("GET", "/v1/deliveries")).data;
  await go(page, `#/deliveries/${id}`);
  const detail = page.getByRole("article", { name: "Delivery" });
  await detail.getByText(/^Failed after 1 attempt/).waitFor();
  for (const side of ["Request", "Response"]) await everyView(detail.getByRole("region", { name: side }));
  for (const screen of ["overview", "endpoints", "deliveries", "compose"]) await go(page, `#/${screen}`);
  await calm(page);
});

test("five mebibytes of JSON are read when asked for, and scroll", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders" });
  const entry = {
    id: 1,
    name: "é日本 <b>",
    list: [1, 2, { deep: [null, true] }],
    text: "x".repeat(80),
  };
  const entries = Array.from({ length: 36_000 }, (_, id) => ({ ...entry, id }));
  const body = JSON.stringify(entries);
  assert.ok(body.length > 5 * 1024 * 1024);
  await send(inbox.url, {
    headers: [["Content-Type", "application/json"]],
    body,
  });
  await watch(page, server);
  const [{ id }] = (await server.call("GET", "/v1/requests")).data;
  await go(page, `#/inbox/${id}`);
  const request = page.getByRole("article", { name: "Captured request" });
  await request.getByRole("button", { name: /^Load 5/ }).click();
  await request.getByRole("tree").waitFor();
  await request.getByRole("tab", { name: "Raw" }).click();
  await request.getByRole("searchbox", { name: "Find in the body" }).fill('"id":35999');
  await request.getByText("1/1", { exact: true }).waitFor();
  await request.getByText('"id":35999').first().waitFor();
  await everyView(request);
  assert.ok((await page.locator("*").count()) < 3_000, "only what is seen is drawn");
  await calm(page);
});

test("a hundred thousand levels of JSON are a tree like any other", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", {
    name: "Orders",
    provider: "pulsewave",
    secret: "whsec_a",
  });
  const levels = 100_000;
  for (const body of [
    "[".repeat(levels) + "]".repeat(levels),
    '{"a":'.repeat(levels) + "1" + "}".repeat(levels),
  ]) {
    assert.equal(
      (
        await send(inbox.url, {
          headers: [["Content-Type", "application/json"]],
          body,
        })
      ).status,
      200,
    );
  }
  await watch(page, server);
  for (const { id } of (await server.call("GET", "/v1/requests")).data) {
    await go(page, `#/inbox/${id}`);
    const request = page.getByRole("article", { name: "Captured request" });
    // The view that was chosen last is still the chosen one.
    await request.getByRole("tab", { name: "Tree" }).click();
    await request.getByRole("tree").focus();
    await page.keyboard.press("*");
    await page.keyboard.press("End");
    await everyView(request);
    assert.ok((await page.locator("*").count()) < 3_000, "only what is seen is drawn");
  }
  await calm(page);
});

/** Opens one view of the body after another. */
async function everyView(place) {
  const page = place.page();
  await settled(page);
  for (const tab of await place.getByRole("tab").all()) {
    await tab.click();
    await settled(page);
    await place.getByText(/^(Reading|Arranging)…/).waitFor({ state: "detached" });
  }
}

/** Nothing has come to life, and the page is. */
async function calm(page) {
  await go(page, "#/settings");
  await page.getByRole("heading", { name: "Settings", exact: true }).waitFor();
  assert.deepEqual(page.alarms, []);
  assert.deepEqual(page.faults, []);
}
