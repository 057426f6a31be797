import { describe, expect, it } from "vitest";
import type { Scheme, SecretInfo } from "$api/types";
import { askedText, halvesText, holding, overlapText, severalText, signsWithAll, untilText } from "./words";

const scheme = (more: Partial<Scheme>): Scheme => ({ id: "one", name: "One", ...more }) as Scheme;
const about = { own: false, signs_url: false, secret: "the signing secret", used_by: 0 };
const secret = (expires_at: string | null): SecretInfo => ({
  id: "1",
  hint: "abcd",
  current: true,
  created_at: "2026-01-01T00:00:00Z",
  expires_at,
  public_half: null,
});
const now = Date.parse("2026-01-01T00:00:00Z");

describe("several secrets", () => {
  it("all sign where the scheme has a form for it, and it is said where", () => {
    const parts = scheme({ several: "parts", signature_header: "Stripe-Signature" });
    expect(signsWithAll(parts)).toBe(true);
    expect(severalText("endpoint", parts)).toContain("side by side in Stripe-Signature");
    const headers = scheme({ several: { headers: ["B"] }, signature_header: "A" });
    expect(severalText("endpoint", headers)).toContain("in the headers A and B");
    expect(overlapText("endpoint", parts)).toContain("both sign");
  });

  it("the current one signs where it has none", () => {
    expect(severalText("endpoint", scheme({}))).toBe(
      "Only the current one signs: One has no form for several signatures.",
    );
    expect(overlapText("endpoint", scheme({}))).toContain("one signature");
  });

  it("any of them verifies for an inbox", () => {
    expect(severalText("inbox", null)).toContain("any of them");
    expect(overlapText("inbox", null)).toContain("valid as well");
  });
});

describe("words of a secret", () => {
  it("follow the scheme", () => {
    expect(askedText(null)).toBe("The signing secret, as its owner writes it.");
    const ed = scheme({ about: { ...about, asymmetric: true, secret: "an Ed25519 key" } });
    expect(askedText(ed)).toBe("An Ed25519 key.");
    expect(halvesText("endpoint", ed)).toContain("public key");
    expect(halvesText("endpoint", scheme({ about: { ...about, asymmetric: false } }))).toBeNull();
  });

  it("count an overlap down, and leave out what has ended", () => {
    expect(untilText(secret(null), now)).toBe("until it is ended");
    expect(untilText(secret("2026-01-01T00:01:30Z"), now)).toBe("for 1 min 30 s more");
    expect(holding([secret(null), secret("2026-01-01T00:00:00Z")], now)).toHaveLength(1);
  });
});
