import { describe, expect, it } from "vitest";
import { address, JsonText, stringify } from "./client";

describe("a call's body", () => {
  it("carries JSON text as it is written, digits and all", () => {
    const text = '{"id": 12345678901234567890, "price": 1.50, "$&": "$1"}';
    expect(stringify({ type: "a", data: new JsonText(text), list: [new JsonText("[ ]")] })).toBe(
      `{"type":"a","data":${text},"list":[[ ]]}`,
    );
  });

  it("is plain JSON otherwise", () => {
    expect(stringify({ a: undefined, b: null })).toBe('{"b":null}');
  });
});

describe("an address", () => {
  it("leaves out what is empty", () => {
    expect(address("/v1/x", { a: "", b: null, c: 0, d: "ä&" })).toBe("/v1/x?c=0&d=%C3%A4%26");
  });
});
