/** Another endpoint's policy tried out at a receiver that fails as it is told to. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inaccessible } from "./support/axe.mjs";
import { go } from "./support/chromium.mjs";
import { tabTo } from "./support/keyboard.mjs";
import { scene } from "./support/scene.mjs";

const stage = scene({ before, after });

/** What a jump over most of a day may take, in milliseconds: every request on the way is real. */
const whileItJumps = { timeout: 60_000 };

async function orders(server, policy = {}) {
  const endpoint = {
    name: "Orders",
    url: "http://127.0.0.1:1/orders",
    provider: "pulsewave",
    ...policy,
  };
  return server.call("POST", "/v1/webhook-endpoints", endpoint);
}

const button = (page, name) => page.getByRole("button", { name, exact: true });
const receiver = (page) => page.getByRole("combobox", { name: "The receiver" });
const rows = (page) => page.getByRole("table", { name: "What it received" }).locator("tbody tr");

test("a policy is tried out by a button, and the endpoint itself is sent nothing", async (t) => {
  const { server, page } = await stage.begin(t);
  const endpoint = await orders(server);
  await go(page, `#/endpoints/${endpoint.id}`);
  await page.getByText("and this endpoint stays as it is").waitFor();
  await button(page, "Try its policy").click();
  await page.getByText("Nothing has come since it was set. The next gets: 503.").waitFor();
  assert.equal(await receiver(page).inputValue(), "recovers");
  await page.getByText("It has received nothing yet.").waitFor();

  await button(page, "Send an event to it").click();
  await page.getByText(/: Attempt 1 of 8 failed: the server answered 503/).waitFor();
  await rows(page).filter({ hasText: "POST /orders" }).first().waitFor();
  assert.match(await rows(page).first().innerText(), /^1\s+503\s+Attempt 1 POST \/orders/);
  await page.getByText("1 request since it was set. The next gets: 503.").waitFor();
  assert.deepEqual(await inaccessible(page, "article"), []);
  // Time does not jump outside a demo.
  assert.equal(await button(page, "Run to the end").count(), 0);

  // Another way to fail holds from the next request on.
  await receiver(page).selectOption({ label: "Expired certificate" });
  await page.getByText(/The next gets: a bad certificate\..*certificate alone/).waitFor();
  await button(page, "Send an event to it").click();
  await rows(page).filter({ hasText: "CertificateExpired" }).waitFor();
  await page.getByText(/: Attempt 1 of 8 failed: no TLS connection came about/).waitFor();

  const own = await server.call("GET", `/v1/deliveries?endpoint_id=${endpoint.id}`);
  assert.deepEqual(own.data, []);
  await page.getByRole("link", { name: "Its trial" }).click();
  await page.getByRole("heading", { name: "Trial of Orders" }).waitFor();
  await page.getByText("No event goes to it but those that name it").waitFor();
  await button(page, "End the trial").click();
  await page.getByRole("heading", { name: "Orders", exact: true }).waitFor();
  await button(page, "Try its policy").waitFor();
  assert.deepEqual(
    (await server.call("GET", "/v1/webhook-endpoints")).data.map(({ id }) => id),
    [endpoint.id],
  );
  assert.deepEqual(page.faults, []);
});

test("an event is sent to a trial once it is known what its provider sends", async (t) => {
  const { server, page } = await stage.begin(t);
  const endpoint = await orders(server);
  let arrive;
  const arrived = new Promise((resolve) => (arrive = resolve));
  await page.route(/\/v1\/providers(\?|$)/, async (route) => {
    await arrived;
    await route.continue();
  });
  // Where nothing has asked for them yet.
  await page.reload();
  await page.evaluate((id) => (location.hash = `#/endpoints/${id}`), endpoint.id);
  await button(page, "Try its policy").click();
  await button(page, "Send an event to it").click();
  await page.locator("button[aria-busy=true]", { hasText: "Send an event to it" }).waitFor();
  const sent = page.waitForRequest((request) => request.url().endsWith("/v1/events"));
  arrive();
  assert.equal((await sent).postDataJSON().type, "message.sent");
  await page.getByText(/: Attempt 1 of 8 failed: the server answered 503/).waitFor();
  assert.deepEqual(page.faults, []);
});

test("a dial of one's own is set by keys, and what is wrong with it is said in place", async (t) => {
  const { server, page } = await stage.begin(t);
  const endpoint = await orders(server, { retry: { delays_ms: [] } });
  await go(page, `#/endpoints/${endpoint.id}`);
  await button(page, "Try its policy").waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: /^Type what to do/ }).fill("try its policy");
  await page.getByRole("option", { name: /Try its policy at a fault receiver/ }).waitFor();
  await page.keyboard.press("Enter");
  const fold = page.getByRole("button", { name: /^Its dial/ });
  await fold.waitFor();
  await fold.focus();
  await page.keyboard.press("Enter");
  const dial = page.getByRole("form", { name: "The dial" });
  const field = (name) => dial.getByLabel(name, { exact: true });
  await tabTo(page, field("Statuses"), 3);
  await field("Statuses").fill("418, 99");
  await page.keyboard.press("Enter");
  await dial.getByText("Statuses lie between 200 and 599").waitFor();
  await field("Statuses").fill("418, 202");
  await field("Retry-After, in seconds").fill("9999999");
  await page.keyboard.press("Enter");
  // The API's own words, at their field.
  await dial.getByText(/May be at most 604800/).waitFor();
  await field("Retry-After, in seconds").fill("30");
  await field("After the last status").selectOption("They begin anew");
  await field("Headers of the answer").fill("X-Mood: bad");
  await field("Body of the answer").fill("short and stout");
  assert.deepEqual(await inaccessible(page, "form"), []);
  await button(page, "Set the dial").click();
  await page.getByText("Nothing has come since it was set. The next gets: 418.").waitFor();
  assert.equal(await receiver(page).evaluate((select) => select.selectedOptions[0].text), "As set below");
  const [made] = (await server.call("GET", "/v1/fault-receivers")).data;
  assert.deepEqual(
    [made.dial.statuses, made.dial.repeat, made.dial.retry_after, made.dial.headers, made.dial.body],
    [[418, 202], true, { seconds: 30, form: "seconds" }, [["X-Mood", "bad"]], "short and stout"],
  );
  for (const [number, status] of [
    [1, "418"],
    [2, "202"],
    [3, "418"],
  ]) {
    await button(page, "Send an event to it").click();
    await rows(page)
      .filter({ hasText: new RegExp(`^\\s*${number}\\s*${status}`) })
      .waitFor();
  }
  // The browser itself logs that the API refused; nothing else went wrong.
  assert.deepEqual(
    page.faults.filter((fault) => !fault.includes("422")),
    [],
  );
});

test("in a demo a plan of a day is run to its end in seconds, and a 410 disables the trial alone", async (t) => {
  const { server, page } = await stage.begin(t, { demo: true });
  const endpoint = await orders(server);
  await go(page, `#/endpoints/${endpoint.id}`);
  await button(page, "Try its policy").click();
  await receiver(page).selectOption({ label: "503 for good" });
  await page.getByText("Nothing has come since it was set. The next gets: 503.").waitFor();
  await button(page, "Send an event to it").click();
  await button(page, "Jump to the next attempt").waitFor();
  await button(page, "Jump to the next attempt").click();
  await page.getByText(/: Attempt 2 of 8 failed/).waitFor(whileItJumps);
  await page.getByText(/Time goes on for the whole workspace, by .+ to the end of the plan/).waitFor();
  await button(page, "Run to the end").click();
  await page
    .getByText(/: Failed after 8 attempts: the server answered 503\. Next: none\./)
    .waitFor(whileItJumps);
  await page.getByText("8 requests since it was set. The next gets: 503.").waitFor();
  assert.equal(await rows(page).count(), 8);

  await receiver(page).selectOption({ label: "410 Gone" });
  await page.getByText("The next gets: 410.").waitFor();
  await button(page, "Send an event to it").click();
  await page
    .getByRole("region", { name: "What the policy does" })
    .getByText("Disabled", { exact: true })
    .waitFor();
  assert.equal((await server.call("GET", `/v1/webhook-endpoints/${endpoint.id}`)).status, "enabled");
  assert.deepEqual(page.faults, []);
});

test("a trial is marked in the list, keeps what it is sent when it is disabled, and clutters no overview", async (t) => {
  const { server, page } = await stage.begin(t);
  const endpoint = await orders(server, { retry: { delays_ms: [] } });
  const dial = { statuses: [503] };
  const made = await server.call("POST", "/v1/fault-receivers", {
    trial_of: endpoint.id,
    dial,
  });
  const send = () =>
    server.call("POST", "/v1/events", {
      type: "message.sent",
      provider: "pulsewave",
      endpoint_ids: [made.endpoint_id],
    });
  const until = async (status) => {
    const path = `/v1/deliveries/count?endpoint_id=${made.endpoint_id}&status=${status}`;
    while ((await server.call("GET", path)).count === 0) await new Promise((again) => setTimeout(again, 50));
  };
  await send();
  await until("failed");
  await go(page, "#/overview");
  await page.getByRole("region", { name: "What fails" }).waitFor();
  assert.equal(await page.getByText("Newest that failed for good").count(), 0);

  await server.call("PATCH", `/v1/fault-receivers/${made.id}`, {
    dial: { statuses: [410] },
  });
  await send();
  await until("failed,paused");
  await send();
  await until("paused");
  await go(page, `#/endpoints/${made.endpoint_id}`);
  const row = page.getByRole("row").filter({ hasText: "Trial of Orders" });
  await row.getByTitle(/^A trial of another endpoint/).waitFor();
  await page
    .getByRole("article", { name: "Endpoint" })
    .getByText(/[^.]\. Deliveries are kept, paused, until it is enabled\./)
    .waitFor();
  await page.getByText(/^[12] paused, 0 due$/).waitFor();
  assert.deepEqual(page.faults, []);
});
