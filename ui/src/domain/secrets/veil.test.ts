import { describe, expect, it } from "vitest";
import type { Headers } from "$api/types";
import { exchanged, hasVeiled, isVeiled, revealedOf } from "./veil";

const veiled: Headers = [
  ["Authorization", "Bearer (the secret)"],
  ["X-Team", "red"],
  ["X-Key", "(the secret)"],
  ["X-Key", "(the secret)"],
];
const revealed: Headers = [
  ["Authorization", "Bearer tk-1"],
  ["X-Team", "red"],
  ["X-Key", "one"],
  ["X-Key", "two"],
];

describe("veiled headers", () => {
  it("are known by what stands in their place", () => {
    expect(hasVeiled(veiled)).toBe(true);
    expect(hasVeiled(revealed)).toBe(false);
    expect(hasVeiled([["X-Bytes", { base64: "AAE=" }]])).toBe(false);
    expect(isVeiled({ url: "http://h/", headers: veiled })).toBe(true);
    expect(isVeiled({ url: "http://h/?access_token=(the secret)", headers: revealed })).toBe(true);
    expect(isVeiled({ url: "http://h/?a=b", headers: revealed })).toBe(false);
  });

  it("are exchanged line by line, like names in their order, and what was typed stays", () => {
    const typed = "X-Key: (the secret)\nAuthorization: Bearer mine\n\nX-Key: (the secret)\nX-New: 1";
    const shown = "X-Key: one\nAuthorization: Bearer mine\n\nX-Key: two\nX-New: 1";
    expect(exchanged(typed, veiled, revealed)).toBe(shown);
    expect(exchanged(shown, revealed, veiled)).toBe(typed);
  });

  it("are copied without what is shown anyway", () => {
    expect(revealedOf(veiled, revealed)).toEqual([
      { label: "Copy Authorization", text: "tk-1" },
      { label: "Copy X-Key", text: "one" },
      { label: "Copy X-Key", text: "two" },
    ]);
    expect(revealedOf(veiled, veiled)).toEqual([]);
  });
});
