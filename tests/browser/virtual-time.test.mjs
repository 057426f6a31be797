/** A demo's time: seen as such, paused, hastened, moved, and followed by everything on the page. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { inaccessible } from "./support/axe.mjs";
import { go } from "./support/chromium.mjs";
import { scene } from "./support/scene.mjs";

const stage = scene({ before, after });
const bar = (page) => page.getByRole("region", { name: "Virtual time" });
const shown = async (page) => Date.parse(await bar(page).locator("time").getAttribute("datetime"));

/** Waits until the bar shows so many milliseconds after a time, within a few seconds of the page's own pace. */
async function reaches(page, from, ms) {
  await page.waitForFunction(
    ([at]) =>
      Date.parse(document.querySelector("[aria-label='Virtual time'] time").getAttribute("datetime")) >= at,
    [from + ms],
  );
}

test("a workspace that is no demo has no such bar", async (t) => {
  const { page } = await stage.begin(t);
  await go(page, "#/overview");
  await page.getByRole("link", { name: "Endpoints" }).waitFor();
  assert.equal(await bar(page).count(), 0);
});

test("time is paused, jumps and goes on, by button, key and palette, and the page follows", async (t) => {
  const { server, page } = await stage.begin(t, { demo: true });
  await go(page, "#/overview");
  await bar(page).getByText("At real speed").waitFor();
  assert.deepEqual(await inaccessible(page, "[aria-label='Virtual time']"), []);

  await bar(page).getByRole("button", { name: "Pause" }).click();
  await bar(page).getByText("Paused").waitFor();
  const start = await shown(page);
  assert.equal((await server.call("GET", "/v1/clock")).paused, true);

  await bar(page).getByRole("button", { name: "1 h", exact: true }).click();
  await reaches(page, start, 3_600_000);
  assert.ok((await shown(page)) - start < 3_700_000, "an hour and no more");

  await page.keyboard.press("w");
  await page.keyboard.press("d");
  await reaches(page, start, 25 * 3_600_000);

  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("time go ×3600");
  await page.keyboard.press("Enter");
  const running = await shown(page);
  await reaches(page, running, 3_600_000);
  const clock = await server.call("GET", "/v1/clock");
  assert.deepEqual([clock.paused, clock.speed], [false, 3600]);

  await page.keyboard.press("w");
  await page.keyboard.press("p");
  await bar(page).getByText("Paused").waitFor();
  assert.equal((await server.call("GET", "/v1/clock")).paused, true);
});

test("a page that is opened far ahead of the machine's time asks for nothing by that", async (t) => {
  const { server, page } = await stage.begin(t, { demo: true });
  await server.call("POST", "/v1/clock", {
    mode: "paused",
    advance_ms: 30 * 86_400_000,
  });
  const address = page.url();
  await page.goto("about:blank");
  // The overview's question; others ask for the newest figures alone.
  const asked = page.waitForResponse((response) => {
    const { pathname, searchParams } = new URL(response.url());
    return pathname === "/v1/stats" && searchParams.has("since");
  });
  await page.goto(address);
  const first = await asked;
  assert.equal(first.status(), 200);
  const { now } = await server.call("GET", "/v1/clock");
  const since = new URL(first.url()).searchParams.get("since");
  assert.ok(Date.parse(now) - Date.parse(since) <= 86_400_000, `${since} is more than a day before ${now}`);
});

test("what was due in hours is attempted by a jump, and its page says so without being loaded anew", async (t) => {
  const { server, page } = await stage.begin(t, { demo: true });
  await server.call("POST", "/v1/clock", { mode: "paused" });
  const inbox = await server.call("POST", "/v1/inboxes", {
    name: "Broken",
    response: { status: 503 },
  });
  const endpoint = await server.call("POST", "/v1/webhook-endpoints", {
    url: inbox.url,
    provider: "pulsewave",
    retry: { delays_ms: [18_000_000, 18_000_000], jitter: 0 },
  });
  const sent = await server.call("POST", "/v1/events", {
    type: "message.sent",
    provider: "pulsewave",
    endpoint_ids: [endpoint.id],
  });
  const [{ id }] = sent.deliveries;
  await go(page, `#/deliveries/${id}`);
  await page
    .getByRole("status")
    .getByText(/in 5 h|in 4 h/)
    .first()
    .waitFor();

  // What the demo's own day left is due earlier.
  const due = Date.parse((await server.call("GET", `/v1/deliveries/${id}`)).next_attempt_at);
  while (Date.parse((await server.call("GET", "/v1/clock")).now) < due) {
    const answered = page.waitForResponse(
      (response) => response.url().endsWith("/v1/clock") && response.request().method() === "POST",
    );
    await bar(page).getByRole("button", { name: "Jump", exact: true }).click();
    assert.equal((await answered).status(), 200);
  }
  await page.waitForFunction(
    async () => document.querySelector("main").textContent.includes("2 attempts"),
    null,
    { polling: 100 },
  );
  const seen = await server.call("GET", `/v1/deliveries/${id}`);
  assert.equal(seen.attempt_count, 2);
  assert.equal(Date.parse(seen.attempts[1].started_at), due);
});

test("what the bar says is due next follows what begins to wait, also while time stands", async (t) => {
  const { server, page } = await stage.begin(t, { demo: true });
  await server.call("POST", "/v1/clock", { mode: "paused" });
  const inbox = await server.call("POST", "/v1/inboxes", {
    name: "Broken",
    response: { status: 503 },
  });
  const endpoint = await server.call("POST", "/v1/webhook-endpoints", {
    url: inbox.url,
    provider: "generic",
    retry: { delays_ms: [20_000], jitter: 0 },
  });
  await go(page, "#/overview");
  await bar(page).getByText("Paused").waitFor();
  await server.call("POST", "/v1/events", {
    type: "test.event",
    provider: "generic",
    endpoint_ids: [endpoint.id],
  });
  // Sooner than anything of the demo's own day.
  await bar(page)
    .getByText(/Next due: in (19|20) s/)
    .waitFor();
  await bar(page).getByRole("button", { name: "Jump", exact: true }).click();
  await bar(page)
    .getByText(/Next due: in (19|20) s/)
    .waitFor({ state: "detached" });
});

test("what a receiver outside refuses in a moved time says that the time was moved", async (t) => {
  const { server, page } = await stage.begin(t, { demo: true });
  const receiver = createServer((_, answer) => answer.writeHead(400).end("too far in the future"));
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  t.after(() => receiver.close());
  await server.call("POST", "/v1/clock", {
    mode: "paused",
    advance_ms: 86_400_000,
  });
  const endpoint = await server.call("POST", "/v1/webhook-endpoints", {
    url: `http://127.0.0.1:${receiver.address().port}/`,
    provider: "stripe",
    retry: { delays_ms: [], jitter: 0 },
  });
  const sent = await server.call("POST", `/v1/webhook-endpoints/${endpoint.id}/test`, {});
  await go(page, `#/deliveries/${sent.deliveries[0].id}`);
  const detail = page.getByRole("article", { name: "Delivery" });
  await detail.getByText(/^Failed after 1 attempt: the server answered 400\./).waitFor();
  await detail.getByText(/^This demo's time is (1 day|23 h 59 min) .*ahead of the machine's/).waitFor();
  assert.deepEqual(await inaccessible(page, "article[aria-label=Delivery]"), []);
});
