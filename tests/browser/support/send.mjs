/** What a sender does: requests as a program on the other side of the wire makes them. */

import { createHmac } from "node:crypto";
import { request } from "node:http";
import { connect } from "node:net";
import { buffer } from "node:stream/consumers";

/** Sends a request and answers its `{ status, body }`. Headers are pairs: order and duplicates are kept. */
export function send(url, { method = "POST", headers = [], body = "", agent } = {}) {
  return new Promise((resolve, reject) => {
    const bytes = Buffer.from(body);
    const call = request(url, {
      method,
      agent,
      headers: [...headers, ["Host", new URL(url).host], ["Content-Length", String(bytes.length)]].flat(),
    });
    call.once("error", reject);
    call.once("response", (answer) => {
      buffer(answer).then((got) => resolve({ status: answer.statusCode, body: got.toString() }), reject);
    });
    call.end(bytes);
  });
}

/** Writes bytes on a connection of its own and answers the first line that comes back. */
export function sendRaw(url, bytes) {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.once("error", reject);
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString("latin1").split("\r\n")[0]);
    });
    socket.once("end", () => reject(new Error("the connection ended without an answer")));
  });
}

/** The way Pulsewave signs: HMAC-SHA256 over the body alone, as lower-case hexadecimal. */
export function pulsewave(secret, body) {
  return ["Pulsewave-Signature", createHmac("sha256", secret).update(body).digest("hex")];
}

/** An event as Pulsewave writes it. */
export function pulsewaveEvent(id, data = {}) {
  return JSON.stringify({
    id,
    object: "event",
    type: "message.delivered",
    created_at: "2026-03-01T12:00:00Z",
    data,
  });
}
