/** A delivery's page against the real headless server: its line of attempts, its connection, what holds it. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { go } from "./support/chromium.mjs";
import { failures, reaches, sendTo } from "./support/deliveries.mjs";
import { scene } from "./support/scene.mjs";

const stage = scene({ before, after });

test("what was and what is to come stand on one line, which the keys walk, and in a table", async (t) => {
  const { server, page } = await stage.begin(t);
  const { endpoint } = await failures(server, 0, {
    retry: { delays_ms: [50, 50, 3_600_000, 36_000_000], jitter: 0 },
    ttl_ms: 86_400_000,
  });
  const id = await sendTo(server, endpoint);
  await reaches(server, id, ({ attempt_count }) => attempt_count === 3);
  await go(page, `#/deliveries/${id}`);
  const detail = page.getByRole("article", { name: "Delivery" });
  await detail.getByText(/^Attempt 3 of 5 failed: the server answered 503\. Next: in/).waitFor();
  const attempts = detail.getByRole("list", { name: "Attempts" });
  assert.equal(await attempts.getByRole("listitem").count(), 5);
  await attempts.getByText(/^Attempt 5 is planned in 1\d h$/).waitFor({ state: "attached" });
  await detail.getByText(/^The plan ends in 1\d h, at /).waitFor();
  await detail.getByText(/^Expires in 23 h/).waitFor();
  await detail.locator("svg text", { hasText: /^now$/ }).waitFor();

  // Each stands behind the one before it, none on another.
  const boxes = await Promise.all((await attempts.locator(".marker").all()).map((one) => one.boundingBox()));
  for (const [index, box] of boxes.entries()) {
    assert.ok(index === 0 || box.x >= boxes[index - 1].x + boxes[index - 1].width, `marker ${index + 1}`);
  }

  // One stop of the Tab key, arrows from there.
  await attempts.getByRole("button", { name: /^Attempt 3,/, pressed: true }).focus();
  await page.keyboard.press("ArrowLeft");
  await detail.getByRole("region", { name: "Attempt 2", exact: true }).waitFor();
  await page.keyboard.press("Home");
  await attempts.getByRole("button", { name: /^Attempt 1,/, pressed: true }).waitFor();
  assert.match(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), /^Attempt 1,/);

  await detail.getByText("As a table").click();
  const table = detail.getByRole("table", {
    name: "Attempts, made and planned",
  });
  await table.getByRole("row", { name: /^5 Planned .*\+11 h/ }).waitFor();
  assert.equal(await table.getByRole("row").count(), 6);
  await table.getByRole("button", { name: "Show attempt 2" }).click();
  await attempts.getByRole("button", { name: /^Attempt 2,/, pressed: true }).waitFor();

  await detail.getByRole("button", { name: "Cancel" }).click();
  await detail.getByText("Cancelled after 3 attempts: the server answered 503.").waitFor();
  assert.equal(await attempts.getByRole("listitem").count(), 3);
  await detail.getByText(/^Cancelled (now|\d+ s ago), at /).waitFor();
});

test("a queue that a failure holds says so at both, and goes on when that is skipped", async (t) => {
  const { server, page } = await stage.begin(t);
  const { inbox, endpoint } = await failures(server, 0, {
    ordered: true,
    order_on_failure: "block",
  });
  const holder = await sendTo(server, endpoint);
  await reaches(server, holder, ({ status }) => status === "failed");
  const behind = await sendTo(server, endpoint);
  await server.call("PATCH", `/v1/inboxes/${inbox.id}`, {
    response: { status: 200 },
  });
  await go(page, `#/deliveries/${behind}`);
  const detail = page.getByRole("article", { name: "Delivery" });
  const why = detail.getByRole("list", { name: "Why it waits" });
  await why.getByText("The queue is held by an earlier delivery that failed:").waitFor();
  assert.equal(await detail.getByRole("button", { name: "Retry now" }).isDisabled(), true);
  await detail.getByText("An earlier delivery holds the queue: retry or skip that one first.").waitFor();

  await why.getByRole("link", { name: holder }).click();
  await detail.getByText("Failed after 1 attempt: the server answered 503. Next: none.").waitFor();
  await why.getByText(/^It holds its endpoint’s queue: 1 delivery waits behind it\./).waitFor();
  await detail.getByRole("button", { name: "Skip" }).click();
  await detail.getByText(/Skipped since, so that its endpoint’s queue goes on\.$/).waitFor();
  await why.waitFor({ state: "detached" });
  await reaches(server, behind, ({ status }) => status === "delivered");
});

test("an attempt tells its connection: the first opens one, the next uses it again", async (t) => {
  const { server, page } = await stage.begin(t);
  const { inbox, endpoint } = await failures(server, 0);
  await server.call("PATCH", `/v1/inboxes/${inbox.id}`, {
    response: { status: 200 },
  });
  const first = await sendTo(server, endpoint);
  await reaches(server, first, ({ status }) => status === "delivered");
  const next = await sendTo(server, endpoint);
  await reaches(server, next, ({ status }) => status === "delivered");
  const detail = page.getByRole("article", { name: "Delivery" });
  await go(page, `#/deliveries/${first}`);
  await detail.getByText("New connection · HTTP/1.1 · without TLS").click();
  const { port } = new URL(inbox.url);
  await detail.getByRole("definition").getByText(`127.0.0.1:${port}`, { exact: true }).waitFor();
  await go(page, `#/deliveries/${next}`);
  await detail.getByText("Open already, used again · HTTP/1.1 · without TLS").waitFor();
});

test("a refused connection has its code, and an event whose time is over says that it expired", async (t) => {
  const { server, page } = await stage.begin(t);
  const endpoint = await server.call("POST", "/v1/webhook-endpoints", {
    name: "Nobody",
    url: "http://127.0.0.1:1/",
    provider: "pulsewave",
    retry: { delays_ms: [600_000], jitter: 0 },
    ttl_ms: 1_000,
  });
  const id = await sendTo(server, endpoint);
  await reaches(server, id, ({ status }) => status === "failed");
  await go(page, `#/deliveries/${id}`);
  const detail = page.getByRole("article", { name: "Delivery" });
  await detail.getByText(/^Expired after 1 attempt, its time to live being over; at last nothing/).waitFor();
  await detail
    .getByRole("region", { name: "Attempt 1", exact: true })
    .getByText("refused", { exact: true })
    .waitFor();
});

test("a delivery whose endpoint was deleted says so, and is not offered another attempt", async (t) => {
  const { server, page } = await stage.begin(t);
  const endpoint = await server.call("POST", "/v1/webhook-endpoints", {
    name: "Gone",
    url: "http://127.0.0.1:9/",
    provider: "generic",
    retry: { delays_ms: [] },
  });
  const { deliveries } = await server.call("POST", "/v1/events", {
    type: "a.b",
    provider: "generic",
    endpoint_ids: [endpoint.id],
  });
  const [{ id }] = deliveries;
  while ((await server.call("GET", `/v1/deliveries/${id}`)).status !== "failed") {
    await new Promise((again) => setTimeout(again, 50));
  }
  await server.call("DELETE", `/v1/webhook-endpoints/${endpoint.id}`);
  await go(page, `#/deliveries/${id}`);
  const detail = page.getByRole("article", { name: "Delivery" });
  await detail.getByText("Gone (deleted)").waitFor();
  await detail.getByText("Its endpoint was deleted: edit it, and send it to another one.").waitFor();
  assert.ok(await detail.getByRole("button", { name: "Retry now" }).isDisabled());
  assert.equal(await detail.getByRole("link", { name: "Gone" }).count(), 0);
});

test("a repetition to the letter says at its delivery which secrets it went without", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "In" });
  const endpoint = await server.call("POST", "/v1/webhook-endpoints", {
    name: "Keyed",
    url: inbox.url,
    provider: "generic",
    headers: [
      ["X-Api-Key", "key-of-the-receiver"],
      ["X-Team", "blue"],
    ],
  });
  const event = {
    type: "user.created",
    provider: "generic",
    endpoint_ids: [endpoint.id],
  };
  const [{ id: first }] = (await server.call("POST", "/v1/events", event)).deliveries;
  await reaches(server, first, ({ status }) => status === "delivered");
  await go(page, `#/deliveries/${first}`);
  const detail = page.getByRole("article", { name: "Delivery" });
  await detail.getByText("Delivered at once: the server answered 200.").waitFor();
  const leftOut = detail.getByRole("term").filter({ hasText: "Left out" });
  assert.equal(await leftOut.count(), 0, "it went out with all it had");

  await server.call("PATCH", `/v1/webhook-endpoints/${endpoint.id}`, {
    headers: [["X-Team", "blue"]],
  });
  const replay = { ids: [first], resign: "exact", reason: "again" };
  await server.call("POST", "/v1/replays", replay);
  const newest = async () => (await server.call("GET", "/v1/deliveries")).data[0];
  while ((await newest()).status !== "delivered" || (await newest()).id === first) await delay(20);
  const { id: again } = await newest();
  await go(page, `#/deliveries/${again}`);
  await leftOut.waitFor();
  await detail
    .getByText("X-Api-Key: what stood there was a secret of the endpoint, which was not there any more")
    .waitFor();
  await detail.getByRole("link", { name: first }).waitFor();
});
