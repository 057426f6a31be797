/** A support person's way: what failed, why, retried one by one and all at once, edited and sent. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { go } from "./support/chromium.mjs";
import { scene } from "./support/scene.mjs";
import { pulsewaveEvent, send } from "./support/send.mjs";

const stage = scene({ before, after });

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

  await server.call("PATCH", `/v1/inboxes/${inbox.id}`, { response: { status: 200 } });
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
  await server.call("PATCH", `/v1/inboxes/${inbox.id}`, { response: { status: 200 } });
  await go(page, "#/deliveries");
  await row(page, "Failed").nth(3).waitFor();
  for (const key of ["j", "x", "j", "j", "x"]) await page.keyboard.press(key);
  await page.getByText("2 deliveries chosen").waitFor();
  await page.getByRole("button", { name: "Retry 2", exact: true }).click();
  await page.getByRole("button", { name: "Retry 2 deliveries" }).click();
  await page.getByText("Replay of 2 deliveries done: 2 delivered").waitFor();
  assert.equal((await server.call("GET", "/v1/deliveries/count?status=delivered")).count, 2);
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
  await server.call("PATCH", `/v1/inboxes/${inbox.id}`, { response: { status: 200 } });
  await detail.getByRole("button", { name: "Retry now" }).click();
  await detail.getByText("Delivered after 3 attempts: the server answered 200.").waitFor();
  const attempts = detail.getByRole("list", { name: "Attempts" }).getByRole("button");
  assert.equal(await attempts.count(), 3);
  await page.keyboard.press("[");
  await detail.getByRole("region", { name: "Response" }).getByText("503").waitFor();
});

test("a delivery is edited and sent as a new event", async (t) => {
  const { server, page } = await stage.begin(t);
  const { inbox } = await failures(server, 1);
  await server.call("PATCH", `/v1/inboxes/${inbox.id}`, { response: { status: 200 } });
  const [{ id }] = (await server.call("GET", "/v1/deliveries")).data;
  await go(page, `#/deliveries/${id}`);
  await page
    .getByRole("article", { name: "Delivery" })
    .getByText(/^Failed after/)
    .waitFor();
  await page.keyboard.press("e");
  const editor = page.getByRole("textbox", { name: /^(Whole payload of the event|The body)/ });
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

const row = (page, name) => page.getByRole("row", { name });

/** An inbox that refuses, and as many deliveries to it that failed for good. */
async function failures(server, count) {
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
  });
  const event = { type: "message.delivered", provider: "pulsewave" };
  await Promise.all(Array.from({ length: count }, () => server.call("POST", "/v1/events", event)));
  // A test may mend the inbox next: by then all of them have to have failed.
  const failed = () => server.call("GET", "/v1/deliveries/count?status=failed");
  while ((await failed()).count < count) await delay(20);
  return { inbox, endpoint };
}
