import { describe, expect, it } from "vitest";
import { benchField, type BenchForm, ownStart, signDraft, verifyDraft } from "./bench";

const form: BenchForm = {
  scheme: "pulsewave",
  own: "",
  secret: "whsec_1",
  method: "POST",
  url: "https://a.test/",
  headers: "Content-Type: application/json",
  body: "ä",
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
  });

  it("takes a scheme that is written out", () => {
    expect(signDraft({ ...form, scheme: "own", own: '{"id":"own"}' }).draft?.scheme).toEqual({ id: "own" });
    expect(signDraft({ ...form, scheme: "own", own: "[1]" }).errors?.own).toMatch(/object/);
    expect(signDraft({ ...form, scheme: "own", own: "{" }).errors?.own).toMatch(/not JSON/);
  });

  it("names the fields that are wrong", () => {
    const { errors } = verifyDraft({ ...form, secret: "", headers: "x", at: "noon" });
    expect(Object.keys(errors ?? {})).toEqual(["secret", "headers", "at"]);
    expect(benchField("headers[2]", form)).toBe("headers");
    expect(benchField("scheme.content", { ...form, scheme: "own" })).toBe("own");
    expect(benchField("scheme", form)).toBe("scheme");
    expect(benchField("colour", form)).toBeNull();
  });

  it("begins a scheme of one’s own as a known one", () => {
    expect(ownStart(null)).toBe("{}");
    expect(JSON.parse(ownStart({ id: "a", name: "A", note: "n", sources: ["s"] } as never))).toEqual({
      id: "own",
      name: "Like A",
    });
  });
});
