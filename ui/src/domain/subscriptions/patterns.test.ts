import { describe, expect, it } from "vitest";
import { groupTypes, matches, patternsText, subscribes, toggle } from "./patterns";

describe("subscriptions", () => {
  it("match by name, by prefix and by star", () => {
    expect(matches("*", "a")).toBe(true);
    expect(matches("message.*", "message.sent")).toBe(true);
    expect(matches("message.*", "messages.sent")).toBe(false);
    expect(matches("message.sent", "message.sent.twice")).toBe(false);
    expect(subscribes([], "a")).toBe(false);
    expect(subscribes(["b", "a"], "a")).toBe(true);
  });

  it("lose what a new prefix covers, and nothing else", () => {
    expect(toggle(["message.sent", "link.clicked"], "message.*")).toEqual(["link.clicked", "message.*"]);
    expect(toggle(["message.*"], "message.*")).toEqual([]);
    expect(toggle(["a"], "b")).toEqual(["a", "b"]);
  });

  it("are grouped by prefix in their order", () => {
    expect(groupTypes(["message.sent", "domain.verified", "message.read", "ping"])).toEqual([
      { prefix: "message.*", types: ["message.sent", "message.read"] },
      { prefix: "domain.*", types: ["domain.verified"] },
      { prefix: null, types: ["ping"] },
    ]);
  });

  it("are told in a row", () => {
    expect(patternsText(["*"])).toBe("all events");
    expect(patternsText([])).toBe("no events");
    expect(patternsText(["a", "b"])).toBe("a, b");
    expect(patternsText(["a", "b", "c"])).toBe("a and 2 more");
  });
});
