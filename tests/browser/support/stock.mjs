/** A workspace with one of everything that an inbox can hold: what a demo’s day of traffic lacks. */

import { gzipSync } from "node:zlib";
import { pulsewaveEvent, send } from "./send.mjs";

const json = ["Content-Type", "application/json"];
const base64url = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const token = `${base64url({ alg: "RS256", kid: "k1" })}.${base64url({ sub: "user_1", exp: 2_000_000_000 })}.c2ln`;
const long = "a-path-that-does-not-end/".repeat(12);

/** Bodies by the name of what they show. */
const bodies = [
  [
    "form",
    [["Content-Type", "application/x-www-form-urlencoded"]],
    "From=%2B15551234567&Body=Hi+there&empty=",
  ],
  [
    "multipart",
    [["Content-Type", "multipart/form-data; boundary=x"]],
    '--x\r\nContent-Disposition: form-data; name="note"\r\n\r\nHello\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="a.json"\r\nContent-Type: application/json\r\n\r\n{"a":1}\r\n--x--\r\n',
  ],
  [
    "xml",
    [["Content-Type", "text/xml"]],
    "<order id='7'><item>Tea</item><!-- two --><item n='2'>Cake</item></order>",
  ],
  ["packed", [json, ["Content-Encoding", "gzip"]], gzipSync('{"packed":true,"n":[1,2,3]}')],
  [
    "cloudevent",
    [["Content-Type", "application/cloudevents-batch+json"]],
    JSON.stringify(
      ["1", "2"].map((id) => ({
        specversion: "1.0",
        id,
        source: "/orders",
        type: "order.paid",
        data: { id },
      })),
    ),
  ],
  ["token", [json, ["Authorization", `Bearer ${token}`]], JSON.stringify({ token })],
  [
    "binary",
    [["Content-Type", "application/x-protobuf"]],
    Buffer.from([8, 150, 1, 18, 4, 116, 101, 115, 116]),
  ],
  ["html", [["Content-Type", "text/html"]], "<!doctype html><title>Hi</title><p>Not drawn, shown.</p>"],
  [
    "right-to-left",
    [json],
    JSON.stringify({ name: "مرحبا بالعالم", note: "שלום עולם", mixed: "abc مرحبا 123" }),
  ],
  ["nothing", [["X-Empty", ""]], ""],
];

/** Makes it, and answers the inbox and the captured requests by name. */
export async function stock(server) {
  const target = await server.call("POST", "/v1/inboxes", { name: "Handler" });
  const inbox = await server.call("POST", "/v1/inboxes", {
    name: "Everything, and a name that is longer than most",
    slug: "everything",
    provider: "pulsewave",
    relay: {
      reply: "inbox",
      targets: [
        { url: target.url, name: "Handler" },
        { url: `http://127.0.0.1:9/${long}`, name: "Nobody there", event_types: ["message.*"] },
        { url: "http://127.0.0.1:9/off", enabled: false, host: "sender" },
      ],
    },
  });
  await server.call("PATCH", `/v1/inboxes/${inbox.id}`, {
    rules: [
      { name: "Fails twice", when: { path: "/again", nth: { from: 1, to: 2 } }, then: { statuses: [503] } },
      {
        enabled: false,
        when: { methods: ["DELETE"] },
        then: { fault: { kind: "reset", after_bytes: 10 } },
      },
    ],
  });
  const requests = {};
  const capture = async (name, path, headers, body) => {
    await send(inbox.url + path, { headers, body });
    const { data } = await server.call("GET", `/v1/requests?limit=1&inbox_id=${inbox.id}`);
    requests[name] = data[0].id;
  };
  for (let turn = 0; turn < 3; turn++)
    await capture("retried", "/again", [json], pulsewaveEvent("evt_again"));
  for (const [name, headers, body] of bodies) await capture(name, `/${name}`, headers, body);
  const wide = Array.from({ length: 30 }, (_, at) => [`X-Header-${at}`, "v".repeat(at * 12)]);
  await capture("wide", `/${long}?${"q=%D8%B9&".repeat(40)}`, [json, ...wide], pulsewaveEvent("evt_wide"));
  return { inbox, requests };
}
