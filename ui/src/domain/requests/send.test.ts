import { describe, expect, it } from "vitest";
import type { CapturedRequest } from "$api/types";
import { editableText, EDITABLE, type SendForm, sendOnOf } from "./send";

const captured = { method: "POST", path: "/a/b", query: "x=1" } as CapturedRequest;
const was = { headers: "A: 1", body: "{}" };
const form: SendForm = {
  target: "url",
  endpointId: "",
  url: " http://127.0.0.1:3000/hooks ",
  path: "",
  resign: "exact",
  edits: null,
};

describe("sending a captured request on", () => {
  it("tells where to and how, and nothing that is as captured", () => {
    expect(sendOnOf(form, captured, was).how).toEqual({
      url: "http://127.0.0.1:3000/hooks",
      resign: "exact",
    });
    const unedited = { method: "POST", query: "x=1", headers: was.headers, body: was.body };
    expect(sendOnOf({ ...form, edits: unedited }, captured, was).how).toEqual({
      url: "http://127.0.0.1:3000/hooks",
      resign: "exact",
    });
  });

  it("tells what was edited", () => {
    const edits = { method: "PUT", query: "x=2&y", headers: "A: 2\nB: (base64) /w==", body: "{é}" };
    const how = sendOnOf(
      { ...form, target: "endpoint", endpointId: "ep_1", path: "/a/b", resign: "fresh", edits },
      captured,
      was,
    ).how;
    expect(how).toEqual({
      endpoint_id: "ep_1",
      resign: "fresh",
      path: "/a/b",
      method: "PUT",
      query: "x=2&y",
      headers: [
        ["A", "2"],
        ["B", { base64: "/w==" }],
      ],
      body_base64: "e8OpfQ==",
    });
  });

  it("tells a query that was taken away, and bytes that are not the captured ones", () => {
    const edits = { method: "POST", query: "", headers: was.headers, body: Uint8Array.from([255]) };
    expect(sendOnOf({ ...form, edits }, captured, was).how).toMatchObject({
      query: null,
      body_base64: "/w==",
    });
    const kept = { ...edits, query: "?x=1", body: null };
    expect(Object.keys(sendOnOf({ ...form, edits: kept }, captured, was).how ?? {})).toEqual([
      "resign",
      "url",
    ]);
  });

  it("names what is missing or wrong", () => {
    expect(sendOnOf({ ...form, url: "127.0.0.1" }, captured, was).errors).toHaveProperty("url");
    expect(sendOnOf({ ...form, target: "endpoint" }, captured, was).errors).toHaveProperty("endpoint_id");
    const edits = { method: " ", query: "", headers: "nonsense", body: null };
    expect(Object.keys(sendOnOf({ ...form, path: "a", edits }, captured, was).errors ?? {})).toEqual([
      "path",
      "method",
      "headers",
    ]);
  });

  it("edits only what an editor gives back byte for byte", () => {
    const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
    expect(editableText(utf8("é\n"))).toBe("é\n");
    expect(editableText(utf8("a\r\nb"))).toBeNull();
    expect(editableText(Uint8Array.from([0xff]))).toBeNull();
    expect(editableText(new Uint8Array(EDITABLE + 1))).toBeNull();
  });
});
