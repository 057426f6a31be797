/** A support person's way: what failed, why, retried one by one and all at once, edited and sent. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { inaccessible } from "./support/axe.mjs";
import { go } from "./support/chromium.mjs";
import { scene } from "./support/scene.mjs";
import { pulsewaveEvent, send } from "./support/send.mjs";

const stage = scene({ before, after });

/** The call that reads one delivery, whole. */
const oneDelivery = /\/v1\/deliveries\/dlv_[^/?]+$/;

test("what failed is found, counted, retried and seen to arrive", async (t) => {
  const { server, page } = await stage.begin(t);
  const { inbox } = await failures(server, 7);
  await go(page, "#/deliveries");
  await page.getByRole("combobox", { name: "Status" }).selectOption("Failed");
  await row(page, "Failed").nth(6).waitFor();
  await row(page, "Failed").first().click();
  const detail = page.getByRole("article", { name: "Delivery" });
  await detail
    .getByText("Failed after 1 attempt: the server answered 503. Next: none.")
    .waitFor();
  await detail
    .getByRole("region", { name: "Response" })
    .getByText("out of order")
    .first()
    .waitFor();

  await server.call("PATCH", `/v1/inboxes/${inbox.id}`, {
    response: { status: 200 },
  });
  await page.getByRole("button", { name: "Retry matching" }).click();
  const dialog = page.getByRole("dialog", { name: "Retry 7 deliveries?" });
  await dialog
    .getByRole("list", { name: "Where they go" })
    .getByText("7", { exact: true })
    .waitFor();
  await dialog.getByLabel("Why").fill("The receiver was mended");
  await dialog.getByRole("button", { name: "Retry 7 deliveries" }).click();
  await page.getByText("Replay of 7 deliveries done: 7 delivered").waitFor();

  await page.getByRole("link", { name: "Show them" }).click();
  await row(page, "Delivered").nth(6).waitFor();
  const [replay] = (await server.call("GET", "/v1/replays")).data;
  assert.equal(replay.reason, "The receiver was mended");
  const arrived = (await server.call("GET", "/v1/requests")).data;
  assert.equal(
    arrived.filter(({ response }) => response.status === 200).length,
    7,
  );
  assert.equal(
    new Set(arrived.map((one) => one.provider_event_id)).size,
    7,
    "the event ids stay the same",
  );
});

test("some are chosen by keys and retried, and no others", async (t) => {
  const { server, page } = await stage.begin(t);
  const { inbox } = await failures(server, 4);
  await server.call("PATCH", `/v1/inboxes/${inbox.id}`, {
    response: { status: 200 },
  });
  await go(page, "#/deliveries");
  await row(page, "Failed").nth(3).waitFor();
  for (const key of ["j", "x", "j", "j", "x"]) await page.keyboard.press(key);
  await page.getByText("2 deliveries chosen").waitFor();
  await page.getByRole("button", { name: "Retry 2", exact: true }).click();
  await page.getByRole("button", { name: "Retry 2 deliveries" }).click();
  await page.getByText("Replay of 2 deliveries done: 2 delivered").waitFor();
  assert.equal(
    (await server.call("GET", "/v1/deliveries/count?status=delivered")).count,
    2,
  );
});

test("a text in an answer is found and its place is told; what is not there is said to be nowhere", async (t) => {
  const { server, page } = await stage.begin(t);
  await failures(server, 2);
  const nowhere = await server.call("POST", "/v1/webhook-endpoints", {
    name: "Nowhere",
    url: "http://127.0.0.1:9/",
    provider: "pulsewave",
    retry: { delays_ms: [], jitter: 0 },
  });
  const event = {
    type: "message.delivered",
    provider: "pulsewave",
    endpoint_ids: [nowhere.id],
  };
  await server.call("POST", "/v1/events", event);
  await go(page, "#/deliveries");
  await row(page, "Failed").nth(2).waitFor();

  const find = page.getByRole("searchbox", {
    name: "Search in ids, URLs, event types, errors and bodies",
  });
  await find.fill("out of order");
  await page.getByRole("columnheader", { name: "Found in" }).waitFor();
  await row(page, "Response body").nth(1).waitFor();
  await page
    .getByRole("gridcell", { name: "Nowhere" })
    .waitFor({ state: "detached" });
  assert.equal(await row(page, "Failed").count(), 2);

  await find.fill("Out Of Order");
  await page.getByRole("heading", { name: "No delivery matches" }).waitFor();
  await page.getByText(/looked for as it is/).waitFor();
  await page.getByRole("button", { name: "Clear the filter" }).last().click();
  await row(page, "Failed").nth(2).waitFor();

  await page
    .getByRole("combobox", { name: "Last result" })
    .selectOption("Answered 5xx");
  await page.waitForURL(/response_status=5xx/);
  await page
    .getByRole("gridcell", { name: "Nowhere" })
    .waitFor({ state: "detached" });
  await page
    .getByRole("combobox", { name: "Last result" })
    .selectOption("Any result");
  await page
    .getByRole("combobox", { name: "Status" })
    .selectOption("Failed: expired");
  await page.waitForURL(/ended_because=expired/);
  await page.getByRole("heading", { name: "No delivery matches" }).waitFor();
  await page
    .getByRole("combobox", { name: "Status" })
    .selectOption("Any status");

  // From one that failed to all that failed by the same.
  await page.getByRole("gridcell", { name: "Nowhere" }).click();
  await page
    .getByRole("article", { name: "Delivery" })
    .getByRole("link", { name: "refused", exact: true })
    .click();
  await page.getByRole("button", { name: "Error refused" }).waitFor();
  await row(page, "Failed").nth(1).waitFor({ state: "detached" });
  assert.equal(await row(page, "Failed").count(), 1);
  assert.deepEqual(await inaccessible(page), []);
});

test("one is retried by its key, and again by its button", async (t) => {
  const { server, page } = await stage.begin(t);
  const { inbox } = await failures(server, 1);
  const [{ id }] = (await server.call("GET", "/v1/deliveries")).data;
  await go(page, `#/deliveries/${id}`);
  const detail = page.getByRole("article", { name: "Delivery" });
  await detail.getByText(/^Failed after 1 attempt/).waitFor();
  await page.keyboard.press("r");
  await detail.getByText(/^Failed after 2 attempts/).waitFor();
  await server.call("PATCH", `/v1/inboxes/${inbox.id}`, {
    response: { status: 200 },
  });
  await detail.getByRole("button", { name: "Retry now" }).click();
  await detail
    .getByText("Delivered after 3 attempts: the server answered 200.")
    .waitFor();
  const attempts = detail
    .getByRole("list", { name: "Attempts" })
    .getByRole("button");
  assert.equal(await attempts.count(), 3);
  await page.keyboard.press("[");
  await detail
    .getByRole("region", { name: "Response" })
    .getByText("503")
    .waitFor();
});

test("a key that is quicker than the answer is not lost", async (t) => {
  const { server, page } = await stage.begin(t);
  await failures(server, 1);
  let answer;
  const released = new Promise((resolve) => (answer = resolve));
  await page.route(oneDelivery, async (route) => {
    await released;
    await route.continue();
  });
  await go(page, "#/deliveries");
  await row(page, "Failed").click();
  // What the row knows is shown at once, and what the inbox received is known with the attempts.
  const detail = page.getByRole("article", { name: "Delivery" });
  await detail.getByText(/^Failed after 1 attempt/).waitFor();
  await page.keyboard.press("o");
  assert.equal(
    await page.getByRole("article", { name: "Captured request" }).count(),
    0,
  );
  answer();
  await page
    .getByRole("article", { name: "Captured request" })
    .getByText(/^Sent by Hookbench/)
    .waitFor();
  assert.deepEqual(page.faults, []);
});

test("what got no answer is seen to have been received, once it is", async (t) => {
  const { server, page } = await stage.begin(t);
  const { inbox } = await failures(server, 1);
  const [{ id }] = (await server.call("GET", "/v1/deliveries")).data;
  // As it is for the moment in which the sender has given up and the inbox is still writing.
  const withoutAnswer = async (route) => {
    const response = await route.fetch();
    const delivery = await response.json();
    Object.assign(delivery.attempts[0], {
      response: null,
      captured_request_id: null,
    });
    await route.fulfill({ response, json: delivery });
  };
  await page.route(oneDelivery, withoutAnswer);
  await go(page, `#/deliveries/${id}`);
  const detail = page.getByRole("article", { name: "Delivery" });
  await detail.getByText("Accepted", { exact: true }).waitFor();
  const received = detail.getByRole("button", {
    name: "What the inbox received",
  });
  assert.equal(await received.count(), 0);
  await page.unroute(oneDelivery, withoutAnswer);
  await send(inbox.url, { body: "{}" });
  await received.click();
  await page
    .getByRole("article", { name: "Captured request" })
    .getByText(/^Sent by Hookbench/)
    .waitFor();
});

test("a delivery is edited and sent as a new event", async (t) => {
  const { server, page } = await stage.begin(t);
  const { inbox } = await failures(server, 1);
  await server.call("PATCH", `/v1/inboxes/${inbox.id}`, {
    response: { status: 200 },
  });
  const [{ id }] = (await server.call("GET", "/v1/deliveries")).data;
  await go(page, `#/deliveries/${id}`);
  await page
    .getByRole("article", { name: "Delivery" })
    .getByText(/^Failed after/)
    .waitFor();
  await page.keyboard.press("e");
  const editor = page.getByRole("textbox", {
    name: /^(Whole payload of the event|The body)/,
  });
  await editor.getByText("message.delivered").waitFor();
  await editor.click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(pulsewaveEvent("evt_edited", { by: "hand" }));
  await page.getByRole("button", { name: "Send to 1 endpoint" }).click();
  await page.getByText("Delivered at once: the server answered 200.").waitFor();
  const [newest] = (await server.call("GET", "/v1/requests")).data;
  assert.equal(newest.provider_event_id, "evt_edited");
  assert.equal(newest.verification.status, "valid");
});

test("a captured request is edited and sent on to a URL", async (t) => {
  const { server, page } = await stage.begin(t);
  const from = await server.call("POST", "/v1/inboxes", { name: "From" });
  const to = await server.call("POST", "/v1/inboxes", { name: "To" });
  const headers = [
    ["Content-Type", "application/json"],
    ["X-Kept", "yes"],
  ];
  await send(`${from.url}/deep`, { headers, body: '{"a":1}' });
  const [first] = (await server.call("GET", "/v1/requests")).data;
  await go(page, `#/inbox/${first.id}`);
  await page.getByRole("article", { name: "Captured request" }).waitFor();
  await page.keyboard.press("e");
  const dialog = page.getByRole("dialog", { name: "Edit and send" });
  await dialog.getByRole("radio", { name: "A URL" }).check();
  await dialog.getByLabel("URL", { exact: true }).fill("not a url");
  const editor = dialog.getByRole("textbox", { name: "Body" });
  await editor.getByText('{"a":1}').click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText('{"a":2}');
  const press = () =>
    dialog.getByRole("button", { name: "Send", exact: true }).click();
  await press();
  // What is wrong is said at its field, and nothing typed is lost.
  await dialog
    .getByText("Give a whole address, such as http://127.0.0.1:3000/hooks.")
    .waitFor();
  assert.equal(
    await dialog
      .getByLabel("URL", { exact: true })
      .getAttribute("aria-invalid"),
    "true",
  );
  await editor.getByText('{"a":2}').waitFor();
  await dialog.getByLabel("URL", { exact: true }).fill(to.url);
  await press();
  await page.getByRole("button", { name: "Open the delivery" }).click();
  await page
    .getByRole("article", { name: "Delivery" })
    .getByText("Delivered at once")
    .waitFor();
  const [sent] = (await server.call("GET", `/v1/requests?inbox_id=${to.id}`))
    .data;
  assert.deepEqual(
    sent.headers.find(([name]) => name === "X-Kept"),
    ["X-Kept", "yes"],
  );
  assert.equal(sent.body_size, 7);
});

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
  await detail
    .getByText(/^Attempt 3 of 5 failed: the server answered 503\. Next: in/)
    .waitFor();
  const attempts = detail.getByRole("list", { name: "Attempts" });
  assert.equal(await attempts.getByRole("listitem").count(), 5);
  await attempts
    .getByText(/^Attempt 5 is planned in 1\d h$/)
    .waitFor({ state: "attached" });
  await detail.getByText(/^The plan ends in 1\d h, at /).waitFor();
  await detail.getByText(/^Expires in 23 h/).waitFor();
  await detail.locator("svg text", { hasText: /^now$/ }).waitFor();

  // Each stands behind the one before it, none on another.
  const boxes = await Promise.all(
    (await attempts.locator(".marker").all()).map((one) => one.boundingBox()),
  );
  for (const [index, box] of boxes.entries()) {
    assert.ok(
      index === 0 || box.x >= boxes[index - 1].x + boxes[index - 1].width,
      `marker ${index + 1}`,
    );
  }

  // One stop of the Tab key, arrows from there.
  await attempts
    .getByRole("button", { name: /^Attempt 3,/, pressed: true })
    .focus();
  await page.keyboard.press("ArrowLeft");
  await detail
    .getByRole("region", { name: "Attempt 2", exact: true })
    .waitFor();
  await page.keyboard.press("Home");
  await attempts
    .getByRole("button", { name: /^Attempt 1,/, pressed: true })
    .waitFor();
  assert.match(
    await page.evaluate(() =>
      document.activeElement.getAttribute("aria-label"),
    ),
    /^Attempt 1,/,
  );

  await detail.getByText("As a table").click();
  const table = detail.getByRole("table", {
    name: "Attempts, made and planned",
  });
  await table.getByRole("row", { name: /^5 Planned .*\+11 h/ }).waitFor();
  assert.equal(await table.getByRole("row").count(), 6);
  await table.getByRole("button", { name: "Show attempt 2" }).click();
  await attempts
    .getByRole("button", { name: /^Attempt 2,/, pressed: true })
    .waitFor();

  await detail.getByRole("button", { name: "Cancel" }).click();
  await detail
    .getByText("Cancelled after 3 attempts: the server answered 503.")
    .waitFor();
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
  await why
    .getByText("The queue is held by an earlier delivery that failed:")
    .waitFor();
  assert.equal(
    await detail.getByRole("button", { name: "Retry now" }).isDisabled(),
    true,
  );
  await detail
    .getByText(
      "An earlier delivery holds the queue: retry or skip that one first.",
    )
    .waitFor();

  await why.getByRole("link", { name: holder }).click();
  await detail
    .getByText("Failed after 1 attempt: the server answered 503. Next: none.")
    .waitFor();
  await why
    .getByText(/^It holds its endpoint’s queue: 1 delivery waits behind it\./)
    .waitFor();
  await detail.getByRole("button", { name: "Skip" }).click();
  await detail
    .getByText(/Skipped since, so that its endpoint’s queue goes on\.$/)
    .waitFor();
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
  await detail
    .getByRole("definition")
    .getByText(`127.0.0.1:${port}`, { exact: true })
    .waitFor();
  await go(page, `#/deliveries/${next}`);
  await detail
    .getByText("Open already, used again · HTTP/1.1 · without TLS")
    .waitFor();
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
  await detail
    .getByText(
      /^Expired after 1 attempt, its time to live being over; at last nothing/,
    )
    .waitFor();
  await detail
    .getByRole("region", { name: "Attempt 1", exact: true })
    .getByText("refused", { exact: true })
    .waitFor();
});

const row = (page, name) => page.getByRole("row", { name });

/** Sends an event to an endpoint alone; the id of its delivery. */
async function sendTo(server, { id }) {
  const event = {
    type: "message.delivered",
    provider: "pulsewave",
    endpoint_ids: [id],
  };
  return (await server.call("POST", "/v1/events", event)).deliveries[0].id;
}

/** Waits until a delivery is as wanted. */
async function reaches(server, id, wanted) {
  while (!wanted(await server.call("GET", `/v1/deliveries/${id}`)))
    await delay(20);
}

/** An inbox that refuses, and as many deliveries to it that failed for good; its endpoint has `more` to it. */
async function failures(server, count, more = {}) {
  const secret = "whsec_of_the_orders";
  const inbox = await server.call("POST", "/v1/inboxes", {
    name: "Orders",
    provider: "pulsewave",
    secret,
    response: { status: 503, body: "out of order" },
  });
  const endpoint = await server.call("POST", "/v1/webhook-endpoints", {
    name: "Orders",
    url: inbox.url,
    provider: "pulsewave",
    secret,
    retry: { delays_ms: [], jitter: 0 },
    ...more,
  });
  const event = { type: "message.delivered", provider: "pulsewave" };
  await Promise.all(
    Array.from({ length: count }, () =>
      server.call("POST", "/v1/events", event),
    ),
  );
  // A test may mend the inbox next: by then all of them have to have failed.
  const failed = () => server.call("GET", "/v1/deliveries/count?status=failed");
  while ((await failed()).count < count) await delay(20);
  return { inbox, endpoint };
}

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
  while (
    (await server.call("GET", `/v1/deliveries/${id}`)).status !== "failed"
  ) {
    await new Promise((again) => setTimeout(again, 50));
  }
  await server.call("DELETE", `/v1/webhook-endpoints/${endpoint.id}`);
  await go(page, `#/deliveries/${id}`);
  const detail = page.getByRole("article", { name: "Delivery" });
  await detail.getByText("Gone (deleted)").waitFor();
  await detail
    .getByText("Its endpoint was deleted: edit it, and send it to another one.")
    .waitFor();
  assert.ok(
    await detail.getByRole("button", { name: "Retry now" }).isDisabled(),
  );
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
  const [{ id: first }] = (await server.call("POST", "/v1/events", event))
    .deliveries;
  await reaches(server, first, ({ status }) => status === "delivered");
  await go(page, `#/deliveries/${first}`);
  const detail = page.getByRole("article", { name: "Delivery" });
  await detail
    .getByText("Delivered at once: the server answered 200.")
    .waitFor();
  const leftOut = detail.getByRole("term").filter({ hasText: "Left out" });
  assert.equal(await leftOut.count(), 0, "it went out with all it had");

  await server.call("PATCH", `/v1/webhook-endpoints/${endpoint.id}`, {
    headers: [["X-Team", "blue"]],
  });
  const replay = { ids: [first], resign: "exact", reason: "again" };
  await server.call("POST", "/v1/replays", replay);
  const newest = async () =>
    (await server.call("GET", "/v1/deliveries")).data[0];
  while (
    (await newest()).status !== "delivered" ||
    (await newest()).id === first
  )
    await delay(20);
  const { id: again } = await newest();
  await go(page, `#/deliveries/${again}`);
  await leftOut.waitFor();
  await detail
    .getByText(
      "X-Api-Key: what stood there was a secret of the endpoint, which was not there any more",
    )
    .waitFor();
  await detail.getByRole("link", { name: first }).waitFor();
});

test("the filter keeps room for what is looked for, in two rows where the window is narrow", async (t) => {
  const { page } = await stage.begin(t, { width: 900, height: 700 });
  await go(page, "#/deliveries?status=failed&q=order&provider=pulsewave");
  const bar = page.getByRole("search", { name: "Filter" });
  const find = await bar.getByRole("searchbox").boundingBox();
  assert.ok(find.width >= 300, `the field is ${find.width} px wide`);
  const controls = await bar.locator("button, input, select").all();
  const tops = await Promise.all(
    controls.map(async (one) => (await one.boundingBox()).y),
  );
  const rows = tops
    .sort((a, b) => a - b)
    .filter((top, index) => index === 0 || top - tops[index - 1] > 20);
  assert.equal(rows.length, 2, `controls stand at ${tops}`);
});
