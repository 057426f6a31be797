import { describe, expect, it } from "vitest";
import { stringify } from "$api/client";
import { compose, type Composition, formatted, jsonFault, startOf } from "./draft";

const composition: Composition = {
  provider: "pulsewave",
  type: "message.sent",
  envelope: "",
  mode: "data",
  text: '{"id": 12345678901234567890}',
  spelling: "text",
  file: null,
  contentType: "",
  endpoints: null,
};

describe("a composed event", () => {
  it("keeps the digits of its data", () => {
    expect(stringify(compose(composition).draft)).toBe(
      '{"provider":"pulsewave","type":"message.sent","data":{"id": 12345678901234567890}}',
    );
  });

  it("is whole, or wrapped in an envelope", () => {
    expect(compose({ ...composition, mode: "payload", envelope: "old" }).draft).not.toHaveProperty(
      "envelope",
    );
    expect(compose({ ...composition, envelope: "old" }).draft).toMatchObject({ envelope: "old" });
  });

  it("goes to those that are chosen, and to nobody not at all", () => {
    expect(compose({ ...composition, endpoints: ["ep_1"] }).draft?.endpoint_ids).toEqual(["ep_1"]);
    expect(compose({ ...composition, endpoints: [] }).fault?.message).toMatch(/at least one endpoint/);
  });

  it("carries exact bytes", () => {
    const bytes = { ...composition, mode: "bytes" as const, contentType: "text/plain" };
    expect(compose({ ...bytes, text: "ä\n" }).draft).toMatchObject({
      payload_base64: "w6QK",
      content_type: "text/plain",
    });
    expect(compose({ ...bytes, spelling: "base64", text: " w6\nQK " }).draft?.payload_base64).toBe("w6QK");
    expect(compose({ ...bytes, spelling: "base64", text: "%%%" }).fault?.message).toMatch(/not base64/);
    expect(compose({ ...bytes, spelling: "file" }).fault?.message).toBe("Choose a file.");
    expect(compose({ ...bytes, spelling: "file", file: new Uint8Array([255]) }).draft?.payload_base64).toBe(
      "/w==",
    );
  });

  it("is not made of what is no JSON, and says where that stops", () => {
    const { draft, fault } = compose({ ...composition, text: '{\n  "a": 1,\n  b: 2\n}' });
    expect(draft).toBeNull();
    expect(fault?.at?.line).toBe(3);
    expect(jsonFault("  ")?.at?.line).toBe(1);
    expect(jsonFault("[1]")).toBeNull();
  });
});

it("formats without touching a digit, and leaves alone what is no JSON", () => {
  expect(formatted('{"a":1.50,"b":[]}')).toContain("1.50");
  expect(formatted("{a")).toBe("{a");
});

it("starts from the inner part, the whole, or compact bytes", () => {
  const sample = { name: "Event", payload: { data: { a: 1 } }, data: { a: 1 }, query: null };
  expect(startOf(sample, "data")).toBe('{\n  "a": 1\n}');
  expect(startOf(sample, "bytes")).toBe('{"data":{"a":1}}');
  expect(startOf({ ...sample, payload: null }, "payload")).toBe('{\n  "a": 1\n}');
});
