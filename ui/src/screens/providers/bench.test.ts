import { describe, expect, it } from "vitest";
import type { CapturedRequest, Signed } from "$api/types";
import {
  benchField,
  type BenchForm,
  bodyOf,
  formOf,
  rewritten,
  signDraft,
  signedMessage,
  verifyDraft,
  written,
} from "./bench";

const form: BenchForm = {
  scheme: "pulsewave",
  secret: "whsec_1",
  method: "POST",
  url: "https://a.test/",
  headers: "Content-Type: application/json",
  body: "ä",
  bodyForm: "text",
  at: "",
  id: "",
};

describe("the bench", () => {
  it("asks for what is typed, body to the byte", () => {
    expect(signDraft(form).draft).toEqual({
      scheme: "pulsewave",
      secret: "whsec_1",
      method: "POST",
      url: "https://a.test/",
      headers: [["Content-Type", "application/json"]],
      body_base64: "w6Q=",
    });
    expect(signDraft({ ...form, at: "1700000000", id: " msg_1 " }).draft).toMatchObject({
      timestamp: 1_700_000_000,
      id: "msg_1",
    });
    expect(verifyDraft({ ...form, at: "1700000000", id: "msg_1" }).draft).toMatchObject({
      at: 1_700_000_000,
    });
    expect(verifyDraft({ ...form, id: "msg_1" }).draft).not.toHaveProperty("id");
    expect(verifyDraft({ ...form, body: "c3 a4", bodyForm: "hex" }).draft?.body_base64).toBe("w6Q=");
  });

  it("names the fields that are wrong", () => {
    const { errors } = verifyDraft({
      ...form,
      secret: "",
      headers: "x",
      at: "noon",
      body: "c3 a",
      bodyForm: "hex",
    });
    expect(Object.keys(errors ?? {})).toEqual(["secret", "headers", "body", "at"]);
    expect(benchField("headers[2]")).toBe("headers");
    expect(benchField("scheme.content")).toBe("scheme");
    expect(benchField("colour")).toBeNull();
  });

  it("writes a body in the form that holds it", () => {
    const bytes = new Uint8Array([123, 13, 10, 125]);
    expect(written(bytes)).toEqual({ body: "ew0KfQ==", bodyForm: "base64" });
    expect(written(new Uint8Array([123, 10]))).toEqual({ body: "{\n", bodyForm: "text" });
    const held: BenchForm = { ...form, ...written(bytes) };
    expect(rewritten(held, "hex")).toEqual({ body: "7b 0d 0a 7d", bodyForm: "hex" });
    expect(rewritten(held, "text")).toEqual({ body: "ew0KfQ==", bodyForm: "base64" });
    expect(bodyOf({ ...held, ...rewritten(held, "hex") })).toEqual(bytes);
    expect(rewritten({ ...form, body: "ew==", bodyForm: "base64" }, "text")).toEqual({
      body: "{",
      bodyForm: "text",
    });
    expect(bodyOf({ body: "?", bodyForm: "base64" })).toMatch(/not base64/);
  });

  it("takes a captured request over, as of its arrival", () => {
    const request = {
      method: "PUT",
      headers: [["A", "b"]],
      received_at: "2023-11-14T22:13:20.500Z",
      verification: { scheme: "stripe" },
    } as unknown as CapturedRequest;
    expect(formOf(request, new Uint8Array([97]), "http://a.test/", null)).toEqual({
      scheme: "stripe",
      method: "PUT",
      url: "http://a.test/",
      headers: "A: b",
      body: "a",
      bodyForm: "text",
      at: "1700000000",
      id: "",
    });
  });

  it("sends what signing made of the message", () => {
    const signed: Signed = {
      headers: [["X-Sig", "a"]],
      signed_content_base64: "",
      url: null,
      body_base64: null,
    };
    expect(signedMessage(form, signed)).toMatchObject({ url: form.url, body: new Uint8Array([195, 164]) });
    expect(signedMessage(form, { ...signed, url: "https://b.test/", body_base64: "YQ==" })).toEqual({
      url: "https://b.test/",
      headers: [["X-Sig", "a"]],
      body: new Uint8Array([97]),
    });
  });
});
