import { describe, expect, it } from "vitest";
import { editable, leftBehind, sourceIdOf } from "./source";

const bytes = (...values: number[]) => new Uint8Array(values);
const text = (value: string) => new TextEncoder().encode(value);

describe("what edit and send starts from", () => {
  it("is JSON where it is JSON, in lines", () => {
    expect(editable(text('{"a":1.0}'), "application/json; charset=utf-8")).toMatchObject({
      mode: "payload",
      text: '{\n  "a": 1.0\n}',
      contentType: "",
    });
  });

  it("is text with its type where it is not, JSON that is broken too", () => {
    expect(editable(text("a=1&b=2"), "application/x-www-form-urlencoded")).toMatchObject({
      mode: "bytes",
      spelling: "text",
      text: "a=1&b=2",
      contentType: "application/x-www-form-urlencoded",
    });
    expect(editable(text("{"), "application/json")).toMatchObject({ mode: "bytes", text: "{" });
  });

  it("is base64 where text would not give the same bytes back", () => {
    expect(editable(bytes(0, 1, 255), "")).toMatchObject({ mode: "bytes", spelling: "base64", text: "AAH/" });
    expect(editable(bytes(0xff, 0xfe, 0x61, 0), "text/plain").spelling).toBe("base64");
    expect(editable(bytes(0xe4), "text/plain").spelling).toBe("base64");
  });

  it("says what of a recorded one does not come along", () => {
    const composed: Parameters<typeof leftBehind>[0] = {
      method: "GET",
      path: null,
      query: "a=1",
      headers: [],
      resign: "fresh",
    };
    expect(leftBehind(composed)).toBeNull();
    expect(leftBehind({ ...composed, headers: [["X-Team", "blue"]] })).toBe(
      "It was recorded and sent on; here it is made by its profile, without its method GET, its query and its 1 header.",
    );
    expect(leftBehind({ ...composed, method: "POST", query: null, resign: "exact" })).toBeNull();
  });

  it("is named by any of its ids in the address", () => {
    expect(sourceIdOf({ event: "evt_1" })).toBe("evt_1");
    expect(sourceIdOf({ from: "req_1", event: "evt_1" })).toBe("req_1");
    expect(sourceIdOf({})).toBeNull();
  });
});
