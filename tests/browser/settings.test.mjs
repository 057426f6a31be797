/** The workspace's settings: typed, saved at once, and refused in words. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inaccessible } from "./support/axe.mjs";
import { go } from "./support/chromium.mjs";
import { scene } from "./support/scene.mjs";

const stage = scene({ before, after });

test("the log’s size, the proxy and where deliveries may go are saved as they are typed", async (t) => {
  const { server, page } = await stage.begin(t);
  await go(page, "#/settings");
  const type = async (label, text) => {
    const field = page.getByLabel(label, { exact: true });
    await field.fill(text);
    await field.blur();
  };

  await type("The log may grow to", "500 MiB");
  await page.getByText("The log may grow to: saved").waitFor();
  await type("Proxy", "http://me:hush@proxy.example:3128");
  await page.getByText("Proxy: saved").waitFor();
  await type("Never deliver to", "*.Example.com\n169.254.169.254");
  await page.getByText("Never deliver to: saved").waitFor();
  await page.getByLabel("Deliver to no private network").check({ force: true });
  await page.getByText("Private networks: saved").waitFor();

  const settings = await server.call("GET", "/v1/settings");
  assert.equal(settings.log_max_bytes, 524_288_000);
  assert.equal(settings.proxy, "http://***@proxy.example:3128");
  assert.deepEqual(settings.egress, {
    deny_private: true,
    allow: [],
    deny: ["*.example.com", "169.254.169.254/32"],
  });

  // Shown as they are kept, and what is no rule or too small is refused and stays to be mended.
  await page.reload();
  const deny = page.getByLabel("Never deliver to", { exact: true });
  await deny.waitFor();
  assert.equal(await deny.inputValue(), "*.example.com\n169.254.169.254/32");
  assert.equal(await page.getByLabel("Proxy", { exact: true }).inputValue(), "http://***@proxy.example:3128");
  await type("The log may grow to", "10 B");
  await page.getByText(/^It must lie between 1048576/).waitFor();
  await type("Never deliver to", "no://rule");
  await page.getByText(/is no rule/).waitFor();
  assert.deepEqual((await server.call("GET", "/v1/settings")).egress.deny, settings.egress.deny);
  assert.deepEqual(await inaccessible(page), []);
});

test("a switch that is pressed from within a field keeps what was typed there, and its undo too", async (t) => {
  const { server, page } = await stage.begin(t);
  await go(page, "#/settings");
  // The press leaves the field, so that both are saved at the same moment.
  await page.getByLabel("Never deliver to", { exact: true }).fill("169.254.169.254");
  await page.getByLabel("Deliver to no private network").click({ force: true });
  await page.getByText("Never deliver to: saved").waitFor();
  await page.getByText("Private networks: saved").waitFor();
  const egress = async () => (await server.call("GET", "/v1/settings")).egress;
  const both = { deny_private: true, allow: [], deny: ["169.254.169.254/32"] };
  assert.deepEqual(await egress(), both);
  const said = page.locator(".toast", { hasText: "Never deliver to: saved" });
  await said.getByRole("button", { name: "Undo" }).click();
  await page
    .getByLabel("Never deliver to", { exact: true })
    .and(page.locator(":placeholder-shown"))
    .waitFor();
  assert.deepEqual(await egress(), { ...both, deny: [] });

  // Two of a kind, one right behind the other.
  const told = (name) => page.getByRole("switch", { name });
  await told("An endpoint begins to fail").click({ force: true });
  await told("An endpoint works again").click({ force: true });
  await page.getByText("Notifications: saved").nth(1).waitFor();
  const { notify_on: now } = await server.call("GET", "/v1/settings");
  assert.deepEqual(now, [
    "endpoint.failing",
    "delivery.exhausted",
    "endpoint.disabled",
    "endpoint.recovered",
  ]);
});

test("the metrics are switched on, and off again by the undo", async (t) => {
  const { server, page } = await stage.begin(t);
  await go(page, "#/settings");
  const metrics = (checked) =>
    page
      .getByRole("switch", {
        name: /^Give counts and times at \/metrics/,
        checked,
      })
      .waitFor();
  await metrics(false);
  await page.getByLabel(/Give counts and times/).check({ force: true });
  await page.getByText("Monitoring: saved").waitFor();
  assert.equal((await server.call("GET", "/v1/settings")).metrics, true);
  await page.getByRole("button", { name: "Undo" }).click();
  await metrics(false);
  assert.equal((await server.call("GET", "/v1/settings")).metrics, false);
});
