import { describe, expect, it } from "vitest";
import type { Headers, Scheme } from "$api/types";
import { likely } from "./likely";

const keyed = (id: string, header: string, format: string, more: object = {}) =>
  ({
    id,
    name: id,
    signature_header: header,
    signature_format: format,
    content: "{body}",
    ...more,
  }) as Scheme;

const all = [
  keyed("standard", "webhook-signature", "v1,{sig}", {
    id_header: "webhook-id",
    timestamp: { header: "webhook-timestamp", unit: "s" },
  }),
  keyed("github", "X-Hub-Signature-256", "sha256={sig}"),
  keyed("meta", "X-Hub-Signature-256", "sha256={sig}"),
  keyed("contacts", "x-webhook-signature", "t={ts},v1={sig}", { timestamp: { unit: "s" } }),
  keyed("sent", "x-webhook-signature", "v1,{sig}", { id_header: "x-webhook-id" }),
  { id: "paypal", name: "PayPal", kind: "paypal" } as Scheme,
];
const ids = (headers: Headers) => likely(all, headers).map(({ id }) => id);

describe("the scheme of a request that was pasted", () => {
  it("is told by its header, whatever its case, and all that share it are named", () => {
    expect(ids([["x-hub-signature-256", "sha256=00"]])).toEqual(["github", "meta"]);
    expect(ids([["Content-Type", "application/json"]])).toEqual([]);
  });

  it("is told by the form of the signature where several have the header", () => {
    expect(ids([["X-Webhook-Signature", "t=1700000000,v1=00"]])).toEqual(["contacts"]);
    expect(ids([["X-Webhook-Signature", "v1,AA=="]])).toEqual(["sent"]);
    expect(ids([["X-Webhook-Signature", "something else"]])).toEqual([]);
  });

  it("is the one whose other headers are there too", () => {
    const both: Headers = [
      ["X-Webhook-Signature", "v1,AA=="],
      ["Webhook-Signature", "v1,AA=="],
      ["Webhook-Id", "one"],
      ["Webhook-Timestamp", "1700000000"],
    ];
    expect(ids(both)).toEqual(["standard"]);
  });
});
