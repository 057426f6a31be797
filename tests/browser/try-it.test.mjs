/** The first minute: both ends on a fresh workspace, broken, retried and mended, by mouse and by keys. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { settled } from "./support/chromium.mjs";
import { tabTo } from "./support/keyboard.mjs";
import { scene } from "./support/scene.mjs";

const stage = scene({ before, after });

test("by clicking: sent, broken, retried, mended", async (t) => {
  const { server, page } = await stage.begin(t);
  const sent = page.getByRole("region", { name: "Sent" });
  const received = page.getByRole("region", { name: "Received" });
  const press = (name) => page.getByRole("button", { name, exact: true }).click();

  await page.getByRole("radio", { name: /^PoliticalComms/ }).check();
  await press("Make both ends and send");
  await page.getByText("Delivered at once: the server answered 200.").waitFor();
  await received.getByText("Valid").waitFor();
  assert.equal(await sent.getByRole("listitem").count(), 1);

  await press("Break the receiver");
  await page.getByText(/^Attempt 1 of \d+ failed: the server answered 503\. Next: /).waitFor();
  await received.getByText("answered 503").waitFor();

  await press("Retry now");
  await page.getByText(/^Attempt [2-4] of \d+ failed: the server answered 503\./).waitFor();

  await press("Mend the receiver");
  await page.getByRole("button", { name: "Break the receiver" }).waitFor();
  await press("Retry now");
  await page.getByText(/^Delivered after [3-5] attempts: the server answered 200\.$/).waitFor();

  // Both ends stay, and every attempt has a request that it caused.
  const { data: deliveries } = await server.call("GET", "/v1/deliveries");
  const { data: requests } = await server.call("GET", "/v1/requests");
  assert.deepEqual(
    deliveries.map(({ status }) => status),
    ["delivered", "delivered"],
  );
  assert.equal(requests.length, deliveries[0].attempt_count + deliveries[1].attempt_count);
  assert.ok(requests.every(({ verification }) => verification.status === "valid"));

  // From either end one click leads to the whole story.
  await sent
    .getByRole("link", { name: /Delivered/ })
    .first()
    .click();
  await page
    .getByRole("article", { name: "Delivery" })
    .getByText(/^Delivered after/)
    .waitFor();
  await page.getByRole("button", { name: "What the inbox received" }).click();
  const captured = page.getByRole("article", { name: "Captured request" });
  await captured.getByText("The signature is valid").waitFor();
  await captured.getByRole("link", { name: /^Sent by Hookbench: delivery dlv_/ }).waitFor();
  assert.deepEqual(page.faults, []);
});

test("by keys alone", async (t) => {
  const { page } = await stage.begin(t);
  await settled(page);
  await tabTo(page, page.getByRole("radio", { name: /^Stripe/ }));
  // Down moves among the providers, as in any group of radio buttons.
  await page.keyboard.press("ArrowDown");
  assert.ok(await page.getByRole("radio", { name: /^Svix/ }).isChecked());
  await tabTo(page, page.getByLabel("Event", { exact: true }));
  await page.keyboard.press("ArrowDown");
  await tabTo(page, page.getByRole("button", { name: "Make both ends and send" }));
  await page.keyboard.press("Enter");
  await page.getByText("Delivered at once: the server answered 200.").waitFor();

  // g d goes to the deliveries, j to the first, Enter opens it, o follows it to the inbox, Escape closes.
  await page.keyboard.press("g");
  await page.keyboard.press("d");
  await page.getByRole("row", { name: /Delivered/ }).waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.getByRole("article", { name: "Delivery" }).getByText("Delivered at once").waitFor();
  await page.getByRole("button", { name: "What the inbox received" }).waitFor();
  await page.keyboard.press("o");
  await page.getByRole("article", { name: "Captured request" }).getByText("The signature is valid").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("article", { name: "Captured request" }).waitFor({ state: "detached" });
  assert.match(page.url(), /#\/inbox(\?|$)/);
  assert.deepEqual(page.faults, []);
});
