/** What a person opens in the interface and no address names: dialogs, bars, what unfolds. */

import { places } from "./screens.mjs";

const button = (page, name) => page.getByRole("button", { name });
const press = (key, ready) => async (page) => {
  await page.getByRole("article", { name: ready }).waitFor();
  await page.keyboard.press(key);
  // Some read what they show first.
  await page.getByRole("dialog").or(page.getByRole("alertdialog")).waitFor();
};

/** What opens in any workspace: its name, where, and how. */
export const everywhere = [
  ["new inbox", "#/inbox", (page) => button(page, /^(New|Create an) inbox$/).click()],
  ["new endpoint", "#/endpoints", (page) => page.keyboard.press("n")],
  ["palette", "#/overview", (page) => page.keyboard.press("Control+k")],
  ["key sheet", "#/overview", (page) => page.keyboard.press("?")],
];

/** What opens where there is a day of traffic. */
export async function onTraffic(server) {
  const { address } = (await places(server)).find(({ name }) => name === "captured-request");
  const onRequest = (name, key) => [name, address, press(key, "Captured request")];
  return [
    ["try it", "#/overview?try=1", null],
    ["a filter that matches nothing", "#/deliveries?q=no-such-thing", null],
    ["retry matching", "#/deliveries?status=failed", (page) => button(page, "Retry matching").click()],
    onRequest("edit and send", "e"),
    onRequest("send on", "r"),
    onRequest("check again", "v"),
    onRequest("delete a captured request", "Delete"),
  ];
}

/** What opens on a workspace that `stock` has filled. */
export function onStock({ inbox, requests }) {
  const list = `#/inbox?inbox=${inbox.id}`;
  const at = (name) => `#/inbox/${requests[name]}?inbox=${inbox.id}`;
  const fromMenu = (item) => async (page) => {
    await button(page, "More to do with this inbox").click();
    await page.getByRole("menuitem", { name: item }).click();
  };
  return [
    ["answers", list, (page) => button(page, /^Answers/).click()],
    [
      "answers, a rule unfolded",
      list,
      async (page) => {
        await button(page, /^Answers/).click();
        await button(page, "Edit rule 1").click();
      },
    ],
    ["relay", `${list}&relay=${inbox.id}`, (page) => page.getByRole("dialog").waitFor()],
    [
      "relay, a target unfolded",
      `${list}&relay=${inbox.id}`,
      (page) => button(page, "Edit the target Nobody there").click(),
    ],
    ["import requests", list, fromMenu("Import requests…")],
    ["export requests", list, fromMenu("Export requests…")],
    [
      "edit the inbox",
      list,
      async (page) => {
        await page.getByRole("button", { name: "Edit", exact: true }).click();
        const more = button(page, /^(Show|Hide) answer, handshakes/);
        if ((await more.getAttribute("aria-expanded")) === "false") await more.click();
      },
    ],
    ["compare", `${at("retried")}&compare=${requests.wide}`, null],
    ["compare, nothing chosen", `${at("retried")}&compare=choose`, null],
    ...Object.keys(requests).map((name) => [`request ${name}`, at(name), null]),
    [
      "request unfolded",
      at("retried"),
      async (page) => {
        const request = page.getByRole("article", { name: "Captured request" });
        await request.getByRole("button", { name: /^Wire/ }).click();
        await request.getByRole("region", { name: "Retries" }).scrollIntoViewIfNeeded();
        await request.getByText(/^It came 3 times/).waitFor();
      },
      "html",
    ],
    [
      "some chosen",
      list,
      async (page) => {
        await page.keyboard.press("ArrowDown");
        for (const row of (await page.getByRole("row").all()).slice(1, 4))
          await row.getByRole("checkbox").click();
        await page.getByRole("group", { name: "Chosen requests" }).waitFor();
      },
      "html",
    ],
  ];
}
