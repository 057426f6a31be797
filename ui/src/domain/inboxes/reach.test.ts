import { describe, expect, it } from "vitest";
import type { Inbox } from "$api/types";
import { accessForm } from "../reach/access";
import { withReach } from "./reach";
import { tryCommand } from "./try";

const inbox = {
  url: "http://127.0.0.1:4800/orders",
  access: { type: "basic", username: "it's me", hint: null },
  allow: ["10.0.0.0/8"],
} as Pick<Inbox, "url" | "access" | "allow"> as Inbox;

describe("who may send, in the draft of an inbox", () => {
  it("is told only where it changed", () => {
    expect(withReach({}, accessForm(inbox.access), "10.0.0.0/8 ", inbox)).toEqual({});
    expect(withReach({ name: "A" }, accessForm(null), "", null)).toEqual({ name: "A" });
    expect(withReach({}, { ...accessForm(inbox.access), type: "none" }, "", inbox)).toEqual({
      access: null,
      allow: [],
    });
  });
});

describe("the command that sends a first request", () => {
  it("has a place for what the inbox asks for", () => {
    expect(tryCommand({ ...inbox, access: null })).toBe(
      `curl http://127.0.0.1:4800/orders \\\n  -H 'Content-Type: application/json' \\\n  --data-raw '{"hello":"webhook"}'`,
    );
    expect(tryCommand(inbox)).toContain(String.raw`-u 'it'\''s me:PASSWORD'`);
    const token = { type: "token", header: "X-Token", query: null, hint: null } as const;
    expect(tryCommand({ ...inbox, access: token })).toContain("-H 'X-Token: TOKEN'");
    expect(tryCommand({ ...inbox, access: { ...token, header: null, query: "a b" } })).toContain(
      "curl 'http://127.0.0.1:4800/orders?a%20b=TOKEN'",
    );
  });
});
