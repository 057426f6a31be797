/** Workspaces with a lot in them, made the cheapest real way. */

import { Agent } from "node:http";
import { send } from "./send.mjs";

/** Deliveries of one event, at most so many: an event goes to as many endpoints. */
const width = 200;

/**
 * As many deliveries as asked for, in multiples of 200: a few events to many endpoints, which are disabled, so
 * that nothing is sent and every delivery is kept, paused. Answers the ids of the `oldest` and the `newest`.
 */
export async function manyDeliveries(server, count) {
  const endpoints = await Promise.all(
    Array.from({ length: width }, async (_, number) => {
      const url = `http://127.0.0.1:9/${number}`;
      const provider = "generic";
      const endpoint = await server.call("POST", "/v1/webhook-endpoints", {
        name: `E${number}`,
        url,
        provider,
      });
      await server.call("PATCH", `/v1/webhook-endpoints/${endpoint.id}`, { status: "disabled" });
      return endpoint.id;
    }),
  );
  const event = { type: "message.created", provider: "generic", endpoint_ids: endpoints };
  const ids = [];
  for (let made = 0; made < count; made += width) {
    const { deliveries } = await server.call("POST", "/v1/events", event);
    ids.push(...deliveries.map(({ id }) => id));
  }
  // Ids sort by the time they were made.
  ids.sort();
  return { oldest: ids.at(0), newest: ids.at(-1) };
}

/** As many captured requests as asked for, flooded over connections that are kept. */
export async function manyRequests(server, count, { at = 32 } = {}) {
  const inbox = await server.call("POST", "/v1/inboxes", { name: "Flood" });
  const agent = new Agent({ keepAlive: true, maxSockets: at });
  const headers = [["Content-Type", "application/json"]];
  let next = 0;
  const one = async () => {
    while (next < count) {
      const number = next++;
      await send(`${inbox.url}/${number}`, { headers, body: `{"n":${number}}`, agent });
    }
  };
  await Promise.all(Array.from({ length: at }, one));
  agent.destroy();
  return inbox;
}
