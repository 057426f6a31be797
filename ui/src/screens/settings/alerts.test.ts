import { expect, test } from "vitest";
import { alerts, chosen } from "./alerts";

test("a choice is added or taken away, and the order stays", () => {
  expect(chosen(["endpoint.recovered"], "endpoint.failing", true)).toEqual([
    "endpoint.failing",
    "endpoint.recovered",
  ]);
  expect(chosen(["endpoint.failing", "delivery.exhausted"], "endpoint.failing", false)).toEqual([
    "delivery.exhausted",
  ]);
  expect(alerts.map((one) => one.alert)).toHaveLength(4);
});
