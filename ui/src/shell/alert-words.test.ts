import { describe, expect, test } from "vitest";
import { wordsOf, type Facts, type Told } from "./alert-words";

const facts: Facts = {
  endpoint_name: "Shop",
  url: "http://shop.example/",
  event_type: "invoice.paid",
  last_attempt: { error: "The server answered 503 Service Unavailable" },
};
const told = (alert: Told["alert"], number = 1): Told => ({
  alert,
  delivery: `dlv_${number}`,
  endpoint: "ep_1",
});

describe("what a page says of alerts", () => {
  test("one is named, with the reason and where to look", () => {
    expect(wordsOf([told("delivery.exhausted")], facts)).toEqual({
      text: "Delivery failed: invoice.paid to Shop",
      detail: "The server answered 503 Service Unavailable",
      good: false,
      address: { screen: "deliveries", id: "dlv_1" },
    });
    expect(wordsOf([told("endpoint.disabled")], facts)).toMatchObject({
      text: "Shop was disabled",
      address: { screen: "endpoints", id: "ep_1" },
    });
    expect(wordsOf([told("endpoint.recovered")], facts)).toMatchObject({
      text: "Shop works again",
      good: true,
    });
    expect(wordsOf([told("endpoint.failing")], null)).toMatchObject({
      text: "An endpoint has begun to fail",
    });
  });

  test("a plain URL has no endpoint to open", () => {
    const plain = { ...told("delivery.exhausted"), endpoint: null };
    const words = wordsOf([plain], { ...facts, endpoint_name: "" });
    expect(words).toMatchObject({
      text: "Delivery failed: invoice.paid to http://shop.example/",
      address: { screen: "deliveries", id: "dlv_1" },
    });
  });

  test("several are counted, each kind for itself, and the newest is named", () => {
    const storm = Array.from({ length: 12 }, (_, number) => told("delivery.exhausted", number));
    expect(wordsOf(storm, facts)).toMatchObject({
      text: "12 deliveries failed",
      detail: "Most recently: Delivery failed: invoice.paid to Shop",
      address: { screen: "deliveries", id: null, query: { status: "failed" } },
    });
    expect(wordsOf([...storm, told("endpoint.disabled")], null)).toMatchObject({
      text: "12 deliveries failed, 1 endpoint was disabled",
      detail: undefined,
      address: { screen: "endpoints", id: null },
    });
    expect(wordsOf([], facts)).toBeNull();
  });
});
