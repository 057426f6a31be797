/** From where inboxes are reached, and who may send: the network, TLS, access and lists of addresses. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { inaccessible } from "./support/axe.mjs";
import { go } from "./support/chromium.mjs";
import { closed, ready, tabTo } from "./support/keyboard.mjs";
import { scene } from "./support/scene.mjs";
import { send } from "./support/send.mjs";

const stage = scene({ before, after });
const run = promisify(execFile);

const reach = (page) => page.getByRole("region", { name: "Reach" });

/** Posts over TLS, trusting what `ca` says and no more; the status, or the error's code. */
function post(url, ca) {
  return new Promise((resolve) => {
    const call = request(url, {
      method: "POST",
      // A connection of its own each time: one that is open already shows no certificate.
      agent: false,
      ca,
      headers: { "content-type": "application/json" },
    });
    call.once("error", (error) => resolve(error.code));
    call.once("response", (answer) => {
      answer.resume();
      answer.once("end", () => resolve(answer.statusCode));
    });
    call.end("{}");
  });
}

test("the network is let in after a warning, which is seen everywhere until it is shut out again", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders" });
  await go(page, "#/settings?at=reach");
  await reach(page).getByText("Only this machine reaches them now.").waitFor();
  const lan = reach(page).getByRole("switch", { name: /^Other machines of the network/ });
  await lan.focus();
  await page.keyboard.press("Space");
  const warning = page.getByRole("dialog", { name: "Open every inbox to the network?" });
  await warning.waitFor();
  assert.deepEqual(await inaccessible(page, "[role=dialog]"), []);
  await page.keyboard.press("Escape");
  await closed(page);
  assert.equal(await lan.isChecked(), false);
  assert.equal((await server.call("GET", "/v1/settings")).reach.lan, false);

  await lan.press("Space");
  await warning.getByRole("button", { name: "Open to the network" }).click();
  await closed(page);
  await page.getByRole("link", { name: "Open to the network" }).first().waitFor();
  await reach(page)
    .getByText(/^Whoever is on the network reaches every inbox/)
    .waitFor();
  assert.equal(await lan.isChecked(), true);
  const { origins } = (await server.call("GET", "/v1/health")).reach;
  const listed = reach(page).getByRole("list", { name: "Inboxes are reached below" });
  await listed
    .getByRole("listitem")
    .nth(origins.length - 1)
    .waitFor();
  for (const origin of origins) assert.equal(await listed.getByText(origin, { exact: true }).count(), 1);

  // From the network’s side, where this machine is on one.
  const outer = origins.find((origin) => !/127\.0\.0\.1|\[::1\]|localhost/.test(origin));
  if (outer) assert.equal((await send(`${outer}/${inbox.slug}`, { body: "x" })).status, 200);
  await go(page, `#/inbox?inbox=${inbox.id}`);
  await page.getByRole("link", { name: "Open to the network" }).first().click();
  await lan.press("Space");
  await reach(page).getByText("Only this machine reaches them now.").waitFor();
  await page.getByRole("link", { name: "Open to the network" }).waitFor({ state: "detached" });
  assert.deepEqual(page.faults, []);
});

test("TLS with a made certificate: a client that trusts the downloaded authority gets through, another does not", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders" });
  await go(page, "#/settings?at=reach");
  const made = reach(page).getByRole("radio", { name: "A certificate that Hookbench makes" });
  await made.focus();
  await page.keyboard.press("Space");
  await reach(page).getByText("Valid", { exact: true }).waitFor();
  await reach(page).getByRole("tab", { name: "curl" }).click();
  await reach(page)
    .getByText(/--cacert/)
    .waitFor();
  assert.deepEqual(await inaccessible(page), []);

  const coming = page.waitForEvent("download");
  await reach(page).getByRole("button", { name: "Download hookbench-ca.pem" }).click();
  const ca = await readFile(await (await coming).path(), "utf8");
  assert.match(ca, /^-----BEGIN CERTIFICATE-----/);
  const secure = inbox.url.replace("http:", "https:");
  assert.equal(await post(`${secure}/tls`, ca), 200);
  assert.equal((await send(inbox.url, { body: "in clear" })).status, 200);
  assert.match(String(await post(secure, undefined)), /UNABLE_TO_VERIFY|SELF_SIGNED/);

  await go(page, `#/inbox?inbox=${inbox.id}`);
  await page.getByRole("button", { name: "Copy another of its addresses" }).click();
  await page.getByRole("menuitem", { name: `${secure} this machine, over TLS` }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), secure);
  await page.getByRole("row", { name: /\/tls/ }).click();
  const wire = page.getByRole("region", { name: "Wire" });
  await wire.getByRole("button", { name: "Wire" }).click();
  await wire.getByText("TLS 1.3", { exact: true }).waitFor();
  await wire.getByText(/^TLS(13)?_/).waitFor();
  await page.getByRole("button", { name: /1 TLS handshake failed/ }).click();
  const strays = page.getByRole("dialog");
  await strays.getByText("TLS failed", { exact: true }).waitFor();
  await strays.getByText("not answered").waitFor();
  assert.deepEqual(await inaccessible(page, "[role=dialog]"), []);
  await page.keyboard.press("Escape");
  await closed(page);

  // A new authority: what trusted the old one is refused.
  await go(page, "#/settings?at=reach");
  await reach(page).getByRole("button", { name: "Renew its authority too…" }).click();
  await page.getByRole("button", { name: "Renew both" }).click();
  await page.getByText("Certificate and authority were made anew").waitFor();
  assert.notEqual(await post(secure, ca), 200);
  assert.deepEqual(page.faults, []);
});

test("a certificate of one’s own is pasted with its key, and what is wrong with it is told at its field", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "hookbench-own-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const make = async (name) => {
    const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
    await run("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-keyout", key, "-out", cert, "-days", "90", "-subj", `/CN=${name}`],
      ...["-addext", "subjectAltName=IP:127.0.0.1,DNS:hooks.example.test"],
    ]);
    return { cert: await readFile(cert, "utf8"), key: await readFile(key, "utf8"), files: { key, cert } };
  };
  const [mine, other] = [await make("mine"), await make("other")];
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders" });
  await go(page, "#/settings?at=reach");
  await reach(page).getByLabel("A certificate of your own").first().check();
  const form = reach(page).getByRole("form", { name: "A certificate of your own" });
  const certificate = form.getByLabel("Certificate", { exact: true });
  const key = form.getByLabel("Private key", { exact: true });
  const use = form.getByRole("button", { name: "Use this certificate" });
  await use.click();
  await form.getByText(/^Paste a certificate in PEM/).waitFor();
  await certificate.fill(mine.cert);
  await key.fill(other.key);
  assert.deepEqual(await inaccessible(page), []);
  await use.click();
  await form.locator("textarea[aria-invalid=true]").waitFor();
  assert.equal((await server.call("GET", "/v1/settings")).reach.tls, "off");
  // The key from its file, as it would be chosen.
  await form.locator("input[type=file]").nth(1).setInputFiles(mine.files.key);
  await use.click();
  await reach(page)
    .getByText(/hooks\.example\.test/)
    .waitFor();
  const secure = inbox.url.replace("http:", "https:");
  while ((await post(secure, mine.cert)) !== 200);
  assert.equal((await server.call("GET", "/v1/settings")).reach.tls, "own");
  assert.ok(!(await page.content()).includes("PRIVATE KEY-----\n"));
  assert.deepEqual(
    page.faults.filter((fault) => !fault.includes("422")),
    [],
  );
});

test("an inbox asks for a password or a token, and shows who was refused", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders" });
  await go(page, `#/inbox?inbox=${inbox.id}`);
  const edit = async () => {
    await page.getByRole("button", { name: "Edit", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: /^Edit the inbox/ });
    await ready(dialog);
    return dialog;
  };

  // By keys alone.
  let dialog = await edit();
  await tabTo(page, dialog.getByRole("radio", { name: "Anybody" }), 60);
  await page.keyboard.press("ArrowRight");
  await tabTo(page, dialog.getByLabel("User", { exact: true }));
  await page.keyboard.type("ann");
  await page.keyboard.press("Enter");
  await dialog.getByText("Give a password.").waitFor();
  await dialog.getByLabel("Password", { exact: true }).fill("p:w");
  assert.deepEqual(await inaccessible(page, "[role=dialog]"), []);
  await page.keyboard.press("Enter");
  await closed(page);
  await page.getByText(/asks for a password/).waitFor();
  await page.getByText(/-u 'ann:PASSWORD'/).waitFor();

  const basic = (text) => [["Authorization", `Basic ${Buffer.from(text).toString("base64")}`]];
  assert.equal((await send(inbox.url, { body: "a" })).status, 401);
  assert.equal((await send(inbox.url, { headers: basic("ann:wrong"), body: "a" })).status, 401);
  assert.equal((await send(`${inbox.url}/in`, { headers: basic("ann:p:w"), body: "a" })).status, 200);
  await page.getByRole("row", { name: /\/in/ }).waitFor();
  await page.getByRole("button", { name: "2 requests were refused" }).click();
  const strays = page.getByRole("dialog");
  await strays.getByText("Refused", { exact: true }).first().waitFor();
  await strays.getByText("answered 401").waitFor();
  await page.keyboard.press("Escape");
  await closed(page);

  // A token that is made here; the password is gone with it.
  dialog = await edit();
  await dialog.getByText("A token", { exact: true }).click();
  await dialog.getByLabel("Header", { exact: true }).fill("X-Token");
  await dialog.getByRole("button", { name: "Make one" }).click();
  const token = await dialog.getByLabel("Token", { exact: true }).inputValue();
  assert.match(token, /^[a-z2-9]{32}$/);
  await dialog.getByLabel("Only from").fill("127.0.0.1\nnonsense");
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await dialog.locator("textarea[aria-invalid=true]").waitFor();
  await dialog.getByLabel("Only from").fill("127.0.0.1");
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await closed(page);
  await page.getByText(/asks for a token, only from allowed addresses/).waitFor();
  assert.equal((await send(inbox.url, { headers: basic("ann:p:w"), body: "a" })).status, 401);
  assert.equal((await send(inbox.url, { headers: [["X-Token", token]], body: "a" })).status, 200);

  // What is kept stays where nothing is written.
  dialog = await edit();
  assert.equal(await dialog.getByLabel("Token", { exact: true }).inputValue(), "");
  await dialog.getByLabel("Only from").fill("10.0.0.0/8");
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await closed(page);
  assert.equal((await send(inbox.url, { headers: [["X-Token", token]], body: "a" })).status, 403);
  assert.deepEqual(
    page.faults.filter((fault) => !fault.includes("422")),
    [],
  );
});

test("who may send to any inbox is a list of addresses, and what is none is told at its line", async (t) => {
  const { server, page } = await stage.begin(t);
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Orders" });
  await go(page, "#/settings?at=reach");
  const list = reach(page).getByLabel("Only from", { exact: true });
  await list.fill("192.168.0.0/16\n10.0.0.0/33");
  await list.blur();
  await reach(page).locator("textarea[aria-invalid=true]").waitFor();
  await list.fill("192.168.0.0/16");
  await list.blur();
  await page.getByText("Who may send: saved").waitFor();
  assert.deepEqual((await server.call("GET", "/v1/settings")).reach.allow, ["192.168.0.0/16"]);
  // This machine always may.
  assert.equal((await send(inbox.url, { body: "a" })).status, 200);
  assert.deepEqual(
    page.faults.filter((fault) => !fault.includes("422")),
    [],
  );
});

test("a network that could not be shut out is shown as let in", async (t) => {
  const { server, page } = await stage.begin(t);
  const { reach: set } = await server.call("GET", "/v1/settings");
  await server.call("PATCH", "/v1/settings", { reach: { ...set, lan: true } });
  await go(page, "#/settings?at=reach");
  const lan = reach(page).getByRole("switch", { name: /^Other machines of the network/ });
  await lan.and(page.locator(":checked")).waitFor();
  await page.route("**/v1/settings", (route) =>
    route.request().method() === "PATCH" ? route.fulfill({ status: 503 }) : route.continue(),
  );
  await lan.press("Space");
  await page.getByText("The setting was not saved").waitFor();
  await lan.and(page.locator(":checked")).waitFor();
  assert.equal((await server.call("GET", "/v1/settings")).reach.lan, true);
  assert.deepEqual(
    page.faults.filter((fault) => !fault.includes("503")),
    [],
  );
});
