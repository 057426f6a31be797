import { describe, expect, it } from "vitest";
import {
  blank,
  copyOf,
  fieldErrors,
  fieldsOf,
  jsonOf,
  readFile,
  readForm,
  schemeField,
  faultText,
  inFormWords,
} from "./scheme-form";

const standard = {
  id: "standardwebhooks",
  name: "Standard Webhooks",
  signature_header: "webhook-signature",
  signature_format: "v1,{sig}",
  separator: " ",
  several: "parts",
  timestamp: { header: "webhook-timestamp", unit: "s" },
  id_header: "webhook-id",
  content: "{id}.{ts}.{body}",
  algorithm: "hmac-sha256",
  encoding: "base64",
  secret: "whsec_b64",
  tolerance: { past_s: 300, future_s: null },
  extra_headers: [["A", "b: c"]],
  generates: { prefix: "whsec_", encoding: "base64", bytes: 24 },
};

describe("a scheme as a form", () => {
  it("goes into the fields and comes out as it was", () => {
    expect(jsonOf(fieldsOf(standard), standard)).toEqual(standard);
    const box = { ...blank([]), several: { headers: ["x-2", "x-3"] }, timestamp: { unit: "iso" } };
    expect(jsonOf(fieldsOf(box), box)).toEqual(box);
    const inBody = { ...blank([]), timestamp: { body: "/webhookTimestamp", unit: "ms" } };
    expect(jsonOf(fieldsOf(inBody), inBody)).toEqual(inBody);
  });

  it("leaves out what is empty", () => {
    const fields = { ...fieldsOf(standard), time: "none", several: "one", past: "", idHeader: " " } as const;
    const form = jsonOf(fields, standard);
    for (const name of ["timestamp", "several", "tolerance", "id_header"])
      expect(form).not.toHaveProperty(name);
    expect(form.generates).toEqual(standard.generates);
  });

  it("sees what is wrong before asking", () => {
    expect(fieldErrors(fieldsOf(standard))).toEqual({});
    const wrong = { ...fieldsOf(standard), past: "soon", time: "header", timeHeader: "" } as const;
    expect(Object.keys(fieldErrors(wrong))).toEqual(["past", "timeHeader"]);
  });

  it("knows to which field an error belongs", () => {
    expect(schemeField("scheme.content")).toBe("content");
    expect(schemeField("timestamp.header")).toBe("timeHeader");
    expect(schemeField("scheme.extra_headers[1]")).toBe("extraHeaders");
    expect(schemeField("tolerance")).toBe("past");
    expect(schemeField("body_base64")).toBeNull();
  });

  it("names the fields of a fault as the form does", () => {
    expect(faultText("scheme.content", "has `{ts}`, but `timestamp` is missing")).toBe(
      "“Content” has `{ts}`, but “Time” is missing.",
    );
    expect(faultText("scheme", "is of another kind")).toBe("The scheme is of another kind.");
    expect(inFormWords("has `{id}`, but `id_header` is missing")).toBe(
      "has `{id}`, but “Id header” is missing",
    );
  });

  it("is copied under an id that is free", () => {
    expect(copyOf({ ...standard, sources: ["x"] }, []).id).toBe("standardwebhooks_copy");
    expect(copyOf(standard, ["standardwebhooks_copy"])).toMatchObject({
      id: "standardwebhooks_copy_2",
      name: "Standard Webhooks (copy)",
    });
    expect(copyOf({ ...standard, sources: ["x"] }, [])).not.toHaveProperty("sources");
    expect(blank(["my_scheme"]).id).toBe("my_scheme_2");
  });

  it("is read from text and from files", () => {
    expect(readForm('{"id":"a"}').form).toEqual({ id: "a" });
    expect(readForm("[1]").error).toMatch(/object/);
    expect(readForm("{").error).toMatch(/not JSON/);
    expect(readFile('[{"id":"a","about":{}},{"id":"b"}]')).toEqual([{ id: "a" }, { id: "b" }]);
    expect(readFile('{"id":"a"}')).toEqual([{ id: "a" }]);
    expect(readFile("3")).toMatch(/should hold/);
    expect(readFile("[]")).toMatch(/should hold/);
  });
});
