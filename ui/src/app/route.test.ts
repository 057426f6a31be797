import { describe, expect, it } from "vitest";
import { formatRoute, parseRoute } from "./route";

describe("addresses", () => {
  it("name a screen, a thing and a filter", () => {
    expect(parseRoute("#/deliveries/dlv_1?status=failed&q=a%20b")).toEqual({
      screen: "deliveries",
      id: "dlv_1",
      rest: [],
      query: { status: "failed", q: "a b" },
    });
  });

  it("lead home when they say nothing", () => {
    for (const hash of ["", "#", "#/", "#/?"])
      expect(parseRoute(hash)).toMatchObject({ screen: "overview", id: null });
  });

  it("survive being written and read again, whatever is in them", () => {
    const query = { q: "a/b?c=d&e#f +%" };
    const hash = formatRoute("inbox", "req_/?#", query, ["diff", "x y"]);
    expect(parseRoute(hash)).toEqual({ screen: "inbox", id: "req_/?#", rest: ["diff", "x y"], query });
  });

  it("leave out what is empty", () => {
    expect(formatRoute("deliveries", null, { status: "", q: null, endpoint_id: undefined })).toBe(
      "#/deliveries",
    );
  });

  it("that are broken still open", () => {
    expect(parseRoute("#/inbox/%E0%A4%A").id).toBe("%E0%A4%A");
  });
});
