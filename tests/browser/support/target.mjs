/** A handler of one's own: what an inbox relays to. */

import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";

/**
 * Listens on a port of its own. What came is in `received`, `{ method, url, headers, raw, body }` each, and
 * `answer(request)` says what goes back: `{ status, headers, body }`. It can be stopped and started again at
 * the same address.
 */
export async function startTarget(answer = () => ({})) {
  const received = [];
  const server = createServer(async (request, response) => {
    const { method, url, headers, rawHeaders } = request;
    const came = { method, url, headers, raw: rawHeaders, body: await buffer(request) };
    received.push(came);
    const { status = 200, headers: pairs = [], body = "" } = answer(came);
    response.writeHead(status, pairs.flat());
    response.end(body);
  });
  const listen = (port) =>
    new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", () => {
        server.off("error", reject);
        resolve(undefined);
      });
    });
  await listen(0);
  const { port } = server.address();

  const stop = () =>
    new Promise((resolve) => {
      if (!server.listening) return resolve(undefined);
      server.close(() => resolve(undefined));
      server.closeAllConnections();
    });

  /** Waits until so many requests have come. */
  async function has(count) {
    while (received.length < count) await delay(20);
    return received;
  }

  return { url: `http://127.0.0.1:${port}`, received, has, stop, start: () => listen(port) };
}
