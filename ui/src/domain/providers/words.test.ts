import { describe, expect, it } from "vitest";
import type { Provider } from "$api/types";
import { boundsOf, inOrder, isFound, optionOf, throttleText } from "./words";

const provider = {
  id: "acme",
  name: "Acme",
  own: true,
  scheme: "github",
  events: [{ type: "order.created" }],
  throttle: { after: 7, delay_ms: 60_000 },
  limits: { timeout_ms: [5_000, 30_000], retries: null },
} as Provider;

describe("a provider", () => {
  it("is found by its name, its events and its scheme, all words together", () => {
    for (const typed of ["", "acm", "ORDER.cre", "github acme"]) expect(isFound(provider, typed)).toBe(true);
    expect(isFound(provider, "acme stripe")).toBe(false);
  });

  it("stands before the others where it is one's own, and else where its name does", () => {
    const named = (id: string, name: string, own = false) => ({ id, name, own }) as Provider;
    const several = [
      named("generic", "Standard Webhooks"),
      named("github", "GitHub"),
      named("z", "Zed", true),
    ];
    expect(inOrder(several).map((one) => one.id)).toEqual(["z", "github", "generic"]);
  });

  it("is told in words", () => {
    expect(optionOf(provider).note).toBe("own, 1 event");
    expect(throttleText(provider)).toContain("After 7 failed attempts in a row, 1 min");
    expect(throttleText({ throttle: null })).toBeNull();
    expect(boundsOf(provider)).toBe("Customers choose a timeout of 5 s to 30 s.");
    expect(boundsOf({ limits: { timeout_ms: null, retries: null } })).toBeNull();
  });
});
