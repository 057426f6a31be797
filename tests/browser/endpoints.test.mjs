/** Endpoints: made, refused with what is wrong at its field, edited, disabled and enabled, deleted. Their rules: policies.test.mjs. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { go } from "./support/chromium.mjs";
import { closed, ready } from "./support/keyboard.mjs";
import { scene } from "./support/scene.mjs";

const stage = scene({ before, after });

test("a new endpoint is refused field by field, keeps what was typed, and is made once it is right", async (t) => {
  const { server, page } = await stage.begin(t);
  await go(page, "#/endpoints");
  await page.keyboard.press("n");
  const dialog = page.getByRole("dialog", { name: "New endpoint" });
  const field = (name) => dialog.getByRole("textbox", { name, exact: true });
  const create = () => dialog.getByRole("button", { name: "Create the endpoint" }).click();
  await ready(dialog);
  await page.keyboard.type("Orders");
  await create();
  await told(field("URL"), "Give the URL that deliveries go to.");

  await field("URL").fill("ftp://example.com/");
  for (const part of ["Retries and timeout", "Rate and order", "Headers, HTTP, proxy"]) {
    await dialog.getByRole("button", { name: part }).click();
  }
  await field("Timeout").fill("soon");
  await field("Attempts a second").fill("-1");
  await field("At once").fill("many");
  await field("Headers").fill("no colon here");
  await create();
  await told(field("URL"), "Begin it with http:// or https://.");
  await told(field("Timeout"), "Write it as 10 s or 1500 ms, or leave it empty.");
  await told(field("Attempts a second"), /^Give a number above 0/);
  await told(field("At once"), "Give a whole number, or leave it empty.");
  assert.equal(await field("Headers").getAttribute("aria-invalid"), "true");
  // The first that is wrong has the focus.
  assert.ok(await field("URL").evaluate((element) => element === document.activeElement));

  // Now what only the engine knows to be wrong.
  await field("URL").fill("http://user:word@127.0.0.1:1/#part");
  await field("Timeout").fill("90 d");
  await field("Attempts a second").fill("5");
  await field("At once").fill("100000");
  await field("Headers").fill("Content-Length: 1");
  await create();
  for (const name of ["Timeout", "At once", "Headers"]) {
    await dialog.locator("[aria-invalid]").and(field(name)).waitFor();
    assert.match(await messageOf(field(name)), /\S/, `${name} says what is wrong`);
  }
  assert.equal(await field("Name").inputValue(), "Orders");
  assert.equal(await field("Attempts a second").inputValue(), "5");
  assert.equal(await field("Headers").inputValue(), "Content-Length: 1");

  await field("URL").fill("http://127.0.0.1:1/orders");
  await field("Timeout").fill("2 s");
  await field("At once").fill("4");
  await field("Headers").fill("X-Shop: one");
  await create();
  const secret = page.getByRole("dialog", { name: "“Orders” is made" });
  const shown = await secret.locator("code").innerText();
  await page.keyboard.press("Escape");
  const [made] = (await server.call("GET", "/v1/webhook-endpoints")).data;
  assert.deepEqual(
    [made.name, made.url, made.timeout_ms, made.max_in_flight, made.rate_limit, made.headers],
    ["Orders", "http://127.0.0.1:1/orders", 2000, 4, { per_second: 5, burst: null }, [["X-Shop", "one"]]],
  );
  const revealed = await server.call("GET", `/v1/webhook-endpoints/${made.id}/secret`);
  assert.equal(revealed.secret, shown);
  assert.match(page.url(), new RegExp(`#/endpoints/${made.id}$`));
});

test("a dialog that an address opened gives the focus to its screen, where the keys work", async (t) => {
  const { page } = await stage.begin(t);
  await go(page, "#/endpoints?new=1");
  await page.reload();
  await page.getByRole("dialog", { name: "New endpoint" }).waitFor();
  await page.keyboard.press("Escape");
  await closed(page);
  await page.waitForFunction(() => document.activeElement?.matches("main"));
});

test("an edit changes what was edited and nothing else", async (t) => {
  const { server, page } = await stage.begin(t);
  const was = await server.call("POST", "/v1/webhook-endpoints", {
    name: "Orders",
    url: "http://127.0.0.1:1/",
    provider: "pulsewave",
    retry: { delays_ms: [4000, 300000], jitter: 0.1 },
    headers: [["X-Shop", "one"]],
  });
  await go(page, `#/endpoints/${was.id}`);
  await page.getByRole("article", { name: "Endpoint" }).waitFor();
  await page.keyboard.press("Alt+e");
  const dialog = page.getByRole("dialog", { name: "Edit “Orders”" });
  await dialog.getByLabel("Name", { exact: true }).fill("Orders, north");
  await dialog.getByRole("button", { name: "Retries and timeout" }).click();
  await dialog.getByLabel("Wait 2", { exact: true }).fill("10 min");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Orders, north" }).waitFor();
  const now = await server.call("GET", `/v1/webhook-endpoints/${was.id}`);
  delete was.secret;
  const waits = { delays_ms: [4000, 600000] };
  assert.deepEqual(now, {
    ...was,
    name: "Orders, north",
    retry: { ...was.retry, ...waits },
    policy: { ...was.policy, retry: { ...was.policy.retry, ...waits } },
    updated_at: now.updated_at,
  });
});

test("what was told last covers nothing of a dialog, however long that is and small the window", async (t) => {
  const { server, page } = await stage.begin(t, { width: 800, height: 500 });
  const made = await server.call("POST", "/v1/webhook-endpoints", {
    url: "http://127.0.0.1:1/",
    name: "Orders",
  });
  await go(page, `#/endpoints/${made.id}`);
  const detail = page.getByRole("article", { name: "Endpoint" });
  await page.route("**/test", (route) => route.fulfill({ status: 503 }));
  const toasts = page.getByRole("region", { name: "Results" });
  for (let count = 0; count < 4; count++) {
    await detail.getByRole("button", { name: "Send a test" }).click();
    // An error stays until it is dismissed.
    await toasts.getByText("The test was not sent").nth(count).waitFor();
  }
  await detail.getByRole("button", { name: "Edit", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Edit “Orders”" });
  await ready(dialog);
  await dialog.getByRole("button", { name: "Retries and timeout" }).click();
  const [over, under] = [await toasts.boundingBox(), await dialog.boundingBox()];
  assert.ok(under.y + under.height <= over.y, `${under.y} + ${under.height} ends above ${over.y}`);
  // What is told later makes room for itself as well, and the dialog can still be used.
  await dialog.getByLabel("Name", { exact: true }).fill("Orders, north");
  await dialog.getByRole("button", { name: "Save" }).click();
  await closed(page);
  await page.getByRole("heading", { name: "Orders, north" }).waitFor();
});

test("disabled it keeps its deliveries, enabled again it sends them, deleted it says what goes with it", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders" });
  const endpoint = await server.call("POST", "/v1/webhook-endpoints", {
    name: "Orders",
    url: inbox.url,
    provider: "pulsewave",
  });
  await go(page, `#/endpoints/${endpoint.id}`);
  const detail = page.getByRole("article", { name: "Endpoint" });
  await detail.getByRole("button", { name: "Disable" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Disable it" }).click();
  await detail.getByText(/Deliveries are kept, paused, until it is enabled\./).waitFor();

  for (let count = 0; count < 2; count++) {
    await server.call("POST", "/v1/events", {
      type: "message.delivered",
      provider: "pulsewave",
      endpoint_ids: [endpoint.id],
    });
  }
  await detail.getByRole("list", { name: "Recent deliveries" }).getByText("Paused").nth(1).waitFor();
  await detail.getByRole("button", { name: "Enable", exact: true }).click();
  await page.getByText("“Orders” is enabled: 2 paused deliveries go out now").waitFor();
  await detail
    .getByRole("list", { name: "Recent deliveries" })
    .getByText("Delivered", { exact: true })
    .nth(1)
    .waitFor();
  assert.equal((await server.call("GET", "/v1/requests")).data.length, 2);

  await detail.getByRole("button", { name: "More to do with this endpoint" }).click();
  await page.getByRole("menuitem", { name: "Delete the endpoint…" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete “Orders”?" });
  await dialog.getByText(/No delivery is waiting\. The log keeps 2 deliveries to it\./).waitFor();
  await dialog.getByRole("button", { name: "Delete the endpoint" }).click();
  await page.getByText("No endpoints yet").waitFor();
  assert.equal((await server.call("GET", "/v1/webhook-endpoints")).data.length, 0);
});

/** A field is at fault, and says so to eye and ear. */
async function told(field, message) {
  await field
    .page()
    .waitForFunction(
      (element) => element.getAttribute("aria-invalid") === "true",
      await field.elementHandle(),
    );
  const said = await messageOf(field);
  if (message instanceof RegExp) assert.match(said, message);
  else assert.equal(said, message);
}

/** What is tied to a field as its error, not its hint. */
function messageOf(field) {
  return field.evaluate((element) => {
    const ids = (element.getAttribute("aria-describedby") ?? "")
      .split(" ")
      .filter((id) => id.endsWith("-error"));
    return ids.map((id) => document.getElementById(id)?.innerText ?? "").join(" ");
  });
}
