/** What keeps the workspace from being written to is said across the page, on every screen, until it is over. */

import assert from "node:assert/strict";
import { rename } from "node:fs/promises";
import { after, before, test } from "node:test";
import { inaccessible } from "./support/axe.mjs";
import { go } from "./support/chromium.mjs";
import { scene } from "./support/scene.mjs";

const stage = scene({ before, after });

test("a folder that is moved away is told across the page until it is back", async (t) => {
  const { server, page } = await stage.begin(t);
  await go(page, "#/settings");
  const banner = page.getByRole("region", { name: "Trouble with the workspace’s folder" });
  const send = () => server.call("POST", "/v1/events", { type: "message.sent", provider: "pulsewave" });
  await send();
  assert.equal(await banner.count(), 0);

  const { data_dir: folder } = await server.call("GET", "/v1/health");
  const away = `${folder}-away`;
  await rename(folder, away);
  try {
    await assert.rejects(send, /503 .*folder-gone/);
    await banner.getByText(/has been moved or removed while Hookbench runs/).waitFor();
    assert.deepEqual(await inaccessible(page), []);
    await go(page, "#/deliveries");
    await banner.waitFor();
    await page.reload();
    await banner.waitFor();
  } finally {
    await rename(away, folder);
  }
  await banner.waitFor({ state: "detached" });
  await send();
});
