/** The rules that an endpoint is sent to by: edited, drawn before they are saved, and how it stands by them. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inaccessible } from "./support/axe.mjs";
import { go } from "./support/chromium.mjs";
import { closed } from "./support/keyboard.mjs";
import { scene } from "./support/scene.mjs";

const stage = scene({ before, after });

/** Nothing listens there. */
const nowhere = "http://127.0.0.1:1/orders";

test("the schedule is drawn as one edits, with exact times, and nothing is saved by it", async (t) => {
  const { server, page } = await stage.begin(t);
  await go(page, "#/endpoints?new=1&provider=pulsewave");
  const dialog = page.getByRole("dialog", { name: "New endpoint" });
  await dialog.getByRole("button", { name: /^Retries and timeout/ }).click();
  await dialog.getByText("As Pulsewave: 8 attempts in 20 h 36 min").waitFor();
  const rows = dialog.getByRole("table", { name: "When each attempt is made" }).locator("tbody tr");
  const marks = dialog.locator("svg [data-attempt]");
  await rows.nth(7).waitFor();
  assert.equal(await marks.count(), 8);

  await dialog.getByLabel("By a plan of its own").check();
  await dialog.getByLabel("Growing").check({ force: true });
  await dialog.getByLabel("First wait").fill("5 s");
  await dialog.getByLabel("Each so many times as long").fill("3");
  await dialog.getByLabel("Longest wait").fill("1 h");
  await dialog.getByLabel("Attempts in all").fill("5");
  await dialog.getByLabel("Jitter in %").fill("10");
  await dialog.getByText(/^Up to 5 attempts over 3 minutes 20 seconds/).waitFor();
  await rows.nth(4).waitFor();
  assert.equal(await marks.count(), 5);
  assert.equal(await dialog.locator("svg rect").count(), 4);
  const cells = await rows.evaluateAll((all) =>
    all.map((row) => [...row.cells].map((cell) => cell.innerText.trim())),
  );
  assert.deepEqual(
    cells.map(([number, after]) => [number, after]),
    [
      ["1", "at once"],
      ["2", "5 s"],
      ["3", "15 s"],
      ["4", "45 s"],
      ["5", "2 min 15 s"],
    ],
  );
  assert.equal(cells[1][3], "+4.5 s to +5.5 s");
  // Each exact time is as far behind the first as the waits say.
  const at = cells.map(([, , text]) => Date.parse(`${text.slice(0, 10)}T${text.slice(11, 19)}Z`));
  assert.deepEqual(
    at.map((ms) => ms - at[0]),
    [0, 5_000, 20_000, 65_000, 200_000],
  );

  // The fourth is planned after the event expires, but jitter may bring it before that.
  const last = rows.last().getByRole("cell");
  await dialog.getByLabel("Time to live").fill("1 min");
  await dialog.getByText(/^Up to 4 attempts within 1 minute: at once, /).waitFor();
  assert.equal(await marks.count(), 4);
  assert.deepEqual(await last.allInnerTexts(), [
    "4",
    "45 s",
    "only if jitter brings it forward",
    "+58.5 s until the event expires",
  ]);
  // What no jitter can bring in time is not drawn.
  await dialog.getByLabel("Time to live").fill("58.5 s");
  await dialog.getByText(/^Up to 3 attempts over 20 seconds: at once, /).waitFor();
  assert.equal(await marks.count(), 3);
  assert.equal(await last.last().innerText(), "+18 s to +22 s");
  // A plan that the engine refuses says why, in place.
  await dialog.getByLabel("Each so many times as long").fill("500");
  await dialog.getByText(/^The plan cannot be drawn\..*factor/).waitFor();

  assert.equal((await server.call("GET", "/v1/webhook-endpoints")).data.length, 0);
  assert.deepEqual(await inaccessible(page, "[role=dialog]"), []);
});

test("every rule can be the endpoint's own, and goes back to its provider's", async (t) => {
  const { server, page } = await stage.begin(t);
  await go(page, "#/endpoints?new=1&provider=pulsewave");
  const dialog = page.getByRole("dialog");
  const text = (name) => dialog.getByRole("textbox", { name, exact: true });
  const choice = (name) => dialog.getByRole("combobox", { name, exact: true });
  const unfold = (name) => dialog.getByRole("button", { name }).click();
  await text("URL").fill(nowhere);

  await unfold(/^Retries and timeout/);
  await dialog.getByLabel("By a plan of its own").check();
  await text("No attempt later than").fill("6 h");
  await text("Never tried again on").fill("400, 404-410");
  await choice("A receiver’s Retry-After").selectOption("own");
  await text("By so much at most").fill("10 min");
  await text("On these statuses").fill("429");
  await text("Time to live").fill("12 h");
  await unfold(/^What counts as delivered/);
  await dialog.getByLabel("Own", { exact: true }).check();
  await choice("Delivered is").selectOption("body_word");
  await text("The word").fill("True");
  await unfold(/^In trouble/);
  await dialog.getByText("As Pulsewave: after 1 d of nothing but failures").waitFor();
  await dialog.getByLabel("By a rule of its own").check();
  await choice("Disabled").selectOption("failure_share");
  await text("Failed in %").fill("90");
  await text("Of the attempts in the last").fill("30 min");
  await text("And no fewer than").fill("50");
  await choice("A 410 (gone)").selectOption("stays");
  await dialog.getByRole("switch", { name: /^A circuit breaker/ }).check();
  await text("Opens after").fill("3");
  await text("Open for").fill("30 s");
  await text("At most for").fill("10 min");
  await unfold(/^Rate and order/);
  await text("Attempts a second").fill("2.5");
  await text("Burst").fill("10");
  await dialog.getByRole("switch", { name: /^One at a time/ }).check();
  await choice("When one has failed for good").selectOption("block");
  await unfold(/^Headers, HTTP, proxy/);
  await text("Method").fill("put");
  await choice("HTTP version").selectOption("http1");
  await choice("Proxy").selectOption("url");
  await text("The proxy’s URL").fill("ftp://proxy");
  await dialog.getByRole("button", { name: "Create the endpoint" }).click();
  // Only the engine knows which proxies it can go through.
  await dialog.getByText(/^Must begin with http:\/\//).waitFor();
  await text("The proxy’s URL").fill("http://me:hush@127.0.0.1:3128");
  await dialog.getByRole("button", { name: "Create the endpoint" }).click();
  await page.getByRole("dialog", { name: /is made$/ }).waitFor();
  await page.keyboard.press("Escape");
  await closed(page);

  const [made] = (await server.call("GET", "/v1/webhook-endpoints")).data;
  const { retry } = made;
  assert.deepEqual(
    [retry.max_total_ms, retry.no_retry, retry.retry_after, made.ttl_ms],
    [21_600_000, ["400", "404-410"], { statuses: [429], max_ms: 600_000 }, 43_200_000],
  );
  assert.deepEqual(
    [made.success, made.disable, made.gone_disables, made.breaker],
    [
      { kind: "body_word", word: "True", statuses: null },
      {
        kind: "failure_share",
        share: 0.9,
        window_ms: 1_800_000,
        min_attempts: 50,
      },
      false,
      { failures: 3, open_ms: 30_000, max_open_ms: 600_000 },
    ],
  );
  assert.deepEqual(
    [made.rate_limit, made.ordered, made.order_on_failure, made.method, made.http_version, made.proxy],
    [{ per_second: 2.5, burst: 10 }, true, "block", "PUT", "http1", "http://***@127.0.0.1:3128"],
  );

  // The page says what is in force.
  const detail = page.getByRole("article", { name: "Endpoint" });
  await detail.getByText("any 2xx with the body “True”").waitFor();
  await detail.getByText("opens after 3 failures in a row, for 30 s, then longer, up to 10 min").waitFor();

  // And back: what is left to the provider again is taken away, and nothing else.
  await page.keyboard.press("Alt+e");
  const edit = page.getByRole("dialog", { name: /^Edit/ });
  await edit.getByRole("button", { name: /^Retries and timeout/ }).click();
  await edit.getByLabel("As Pulsewave: 8 attempts").check();
  await edit.getByRole("button", { name: /^What counts as delivered/ }).click();
  await edit.getByLabel("As Pulsewave: any 2xx").check();
  await edit.getByRole("button", { name: "Save" }).click();
  await edit.waitFor({ state: "detached" });
  const now = await server.call("GET", `/v1/webhook-endpoints/${made.id}`);
  assert.deepEqual([now.retry, now.success], [null, null]);
  const kept = ["disable", "breaker", "rate_limit", "ttl_ms", "proxy", "ordered", "method"];
  for (const name of kept) assert.deepEqual(now[name], made[name], name);
});

test("a queue that is held says so, and goes on when what holds it is skipped", async (t) => {
  const { server, page } = await stage.begin(t);
  const endpoint = await server.call("POST", "/v1/webhook-endpoints", {
    name: "Orders",
    url: nowhere,
    provider: "pulsewave",
    retry: { delays_ms: [] },
    ordered: true,
    order_on_failure: "block",
    disable: {
      kind: "consecutive_failures",
      count: 10,
      counting: "deliveries",
    },
    rate_limit: { per_second: 50 },
    tls: { verify: false },
  });
  await go(page, `#/endpoints/${endpoint.id}`);
  const detail = page.getByRole("article", { name: "Endpoint" });
  for (let count = 0; count < 2; count++) await send(server, endpoint);
  await detail.getByText("The queue is held.").waitFor();
  await detail.getByText(/1 delivery waits behind it/).waitFor();
  await detail.getByText(/^Disabled after 10 failed deliveries in a row; by now 1 of 10\.$/).waitFor();
  await detail.getByText("TLS not checked").first().waitFor();
  assert.deepEqual(await inaccessible(page, "article[aria-label=Endpoint]"), []);

  await detail.getByRole("button", { name: "Skip it" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Skip it" }).click();
  // The second one goes, fails in its turn, and holds what comes after it: nothing so far.
  await detail.getByText(/what comes after it waits/).waitFor();
  const failed = await server.call("GET", "/v1/deliveries?status=failed");
  assert.equal(failed.data.length, 2);
});

test("a breaker that is open says when it probes", async (t) => {
  const { server, page } = await stage.begin(t);
  const endpoint = await server.call("POST", "/v1/webhook-endpoints", {
    url: nowhere,
    provider: "pulsewave",
    breaker: { failures: 1, open_ms: 3_600_000, max_open_ms: 3_600_000 },
  });
  await go(page, `#/endpoints/${endpoint.id}`);
  const health = page.getByRole("article", { name: "Endpoint" }).locator("dl[aria-label=Health]");
  await health.getByText("Closed").waitFor();
  await send(server, endpoint);
  await health.getByText("Open", { exact: true }).waitFor();
  await health.getByText(/^Nothing goes out\. A probe goes out in (59 min|1 h)/).waitFor();
  await health.getByText(/connection refused/).waitFor();

  // What comes now waits for the probe, and its page draws nothing before that.
  const { deliveries } = await send(server, endpoint);
  await go(page, `#/deliveries/${deliveries[0].id}`);
  const delivery = page.getByRole("article", { name: "Delivery" });
  await delivery.getByText("Accepted; the first attempt waits.").waitFor();
  await delivery.getByText(/^The breaker is open after 1 failure in a row: nothing is sent until/).waitFor();
  await delivery
    .getByText(/^Attempt 1 is planned in (59 min|1 h)/)
    .first()
    .waitFor();

  // It is due and yet not overdue: the bar, the deliveries and the endpoint say what it waits for.
  const engine = page.getByRole("group", { name: "Engine" });
  await engine.getByRole("link", { name: "1 kept back" }).waitFor();
  await page.getByRole("main").getByText("1 waits for a breaker", { exact: true }).waitFor();
  await go(page, `#/endpoints/${endpoint.id}`);
  await health.getByText(/^1 waits for a breaker, 0 due/).waitFor();
});

test("many paused deliveries go on as one chooses", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders" });
  const endpoint = await server.call("POST", "/v1/webhook-endpoints", {
    name: "Orders",
    url: inbox.url,
    provider: "pulsewave",
    status: "disabled",
  });
  for (let count = 0; count < 21; count++) await send(server, endpoint);
  await go(page, `#/endpoints/${endpoint.id}`);
  await page.getByRole("button", { name: "Enable", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Enable “Orders”?" });
  await dialog.getByText("21 paused deliveries wait for it.").waitFor();
  await dialog.getByLabel("Spread over 10 min").check();
  await dialog.getByRole("button", { name: "Enable it" }).click();
  await page.getByText(/is enabled: 21 paused deliveries go out one after the other, the last in/).waitFor();
  const health = await server.call("GET", `/v1/webhook-endpoints/${endpoint.id}/health`);
  assert.ok(health.waiting > 15, `${health.waiting} wait for their turn`);
});

function send(server, endpoint) {
  return server.call("POST", "/v1/events", {
    type: "message.delivered",
    provider: "pulsewave",
    endpoint_ids: [endpoint.id],
  });
}
