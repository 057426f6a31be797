/** Secrets and drafts: a test that makes an endpoint live, rotations with an overlap, and reveals that are noted. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inaccessible } from "./support/axe.mjs";
import { go, settled } from "./support/chromium.mjs";
import { closed, holds, pick, ready } from "./support/keyboard.mjs";
import { scene } from "./support/scene.mjs";

const stage = scene({ before, after });

test("a draft says what it waits for, its test makes it live, and another URL a draft again", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", {
    name: "Clinic",
    provider: "smsportal",
  });
  const endpoint = await server.call("POST", "/v1/webhook-endpoints", {
    name: "Reminders",
    provider: "smsportal",
    url: `${server.capture}/nowhere`,
  });
  await go(page, "#/overview");
  await page.getByRole("link", { name: "Open it to send its test" }).click();
  const detail = page.getByRole("article", { name: "Endpoint" });
  await detail
    .getByText("A draft: SMSPortal sends to no endpoint before a test of it has been delivered.")
    .waitFor();
  await page
    .getByRole("row", { name: /Reminders/ })
    .getByText("Draft")
    .waitFor();

  // A test that is refused leaves it a draft, and says why.
  await detail.getByRole("button", { name: "Send its test" }).click();
  const outcome = detail.getByRole("region", { name: "The test" });
  await outcome.getByText(/the server answered 404/).waitFor();
  await outcome.getByText("It stays a draft.").waitFor();
  assert.match(await outcome.getByLabel("What it answered").innerText(), /there is no inbox called/);
  await detail.getByText("None was delivered yet; the last one failed").waitFor();
  assert.deepEqual(await inaccessible(page), []);

  await detail.getByRole("button", { name: "Edit", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "URL" }).fill(inbox.url);
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  await detail.getByRole("button", { name: "Send its test" }).click();
  await outcome.getByText("Its test was delivered: “Reminders” is live.").waitFor();
  assert.equal((await server.call("GET", `/v1/webhook-endpoints/${endpoint.id}`)).status, "enabled");
  assert.deepEqual(await inaccessible(page), []);

  // What another address means is said before it is saved.
  await detail.getByRole("button", { name: "Edit", exact: true }).click();
  await dialog.getByRole("textbox", { name: "URL" }).fill(`${inbox.url}/other`);
  await dialog.getByText(/saved like this, it is a draft until a test has been delivered/).waitFor();
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  await detail.getByText("A draft: SMSPortal").waitFor();

  // And Compose says why nothing goes out to it.
  await go(page, "#/compose?provider=smsportal");
  await page.getByText("“Reminders” is a draft").waitFor();
  await page.getByRole("link", { name: "Open “Reminders” to send its test" }).waitFor();
  assert.deepEqual(page.faults, []);
});

test("rotated with an overlap both sign, the old one is ended, and the only one cannot be", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", {
    name: "Payments",
    provider: "stripe",
  });
  const endpoint = await server.call("POST", "/v1/webhook-endpoints", {
    name: "Payments",
    provider: "stripe",
    url: inbox.url,
  });
  // The receiver knows the old one alone.
  await server.call("PATCH", `/v1/inboxes/${inbox.id}`, {
    secret: endpoint.secret,
  });
  await go(page, `#/endpoints/${endpoint.id}`);
  const detail = page.getByRole("article", { name: "Endpoint" });
  await detail.getByText("The only one, so it cannot be ended").waitFor();
  assert.equal(await detail.getByRole("button", { name: /^End/ }).count(), 0);

  await detail.getByRole("button", { name: "Rotate…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Until it ends, both sign").waitFor();
  await dialog.getByLabel("The old one still holds").selectOption({ label: "For an hour" });
  await dialog.getByRole("button", { name: "Rotate the secret" }).click();
  await page.getByRole("dialog", { name: "The new secret" }).waitFor();
  const fresh = await dialog.locator("code").innerText();
  await dialog.getByRole("button", { name: "Done" }).click();

  const secrets = detail.getByRole("list", { name: "Secrets of Payments" });
  await secrets.getByText("Signs too").waitFor();
  // Of two secrets the one that would be revealed is named.
  await detail.getByRole("button", { name: "Reveal…" }).click();
  const asked = page.getByRole("dialog", {
    name: `Reveal the current secret …${fresh.slice(-4)}?`,
  });
  await asked.getByRole("button", { name: "Cancel" }).click();
  assert.equal(await secrets.getByRole("listitem").count(), 2);
  await secrets.getByText(/holds for (1 h|59 min \d+ s) more/).waitFor();
  await detail.getByText("All of them sign, side by side in Stripe-Signature").waitFor();
  assert.deepEqual(await inaccessible(page), []);

  // A receiver with the old one accepts what comes meanwhile.
  await detail.getByRole("button", { name: "Send a test" }).click();
  const outcome = detail.getByRole("region", { name: "The test" });
  await outcome.getByRole("link", { name: "What the inbox received" }).click();
  await page.getByRole("article", { name: "Captured request" }).getByText("The signature is valid").waitFor();

  await go(page, `#/endpoints/${endpoint.id}`);
  await secrets.getByRole("button", { name: /^End/ }).last().click();
  await page.getByRole("dialog").getByRole("button", { name: "End the secret" }).click();
  await detail.getByText("The only one, so it cannot be ended").waitFor();
  const { data } = await server.call("GET", `/v1/webhook-endpoints/${endpoint.id}/secrets`);
  assert.deepEqual(
    data.map(({ hint }) => hint),
    [`…${fresh.slice(-4)}`],
  );

  // A reveal shows the new one, and is noted.
  await detail.getByRole("button", { name: "Reveal…" }).click();
  await page.getByRole("dialog").getByText("That it was revealed is noted.").waitFor();
  await page.getByRole("button", { name: "Reveal it" }).click();
  const shown = page.getByRole("dialog", { name: "The secret" });
  assert.equal(await shown.locator("code").innerText(), fresh);
  await shown.getByRole("button", { name: "Done" }).click();
  await detail.getByText(/Revealed 1 time, last/).click();
  const noted = detail.getByRole("list", {
    name: "When it was revealed, newest first",
  });
  assert.equal(await noted.getByRole("listitem").count(), 1);
  assert.deepEqual(page.faults, []);
});

test("a secret is added for a span, and one that is refused is told beside its field", async (t) => {
  const { server, page } = await stage.begin(t);
  const endpoint = await server.call("POST", "/v1/webhook-endpoints", {
    name: "Orders",
    provider: "generic",
    url: `${server.capture}/orders`,
  });
  await go(page, `#/endpoints/${endpoint.id}`);
  const detail = page.getByRole("article", { name: "Endpoint" });
  await detail.getByRole("button", { name: "Add…" }).click();
  const dialog = page.getByRole("dialog");
  const add = dialog.getByRole("button", { name: "Add the secret" });
  await ready(dialog);
  await add.click();
  await dialog.getByText("Paste the secret.").waitFor();
  await dialog.getByLabel("Secret", { exact: true }).fill("whsec_not base64 at all!");
  await add.click();
  await dialog.locator("[aria-invalid]").waitFor();
  assert.equal(await dialog.getByLabel("Secret", { exact: true }).inputValue(), "whsec_not base64 at all!");
  await dialog.getByLabel("Secret", { exact: true }).fill(`whsec_${Buffer.alloc(32, 7).toString("base64")}`);
  await dialog.getByLabel("It holds").selectOption({ label: "For a day" });
  await add.click();
  await dialog.waitFor({ state: "detached" });
  await detail.getByText(/holds for (24 h|1 d|23 h 59 min) more/).waitFor();
  // The refusal is the one fault that the page has seen.
  assert.deepEqual(
    page.faults.filter((text) => !text.includes("422")),
    [],
  );
});

test("of a pair of keys the public half is shown, and the receiver verifies with it alone", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", {
    name: "App",
    provider: "discord",
    response: { status: 204 },
  });
  const endpoint = await server.call("POST", "/v1/webhook-endpoints", {
    name: "App",
    provider: "discord",
    url: inbox.url,
  });
  await go(page, `#/endpoints/${endpoint.id}`);
  const detail = page.getByRole("article", { name: "Endpoint" });
  await detail.getByText("Public key, for the receiver").waitFor();
  await detail.getByRole("button", { name: "Copy", exact: true }).click();
  const half = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(half, /^[0-9a-f]{64}$/);

  await go(page, `#/inbox?inbox=${inbox.id}`);
  await page.getByRole("button", { name: "More to do with this inbox" }).click();
  await page.getByRole("menuitem", { name: "Its secrets…" }).click();
  const secrets = page.getByRole("dialog", { name: "Secrets of “App”" });
  await secrets.getByText("signatures of what arrives cannot be checked").waitFor();
  await secrets.getByRole("button", { name: "Add…" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a secret" });
  await dialog.getByLabel("Key", { exact: true }).fill(half);
  await dialog.getByRole("button", { name: "Add the secret" }).click();
  await secrets.getByRole("list", { name: "Secrets of App" }).waitFor();
  assert.deepEqual(await inaccessible(page, "[role=dialog]"), []);
  await secrets.getByRole("button", { name: "Done" }).click();

  await server.call("POST", `/v1/webhook-endpoints/${endpoint.id}/test`, {});
  await page.getByRole("row", { name: /Valid/ }).waitFor();
  assert.deepEqual(page.faults, []);
});

test("another scheme than the provider’s signs and verifies", async (t) => {
  const { server, page } = await stage.begin(t);
  await go(page, "#/endpoints?new=1&provider=generic&inbox=new");
  const dialog = page.getByRole("dialog");
  await ready(dialog);
  await dialog.getByLabel("Name").fill("Mixed");
  await pick(dialog.getByLabel("Scheme", { exact: true }), "github");
  await dialog.getByText("Signs the body, in X-Hub-Signature-256.").waitFor();
  await dialog.getByRole("button", { name: "Create the endpoint" }).click();
  await page.getByRole("dialog", { name: "“Mixed” is made" }).getByRole("button", { name: "Done" }).click();
  const detail = page.getByRole("article", { name: "Endpoint" });
  await detail.getByText("chosen for it").waitFor();
  await detail.getByRole("button", { name: "Send a test" }).click();
  await detail.getByRole("link", { name: "What the inbox received" }).click();
  const captured = page.getByRole("article", { name: "Captured request" });
  await captured.getByText("The signature is valid").waitFor();
  const [request] = (await server.call("GET", "/v1/requests")).data;
  assert.ok(request.headers.some(([name]) => name.toLowerCase() === "x-hub-signature-256"));
  await settled(page);
  assert.deepEqual(page.faults, []);
});

test("a token that came with a request is shown on demand, and that is logged", async (t) => {
  const { server, page } = await stage.begin(t);
  const token = "tk-that-nobody-reads";
  const inbox = await server.call("POST", "/v1/inboxes", {
    slug: "guarded",
    scheme: "bearer",
    secret: token,
  });
  await fetch(inbox.url, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: "{}",
  });
  const [request] = (await server.call("GET", `/v1/requests?inbox_id=${inbox.id}`)).data;
  await go(page, `#/inbox/${request.id}`);
  const detail = page.getByRole("article", { name: "Captured request" });
  const headers = detail.getByRole("table", { name: "Headers as they came" });
  await headers.getByText("Bearer (the secret)").waitFor();
  assert.deepEqual(await inaccessible(page), []);
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await detail.getByRole("button", { name: "Copy as cURL" }).click();
  await page.getByText("without the request’s secret").waitFor();
  assert.ok(!(await copied()).includes(token));

  const reveals = async () => (await server.call("GET", `/v1/requests/${request.id}/reveals`)).data.length;
  await detail.getByRole("button", { name: "Reveal the secret" }).click();
  await headers.getByText(`Bearer ${token}`).waitFor();
  assert.equal(await reveals(), 1);
  await detail.getByRole("button", { name: "Copy as cURL" }).click();
  await page.getByText("The cURL command is on the clipboard", { exact: true }).waitFor();
  assert.ok((await copied()).includes(`Bearer ${token}`));
  // The command is made by the server, which logs that it gave the token out with it.
  assert.equal(await reveals(), 2);
  await detail.getByRole("button", { name: "Hide the secret" }).click();
  await headers.getByText("Bearer (the secret)").waitFor();

  // Sent on, its delivery has nothing to reveal: the command says that the secret is not in it.
  const { deliveries } = await server.call("POST", `/v1/requests/${request.id}/send`, {
    url: `${server.capture}/nowhere`,
  });
  await go(page, `#/deliveries/${deliveries[0].id}`);
  const delivery = page.getByRole("article", { name: "Delivery" });
  await delivery.getByRole("button", { name: "Copy as cURL" }).click();
  await page.getByText("without the secret in it: give it yourself").waitFor();
  assert.ok((await copied()).includes("Bearer (the secret)"));

  // What the bench checks is what arrived, or nothing.
  await go(page, `#/providers?view=bench&request=${request.id}`);
  await page.getByRole("button", { name: "Reveal it and open the bench" }).click();
  const bench = page.getByRole("form", { name: "Signature bench" });
  await bench.getByLabel("Secret").fill(token);
  await bench.getByRole("button", { name: "Verify" }).click();
  await page.getByText("The token is right").first().waitFor();
  assert.equal(await reveals(), 3);
});

test("the credentials among an endpoint’s headers are shown on demand, on its page and in its dialog", async (t) => {
  const { server, page } = await stage.begin(t);
  const key = "key-that-nobody-reads";
  const endpoint = await server.call("POST", "/v1/webhook-endpoints", {
    name: "Orders",
    url: `${server.capture}/orders`,
    provider: "generic",
    headers: [
      ["Authorization", `Bearer ${key}`],
      ["X-Team", "red"],
    ],
  });
  await go(page, `#/endpoints/${endpoint.id}`);
  const detail = page.getByRole("article", { name: "Endpoint" });
  await detail.getByText("Authorization: Bearer (the secret)").waitFor();
  await detail.getByText("That they are revealed is logged.").waitFor();
  await detail.getByRole("button", { name: "Reveal the credentials" }).click();
  await detail.getByText(`Authorization: Bearer ${key}`).waitFor();
  await detail.getByRole("button", { name: "Copy Authorization" }).click();
  await detail.getByRole("status").getByText("Copied").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), key);
  await detail.getByText(/^Revealed 1 time, last/).waitFor();
  assert.deepEqual(await inaccessible(page), []);
  await detail.getByRole("button", { name: "Hide the credentials" }).click();
  await detail.getByText("Authorization: Bearer (the secret)").waitFor();
  assert.ok(!(await page.content()).includes(key));

  // Each log tells of its own: the credentials' of them alone, the secret's of that.
  await detail.getByRole("button", { name: "Reveal…" }).click();
  await page.getByRole("button", { name: "Reveal it" }).click();
  await page.getByRole("dialog", { name: "The secret" }).getByRole("button", { name: "Done" }).click();
  await detail.getByRole("button", { name: "Reveal the credentials" }).click();
  await detail.getByText(/^Revealed 2 times, last/).waitFor();
  await detail.getByText(/^Revealed 1 time, last/).waitFor();
  assert.equal(await detail.getByText(/^Revealed \d/).count(), 2);
  await detail.getByRole("button", { name: "Hide the credentials" }).click();

  await detail.getByRole("button", { name: "Edit", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Edit “Orders”" });
  await dialog.getByRole("button", { name: /^Headers, HTTP, proxy/ }).click();
  const headers = dialog.getByRole("textbox", { name: "Headers", exact: true });
  await headers.fill("X-Team: blue\nAuthorization: Bearer (the secret)");
  await dialog.getByRole("button", { name: "Reveal the credentials" }).click();
  await holds(headers, `X-Team: blue\nAuthorization: Bearer ${key}`);
  assert.deepEqual(await inaccessible(page, "[role=dialog]"), []);
  await dialog.getByRole("button", { name: "Hide the credentials" }).click();
  await holds(headers, "X-Team: blue\nAuthorization: Bearer (the secret)");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  const kept = await server.call("GET", `/v1/webhook-endpoints/${endpoint.id}?reveal=secrets`);
  assert.deepEqual(kept.headers, [
    ["X-Team", "blue"],
    ["Authorization", `Bearer ${key}`],
  ]);
  const { data } = await server.call("GET", `/v1/webhook-endpoints/${endpoint.id}/reveals`);
  assert.deepEqual(
    data.map(({ what }) => what),
    ["headers", "headers", "headers", "secret", "headers"],
  );
  assert.deepEqual(page.faults, []);
});

test("an inbox’s verify token is shown on demand, where its secrets are and in its dialog", async (t) => {
  const { server, page } = await stage.begin(t);
  const token = "token-that-nobody-reads";
  const inbox = await server.call("POST", "/v1/inboxes", {
    name: "App",
    provider: "meta",
    verify_token: token,
  });
  await go(page, `#/inbox?inbox=${inbox.id}`);
  await page.getByRole("button", { name: "More to do with this inbox" }).click();
  await page.getByRole("menuitem", { name: "Its secrets…" }).click();
  const secrets = page.getByRole("dialog", { name: "Secrets of “App”" });
  const part = secrets.getByRole("region", { name: "Verify token" });
  await part.getByText("(the secret)", { exact: true }).waitFor();
  await part.getByRole("button", { name: "Reveal the token" }).click();
  await part.getByText(token, { exact: true }).waitFor();
  await part.getByRole("button", { name: "Copy the token" }).click();
  await part.getByRole("status").getByText("Copied").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), token);
  await part.getByText(/^Revealed 1 time, last/).click();
  const noted = part.getByRole("list", {
    name: "When it was revealed, newest first",
  });
  assert.equal(await noted.getByRole("listitem").count(), 1);
  assert.deepEqual(await inaccessible(page, "[role=dialog]"), []);
  await part.getByRole("button", { name: "Hide the token" }).click();
  await part.getByText("(the secret)", { exact: true }).waitFor();
  await secrets.getByRole("button", { name: "Done" }).click();
  await closed(page);

  await page.getByRole("button", { name: "Edit", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Edit the inbox “App”" });
  const field = dialog.getByLabel("Verify token", { exact: true });
  await holds(field, "(the secret)");
  await dialog.getByRole("button", { name: "Reveal the token" }).click();
  await holds(field, token);
  await dialog.getByRole("button", { name: "Hide the token" }).click();
  await holds(field, "(the secret)");
  await dialog.getByLabel("Name").fill("App, north");
  await dialog.getByRole("button", { name: "Save" }).click();
  await closed(page);
  const kept = await server.call("GET", `/v1/inboxes/${inbox.id}?reveal=secrets`);
  assert.deepEqual([kept.name, kept.verify_token], ["App, north", token]);
  assert.equal((await server.call("GET", `/v1/inboxes/${inbox.id}/reveals`)).data.length, 3);
  assert.deepEqual(page.faults, []);
});
