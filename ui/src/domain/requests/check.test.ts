import { describe, expect, it } from "vitest";
import type { CapturedRequest, Verified } from "$api/types";
import { checkWords, lackOf, otherVerdicts, questionOf, wayOf } from "./check";

const request = (status: CapturedRequest["verification"]["status"]) => ({
  verification: { status, scheme: "stripe", reason: null, message: "" },
  body_size: 10,
});
const inbox = { provider: "stripe", scheme: null, has_secret: true };
const verified: Verified = {
  status: "valid",
  scheme: "stripe",
  reason: null,
  message: "It is valid.",
  causes: [],
  as_of: "2026-11-21T00:00:00Z",
  at_receipt: null,
  tried: 0,
  exhausted: true,
  matched_secret: null,
  signed_content_base64: null,
  signed_content_size: null,
  expected_signature: null,
  received_signatures: [],
};

it("is another check only where something was checked", () => {
  expect(checkWords(request("invalid"))).toBe("Check with another scheme or secret");
  expect(checkWords(request("unsigned"))).toBe("Check with another scheme or secret");
  expect(checkWords(request("not_checked"))).toBe("Check with a scheme and secret");
  expect(checkWords(request("no_secret"))).toBe("Check with a scheme and secret");
});

it("is said what the inbox lacks by now, not what it lacked when the request came", () => {
  const bare = { provider: null, scheme: null, has_secret: false };
  const adopted = { ...bare, provider: "github" };
  expect([bare, adopted, inbox].map(lackOf)).toEqual(["provider", "secret", null]);
  expect(wayOf(request("not_checked"), bare)).toBeUndefined();
  expect(wayOf(request("not_checked"), adopted)).toMatch(/^Give the inbox the secret/);
  expect(wayOf(request("not_checked"), inbox)).toBeNull();
  expect(wayOf(request("no_secret"), inbox)).toBeNull();
  expect(wayOf(request("invalid"), inbox)).toBeUndefined();
  expect(wayOf(request("not_checked"), null)).toBeUndefined();
});

describe("what is asked about a captured request", () => {
  it("goes by what was found and what the inbox has", () => {
    expect(questionOf(request("valid"), inbox)).toBe("now");
    expect(questionOf({ ...request("valid"), body_size: 2 ** 25 }, inbox)).toBe("none");
    expect(questionOf(request("invalid"), inbox)).toBe("causes");
    expect(questionOf(request("unsigned"), inbox)).toBe("causes");
    expect(questionOf(request("no_secret"), { ...inbox, has_secret: false })).toBe("none");
    expect(questionOf(request("no_secret"), inbox)).toBe("causes");
    expect(questionOf(request("not_checked"), { ...inbox, provider: null })).toBe("recognise");
    expect(questionOf(request("not_checked"), { ...inbox, provider: null, scheme: "own" })).toBe("causes");
    expect(questionOf(request("invalid"), null)).toBe("none");
  });
});

describe("verdicts beside the first", () => {
  it("are none where all say the same", () => {
    expect(otherVerdicts(request("valid"), "now", verified)).toEqual([]);
    expect(otherVerdicts(request("valid"), "now", null)).toEqual([]);
  });

  it("say what a receiver would say now", () => {
    const late: Verified = {
      ...verified,
      status: "invalid",
      message: "Too old.",
      at_receipt: { status: "valid", reason: null, message: "It is valid." },
    };
    expect(otherVerdicts(request("valid"), "now", late).map((one) => [one.title, one.status])).toEqual([
      ["Now", "invalid"],
    ]);
  });

  it("say what another secret has changed", () => {
    expect(otherVerdicts(request("invalid"), "causes", verified)[0]).toMatchObject({
      title: "Checked again",
      status: "valid",
    });
  });
});
