import { describe, expect, it } from "vitest";
import type { Endpoint, EndpointStats } from "$api/types";
import { asSentence } from "$shared/sentence";
import { becomesDraft, deleteText, disableText, healthOf, statusOf } from "./words";

const calm = { failing_since: null, consecutive_failures: 0 } as Endpoint;
const now = Date.parse("2026-11-21T12:00:00.000Z");
const stats = (outcomes: EndpointStats["outcomes"]) => ({ outcomes }) as EndpointStats;

describe("an endpoint's health", () => {
  it("is its run of failures first", () => {
    const failing = { failing_since: "2026-11-21T09:00:00.000Z", consecutive_failures: 12 } as Endpoint;
    expect(healthOf(failing, stats({ delivered: 5 }), now)).toMatchObject({
      tone: "bad",
      text: "Failing for 3 h",
    });
  });

  it("is its share of deliveries then", () => {
    expect(healthOf(calm, undefined, now).text).toBe("No traffic");
    expect(healthOf(calm, stats({ delivered: 7 }), now).tone).toBe("good");
    expect(healthOf(calm, stats({ timeout: 3 }), now)).toMatchObject({ tone: "bad", text: "None delivered" });
    // Nearly all is not all.
    expect(healthOf(calm, stats({ delivered: 999, timeout: 1 }), now).text).toBe("99.9 % delivered");
  });
});

it("names the numbers of what an action does", () => {
  expect(disableText(0)).toMatch(/^No delivery is waiting/);
  expect(disableText(1)).toMatch(/^1 waiting delivery is kept/);
  expect(deleteText(2, 1_200)).toBe(
    "2 waiting deliveries are cancelled. The log keeps 1,200 deliveries to it. Its secret is gone for good.",
  );
});

it("makes a sentence of what the API says of a field", () => {
  expect(asSentence("must not be empty")).toBe("Must not be empty.");
  expect(asSentence("Is one.")).toBe("Is one.");
});

describe("a draft", () => {
  const draft = { ...calm, status: "disabled", draft: true } as Endpoint;

  it("is told apart from what was disabled", () => {
    expect(statusOf(draft).text).toBe("Draft");
    expect(statusOf({ status: "disabled", draft: false }).text).toBe("Disabled");
    expect(healthOf(draft, stats({ timeout: 3 }), now).text).toBe("Not live yet");
  });

  it("is what another address makes of an endpoint that needs a test", () => {
    const live = { url: "https://a.test", provider: "smsportal", draft: false } as Endpoint;
    expect(becomesDraft(live, "https://a.test", "smsportal", true)).toBe(false);
    expect(becomesDraft(live, "https://b.test", "smsportal", true)).toBe(true);
    expect(becomesDraft(live, "https://b.test", "stripe", false)).toBe(false);
    expect(becomesDraft({ ...live, draft: true }, "https://b.test", "smsportal", true)).toBe(false);
    expect(becomesDraft(null, "https://b.test", "smsportal", true)).toBe(false);
  });
});
