/** A support person's way: what failed, why, retried one by one and all at once, edited and sent. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inaccessible } from "./support/axe.mjs";
import { go } from "./support/chromium.mjs";
import { failures } from "./support/deliveries.mjs";
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
  await detail.getByText("Failed after 1 attempt: the server answered 503. Next: none.").waitFor();
  await detail.getByRole("region", { name: "Response" }).getByText("out of order").first().waitFor();

  await server.call("PATCH", `/v1/inboxes/${inbox.id}`, {
    response: { status: 200 },
  });
  await page.getByRole("button", { name: "Retry matching" }).click();
  const dialog = page.getByRole("dialog", { name: "Retry 7 deliveries?" });
  await dialog.getByRole("list", { name: "Where they go" }).getByText("7", { exact: true }).waitFor();
  await dialog.getByLabel("Why").fill("The receiver was mended");
  await dialog.getByRole("button", { name: "Retry 7 deliveries" }).click();
  await page.getByText("Replay of 7 deliveries done: 7 delivered").waitFor();

  await page.getByRole("link", { name: "Show them" }).click();
  await row(page, "Delivered").nth(6).waitFor();
  const [replay] = (await server.call("GET", "/v1/replays")).data;
  assert.equal(replay.reason, "The receiver was mended");
  const arrived = (await server.call("GET", "/v1/requests")).data;
  assert.equal(arrived.filter(({ response }) => response.status === 200).length, 7);
  assert.equal(new Set(arrived.map((one) => one.provider_event_id)).size, 7, "the event ids stay the same");
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
  assert.equal((await server.call("GET", "/v1/deliveries/count?status=delivered")).count, 2);
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
  await page.getByRole("gridcell", { name: "Nowhere" }).waitFor({ state: "detached" });
  assert.equal(await row(page, "Failed").count(), 2);

  await find.fill("Out Of Order");
  await page.getByRole("heading", { name: "No delivery matches" }).waitFor();
  await page.getByText(/looked for as it is/).waitFor();
  await page.getByRole("button", { name: "Clear the filter" }).last().click();
  await row(page, "Failed").nth(2).waitFor();

  await page.getByRole("combobox", { name: "Result", exact: true }).selectOption("Answered 5xx");
  await page.waitForURL(/response_status=5xx/);
  await page.getByRole("gridcell", { name: "Nowhere" }).waitFor({ state: "detached" });
  await page.getByRole("combobox", { name: "Of which attempt" }).selectOption("Any attempt");
  await page.waitForURL(/attempts=any/);
  await page.getByRole("combobox", { name: "Result", exact: true }).selectOption("Any result");
  await page.getByRole("combobox", { name: "Status" }).selectOption("Failed: expired");
  await page.waitForURL(/ended_because=expired/);
  await page.getByRole("heading", { name: "No delivery matches" }).waitFor();
  await page.getByRole("combobox", { name: "Status" }).selectOption("Any status");

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

test("the filter keeps to two rows, whatever is chosen and however narrow the page is", async (t) => {
  const { server, page } = await stage.begin(t);
  const { endpoint } = await failures(server, 1);
  const [{ event_id: event }] = (await server.call("GET", "/v1/deliveries")).data;
  const chosen = `outcome=connection_reset&attempts=any&within=15m&status=failed&endpoint_id=${endpoint.id}`;
  const asked = ["", "?response_status=5xx", `?${chosen}`, `?${chosen}&event_id=${event}`];
  for (const width of [900, 1001, 1261, 1280]) {
    await page.setViewportSize({ width, height: 600 });
    for (const query of asked) {
      await go(page, `#/deliveries${query}`);
      const { tops, overflows } = await page.getByRole("search", { name: "Filter" }).evaluate((bar) => ({
        tops: [...bar.querySelectorAll("input, select, button")]
          .map((control) => control.getBoundingClientRect().top)
          .sort((one, other) => one - other),
        overflows: bar.scrollWidth > bar.clientWidth,
      }));
      const rows = tops.filter((top, at) => at === 0 || top - tops[at - 1] > 8).length;
      const most = width === 1280 && query === "" ? 1 : 2;
      assert.ok(rows <= most && !overflows, `${rows} rows at ${width} px with “${query}”`);
    }
  }
});

test("what is typed or gone to last is let be once the screen is left", async (t) => {
  const { server, page } = await stage.begin(t);
  await failures(server, 2);
  const [newest] = (await server.call("GET", "/v1/deliveries")).data;
  // Longer than typing and keys rest, by the page's own timers: what was begun before has been done by then.
  const rested = () => page.evaluate(() => new Promise((done) => setTimeout(done, 400)));
  await go(page, "#/deliveries");
  await page
    .getByRole("searchbox", { name: "Search in ids, URLs, event types, errors and bodies" })
    .fill("a");
  await go(page, "#/inbox");
  await rested();
  assert.equal(new URL(page.url()).hash, "#/inbox");
  await go(page, `#/deliveries/${newest.id}`);
  await page.getByRole("article", { name: "Delivery" }).waitFor();
  await page.keyboard.press("j");
  await go(page, "#/endpoints");
  await rested();
  assert.equal(new URL(page.url()).hash, "#/endpoints");
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
  await detail.getByText("Delivered after 3 attempts: the server answered 200.").waitFor();
  const attempts = detail.getByRole("list", { name: "Attempts" }).getByRole("button");
  assert.equal(await attempts.count(), 3);
  await page.keyboard.press("[");
  await detail.getByRole("region", { name: "Response" }).getByText("503").waitFor();
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
  assert.equal(await page.getByRole("article", { name: "Captured request" }).count(), 0);
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
  const press = () => dialog.getByRole("button", { name: "Send", exact: true }).click();
  await press();
  // What is wrong is said at its field, and nothing typed is lost.
  await dialog.getByText("Give a whole address, such as http://127.0.0.1:3000/hooks.").waitFor();
  assert.equal(await dialog.getByLabel("URL", { exact: true }).getAttribute("aria-invalid"), "true");
  await editor.getByText('{"a":2}').waitFor();
  await dialog.getByLabel("URL", { exact: true }).fill(to.url);
  await press();
  await page.getByRole("button", { name: "Open the delivery" }).click();
  await page.getByRole("article", { name: "Delivery" }).getByText("Delivered at once").waitFor();
  const [sent] = (await server.call("GET", `/v1/requests?inbox_id=${to.id}`)).data;
  assert.deepEqual(
    sent.headers.find(([name]) => name === "X-Kept"),
    ["X-Kept", "yes"],
  );
  assert.equal(sent.body_size, 7);
});

test("the filter keeps room for what is looked for, in two rows where the window is narrow", async (t) => {
  const { page } = await stage.begin(t, { width: 900, height: 700 });
  await go(page, "#/deliveries?status=failed&q=order&provider=pulsewave");
  const bar = page.getByRole("search", { name: "Filter" });
  const find = await bar.getByRole("searchbox").boundingBox();
  assert.ok(find.width >= 300, `the field is ${find.width} px wide`);
  const controls = await bar.locator("button, input, select").all();
  const tops = await Promise.all(controls.map(async (one) => (await one.boundingBox()).y));
  const rows = tops.sort((a, b) => a - b).filter((top, index) => index === 0 || top - tops[index - 1] > 20);
  assert.equal(rows.length, 2, `controls stand at ${tops}`);
});

const row = (page, name) => page.getByRole("row", { name });
