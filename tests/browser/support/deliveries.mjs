/** Deliveries that fail, and waiting for what becomes of them. */

import { setTimeout as delay } from "node:timers/promises";

/** Sends an event to an endpoint alone; the id of its delivery. */
export async function sendTo(server, { id }) {
  const event = {
    type: "message.delivered",
    provider: "pulsewave",
    endpoint_ids: [id],
  };
  return (await server.call("POST", "/v1/events", event)).deliveries[0].id;
}

/** Waits until a delivery is as wanted. */
export async function reaches(server, id, wanted) {
  while (!wanted(await server.call("GET", `/v1/deliveries/${id}`))) await delay(20);
}

/** An inbox that refuses, and as many deliveries to it that failed for good; its endpoint has `more` to it. */
export async function failures(server, count, more = {}) {
  const secret = "whsec_of_the_orders";
  const inbox = await server.call("POST", "/v1/inboxes", {
    name: "Orders",
    provider: "pulsewave",
    secret,
    response: { status: 503, body: "out of order" },
  });
  const endpoint = await server.call("POST", "/v1/webhook-endpoints", {
    name: "Orders",
    url: inbox.url,
    provider: "pulsewave",
    secret,
    retry: { delays_ms: [], jitter: 0 },
    ...more,
  });
  const event = { type: "message.delivered", provider: "pulsewave" };
  await Promise.all(Array.from({ length: count }, () => server.call("POST", "/v1/events", event)));
  // A test may mend the inbox next: by then all of them have to have failed.
  const failed = () => server.call("GET", "/v1/deliveries/count?status=failed");
  while ((await failed()).count < count) await delay(20);
  return { inbox, endpoint };
}
