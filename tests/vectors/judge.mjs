// The providers' own libraries for Node.js, asked over standard input: one JSON question a line, one answer.
//
//   {"scheme", "op": "verify", "now", "secret", "method", "url", "headers", "body_base64"}  →  {"valid"}
//   {"scheme", "op": "sign", …, "id"}                                                       →  {"headers"}
//
// Header names of questions are in lower case, `now` is in Unix milliseconds. What a library throws counts as
// "not valid": that is how most of them say it.

import readline from "node:readline";

import { signRequest, verifyRequest } from "@contentful/node-apps-toolkit";
import { Signature as HubSpot } from "@hubspot/api-client/lib/src/utils/signature.js";
import { validateSignature as lineValidates } from "@line/bot-sdk";
import { LinearWebhookClient } from "@linear/sdk/webhooks";
import Mux from "@mux/mux-node";
import * as octokit from "@octokit/webhooks-methods";
import { Environment, Paddle } from "@paddle/paddle-node-sdk";
import sendgrid from "@sendgrid/eventwebhook";
import { WorkOS } from "@workos-inc/node";
import { verifyKey } from "discord-interactions";
import Razorpay from "razorpay";
import { Webhook as StandardWebhook } from "standardwebhooks";
import Stripe from "stripe";
import { Webhook as SvixWebhook } from "svix";
import twilio from "twilio";

const stripe = new Stripe("sk_test_unused").webhooks;
const mux = new Mux({ tokenId: "unused", tokenSecret: "unused", webhookSecret: "unused" }).webhooks;
const paddle = new Paddle("unused", { environment: Environment.sandbox }).webhooks;
const workos = new WorkOS("sk_test_unused").webhooks;
const sendgridEvents = new sendgrid.EventWebhook();

const seconds = (ask) => Math.floor(ask.now / 1000);

/** A library of the Standard Webhooks kind; `prefix` begins the names of its headers. */
function standardWebhooks(Webhook, prefix) {
  return {
    // One gives the parsed body, the other nothing: what is wrong, both throw.
    verify: (ask) => (new Webhook(ask.secret).verify(ask.text, ask.headers), true),
    sign: (ask) => ({
      [`${prefix}-id`]: ask.id,
      [`${prefix}-timestamp`]: String(seconds(ask)),
      [`${prefix}-signature`]: new Webhook(ask.secret).sign(ask.id, new Date(ask.now), ask.text),
    }),
  };
}

function hubspot(signatureVersion, header, timestampHeader) {
  return {
    verify: (ask) =>
      HubSpot.isValid({
        signatureVersion,
        signature: ask.headers[header],
        clientSecret: ask.secret,
        requestBody: ask.text,
        url: ask.url,
        method: ask.method,
        timestamp: timestampHeader && Number(ask.headers[timestampHeader]),
      }),
  };
}

const pathOf = (url) => {
  const { pathname, search } = new URL(url);
  return pathname + search;
};

const judges = {
  standardwebhooks: standardWebhooks(StandardWebhook, "webhook"),
  svix: standardWebhooks(SvixWebhook, "svix"),
  stripe: {
    verify: (ask) => Boolean(stripe.constructEvent(ask.bytes, ask.headers["stripe-signature"], ask.secret)),
    sign: (ask) => ({
      "Stripe-Signature": stripe.generateTestHeaderString({
        payload: ask.text,
        secret: ask.secret,
        timestamp: seconds(ask),
      }),
    }),
  },
  github: {
    verify: (ask) => octokit.verify(ask.secret, ask.text, ask.headers["x-hub-signature-256"]),
    sign: async (ask) => ({ "X-Hub-Signature-256": await octokit.sign(ask.secret, ask.text) }),
  },
  twilio: {
    verify: (ask) =>
      twilio.validateRequest(
        ask.secret,
        ask.headers["x-twilio-signature"],
        ask.url,
        Object.fromEntries(new URLSearchParams(ask.text)),
      ),
    sign: (ask) => ({
      "X-Twilio-Signature": twilio.getExpectedTwilioSignature(
        ask.secret,
        ask.url,
        Object.fromEntries(new URLSearchParams(ask.text)),
      ),
    }),
  },
  twilio_json: {
    verify: (ask) =>
      twilio.validateRequestWithBody(ask.secret, ask.headers["x-twilio-signature"], ask.url, ask.text),
  },
  sendgrid: {
    verify: (ask) =>
      sendgridEvents.verifySignature(
        sendgridEvents.convertPublicKeyToECDSA(ask.secret),
        ask.bytes,
        ask.headers["x-twilio-email-event-webhook-signature"],
        ask.headers["x-twilio-email-event-webhook-timestamp"],
      ),
  },
  discord: {
    verify: (ask) =>
      verifyKey(
        ask.bytes,
        ask.headers["x-signature-ed25519"],
        ask.headers["x-signature-timestamp"],
        ask.secret,
      ),
  },
  contentful: {
    verify: (ask) =>
      verifyRequest(ask.secret, {
        method: ask.method,
        path: pathOf(ask.url),
        headers: ask.headers,
        body: ask.text,
      }),
    sign: (ask) =>
      signRequest(ask.secret, { method: ask.method, path: pathOf(ask.url), body: ask.text }, ask.now),
  },
  paddle: { verify: (ask) => paddle.isSignatureValid(ask.text, ask.secret, ask.headers["paddle-signature"]) },
  workos: {
    verify: (ask) =>
      workos.verifyHeader({
        payload: JSON.parse(ask.text),
        sigHeader: ask.headers["workos-signature"],
        secret: ask.secret,
      }),
  },
  mux: { verify: (ask) => mux.verifySignature(ask.text, ask.headers, ask.secret).then(() => true) },
  linear: {
    verify: (ask) => new LinearWebhookClient(ask.secret).verify(ask.bytes, ask.headers["linear-signature"]),
  },
  line: { verify: (ask) => lineValidates(ask.bytes, ask.secret, ask.headers["x-line-signature"]) },
  razorpay: {
    verify: (ask) =>
      Razorpay.validateWebhookSignature(ask.text, ask.headers["x-razorpay-signature"], ask.secret),
  },
  hubspot_v1: hubspot("v1", "x-hubspot-signature"),
  hubspot_v2: hubspot("v2", "x-hubspot-signature"),
  hubspot_v3: hubspot("v3", "x-hubspot-signature-v3", "x-hubspot-request-timestamp"),
};

/** The clock stands at the time of the question: these libraries read it themselves. */
const RealDate = Date;
function standAt(now) {
  globalThis.Date = class extends RealDate {
    constructor(...given) {
      super(...(given.length === 0 ? [now] : given));
    }
    static now() {
      return now;
    }
  };
}

async function answer(ask) {
  const judge = judges[ask.scheme]?.[ask.op];
  if (!judge) return { error: `no judge can ${ask.op} ${ask.scheme}` };
  standAt(ask.now);
  ask.bytes = Buffer.from(ask.body_base64, "base64");
  ask.text = ask.bytes.toString("utf8");
  if (ask.op === "sign") return { headers: await judge(ask) };
  try {
    return { valid: Boolean(await judge(ask)) };
  } catch (thrown) {
    return { valid: false, thrown: String(thrown?.message ?? thrown) };
  }
}

// Only answers go to standard output, whatever a library has to say.
console.log = console.info = console.error;

for await (const line of readline.createInterface({ input: process.stdin })) {
  const ask = JSON.parse(line);
  const told =
    ask.op === "list"
      ? { judges: Object.entries(judges).map(([id, j]) => [id, Boolean(j.sign)]) }
      : await answer(ask);
  process.stdout.write(`${JSON.stringify(told)}\n`);
}
