import { describe, expect, it } from "vitest";
import type { Inbox } from "$api/types";
import { answerFor, draftOf, fieldOf, formOf } from "./form";

const inbox: Inbox = {
  id: "inb_1",
  slug: "orders",
  name: "Orders",
  url: "http://127.0.0.1:4800/orders",
  urls: ["http://127.0.0.1:4800/orders"],
  provider: "pulsewave",
  scheme: null,
  handshakes: true,
  verify_token: null,
  response: { status: 202, headers: [["X-A", "1"]], body: "ok", delay_ms: 50 },
  retention: { max_requests: 100, max_age_ms: 172_800_000 },
  secret_hint: "…c0de",
  rules: [],
  relay: null,
  access: null,
  allow: [],
  has_secret: true,
  created_at: "2026-11-21T00:00:00.000Z",
};

describe("the form of an inbox", () => {
  it("tells only what changed", () => {
    expect(draftOf(formOf(inbox), inbox)).toEqual({ draft: {}, errors: null });
    const form = {
      ...formOf(inbox),
      name: " Paid ",
      provider: "",
      status: "500",
      maxAge: "3 d",
      secret: "s",
    };
    expect(draftOf(form, inbox).draft).toEqual({
      name: "Paid",
      provider: null,
      secret: "s",
      response: { status: 500 },
      retention: { max_age_ms: 259_200_000 },
    });
  });

  it("keeps the secret unless it is written or taken away", () => {
    expect(draftOf({ ...formOf(inbox), forgetSecret: true }, inbox).draft).toEqual({ secret: null });
    expect(formOf(inbox).secret).toBe("");
  });

  it("makes a new inbox of nothing at all", () => {
    expect(draftOf(formOf(null), null)).toEqual({ draft: {}, errors: null });
  });

  it("takes limits away", () => {
    expect(draftOf({ ...formOf(inbox), maxRequests: "", maxAge: "" }, inbox).draft).toEqual({
      retention: { max_requests: null, max_age_ms: null },
    });
  });

  it("leaves a body of bytes alone", () => {
    const binary = { ...inbox, response: { ...inbox.response, body: { base64: "/w==" } } };
    expect(formOf(binary).body).toBeNull();
    expect(draftOf(formOf(binary), binary).draft).toEqual({});
  });

  it("names each field that is wrong", () => {
    const form = {
      ...formOf(null),
      slug: "A b",
      status: "99",
      delay: "x",
      headers: "nonsense",
      maxRequests: "0",
      maxAge: "soon",
    };
    expect(Object.keys(draftOf(form, null).errors ?? {})).toEqual([
      "slug",
      "status",
      "delay",
      "headers",
      "maxRequests",
      "maxAge",
    ]);
  });

  it("takes times as people write them", () => {
    expect([formOf(inbox).delay, formOf(inbox).maxAge, formOf(null).delay]).toEqual(["50 ms", "2 d", ""]);
    const times = (delay: string, maxAge: string) => draftOf({ ...formOf(inbox), delay, maxAge }, inbox);
    expect(times("1.5 s", "1 h 30 min").draft).toEqual({
      response: { delay_ms: 1_500 },
      retention: { max_age_ms: 5_400_000 },
    });
    expect(times("", "").draft).toEqual({ response: { delay_ms: 0 }, retention: { max_age_ms: null } });
    // The same, written in another way, is no change.
    expect(times("0.05 s", "48 h").draft).toEqual({});
    expect(times("3 min", "30").errors).toEqual({
      delay: "It may wait at most 2 min.",
      maxAge: "Keep them for 1 min at least, or leave it empty to keep them for ever.",
    });
  });

  it("puts the API's errors beside their fields", () => {
    expect(fieldOf("response.status")).toBe("status");
    expect(fieldOf("response.body.base64")).toBe("body");
    expect(fieldOf("other")).toBeNull();
  });

  it("tells another scheme and how handshakes are answered", () => {
    const form = { ...formOf(inbox), scheme: "acme", handshakes: false, verifyToken: " t " };
    expect(draftOf(form, inbox).draft).toEqual({ scheme: "acme", handshakes: false, verify_token: "t" });
    const was = { ...inbox, scheme: "acme", verify_token: "t" };
    expect(draftOf({ ...formOf(was), scheme: "", verifyToken: "" }, was).draft).toEqual({
      scheme: null,
      verify_token: null,
    });
  });
});

it("answers what its provider counts as delivered, where 200 is not that", () => {
  expect(answerFor({ success_statuses: [204] })).toEqual({ status: 204 });
  expect(answerFor({ success_statuses: [200, 204] })).toBeNull();
  expect(answerFor({ success_statuses: null })).toBeNull();
  expect(answerFor(null)).toBeNull();
});

it("tells the answer of a new inbox of a provider, since left out it is what that counts", () => {
  const form = { ...formOf(null), provider: "discord" };
  expect(draftOf(form, null).draft).toEqual({ provider: "discord", response: { status: 200 } });
});
