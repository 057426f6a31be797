// A webhook handler as a receiver would write it from a provider's documentation, with node:crypto
// alone. `node receiver.mjs pulsewave|politicalcomms SECRET` prints its port, then a line of JSON for
// each request: {"ok": whether the signature holds, "type", "id"}.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const [provider, secret] = process.argv.slice(2);

const hmac = (body) => createHmac("sha256", secret).update(body).digest("hex");

const same = (one, other) => {
  const [a, b] = [Buffer.from(one ?? ""), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
};

const judges = {
  // "Pulsewave-Signature" is the bare hex HMAC-SHA256 of the raw body; the key is the whole string.
  pulsewave(headers, body) {
    const event = JSON.parse(body);
    return {
      ok: same(headers["pulsewave-signature"], hmac(body)),
      type: event.type,
      id: event.id,
    };
  },
  // "X-Webhook-Signature: sha256=<hex>" over the body; reject what is older than five minutes. Many
  // receivers parse first and sign what JSON.stringify gives: the sender's compact JSON must stand that.
  politicalcomms(headers, body) {
    const again = JSON.stringify(JSON.parse(body));
    const fresh = Math.abs(Date.now() / 1000 - Number(headers["x-timestamp"])) < 300;
    const ok = same(headers["x-webhook-signature"], `sha256=${hmac(again)}`) && fresh;
    return { ok, type: headers["x-event-type"], id: headers["x-event-id"] };
  },
};

const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const verdict = judges[provider](request.headers, Buffer.concat(chunks));
    process.stdout.write(`${JSON.stringify(verdict)}\n`);
    response.writeHead(verdict.ok ? 200 : 401).end();
  });
});

server.listen(0, "127.0.0.1", () => process.stdout.write(`${server.address().port}\n`));
