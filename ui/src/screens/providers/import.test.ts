import { describe, expect, it } from "vitest";
import { errorsOf, foundText, nameFrom, placeText } from "./import";

describe("an import", () => {
  it("is named after its first document", () => {
    expect(nameFrom("acme-billing.openapi.yaml")).toBe("Acme billing");
    expect(nameFrom("order.created.schema.json")).toBe("Order created");
    expect(nameFrom("acme.json")).toBe("Acme");
  });

  it("says what it will bring, and of many only the first", () => {
    const found = (count: number) =>
      foundText({
        title: null,
        events: Array.from({ length: count }, (_, at) => ({ type: `e${at}`, name: "" })),
      });
    expect(found(1)).toBe("1 event: e0");
    expect(found(5)).toBe("5 events: e0, e1, e2, e3, e4");
    expect(found(7)).toBe("7 events: e0, e1, e2, e3, e4 and 2 more");
  });

  it("is told at the document, with its place, what is wrong", () => {
    const told = [
      { field: "documents[1]", message: "/webhooks/a/post: has no body: nothing to send" },
      { field: "documents[1]", message: "line 3, column 4: is twice" },
      { field: "name", message: "must not be empty" },
      { field: "events[0].type", message: "is bad" },
    ];
    const errors = errorsOf(told);
    expect(errors.documents.get(1)).toEqual([
      { place: "/webhooks/a/post", problem: "has no body: nothing to send" },
      { place: "line 3, column 4", problem: "is twice" },
    ]);
    expect(errors.fields.name).toBe("Must not be empty.");
    expect(errors.loose).toEqual(["events[0].type: is bad"]);
    expect(placeText("/webhooks/a")).toBe("at /webhooks/a");
    expect(placeText("line 3, column 4")).toBe("line 3, column 4");
    expect(placeText("/")).toBe("");
  });
});
