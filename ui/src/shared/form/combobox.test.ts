import { describe, expect, it } from "vitest";
import { matching, recentFirst } from "./combobox";

const options = [
  { value: "hubspot_v2", title: "HubSpot v2" },
  { value: "standardwebhooks", title: "Standard Webhooks" },
  { value: "webhooksy", title: "Webhooksy", note: "own" },
];
const found = (typed: string) => matching(options, typed).map((one) => one.value);

describe("a list of choices", () => {
  it("is found in by words, what begins with them first", () => {
    expect(found("")).toHaveLength(3);
    expect(found("v2 hub")).toEqual(["hubspot_v2"]);
    expect(found("webhooks")).toEqual(["webhooksy", "standardwebhooks"]);
    expect(found("own")).toEqual(["webhooksy"]);
    expect(found("nothing")).toEqual([]);
  });
});

it("has what was used lately first, the newest first, and forgets what is gone", () => {
  const ordered = recentFirst(options, ["webhooksy", "gone", "hubspot_v2"], "All");
  expect(ordered.map((one) => [one.value, one.group])).toEqual([
    ["webhooksy", "Used lately"],
    ["hubspot_v2", "Used lately"],
    ["standardwebhooks", "All"],
  ]);
  expect(recentFirst(options, [], "All")).toBe(options);
});
