import { describe, expect, it } from "vitest";
import type { Headers } from "$api/types";
import { addressOf, bodyFileName, targetOf } from "./address";
import { filterOf, filterText, isFiltered, withFilter } from "./filter";
import { editableHeaders, headerText, repeatedNames } from "./headers";
import { headOf, mendOf, statusWords } from "../signatures/verdict";

describe("filters", () => {
  it("go from the address to the API", () => {
    expect(filterOf({ filter: "method:GET ada", page: "x" }, "inb_1")).toEqual({
      inbox_id: "inb_1",
      filter: "method:GET ada",
    });
    expect(filterOf({ inbox: "inb_1" }, null)).toEqual({});
    expect(isFiltered({ inbox: "inb_1" })).toBe(false);
    expect(isFiltered({ q: "x" })).toBe(true);
  });

  it("are the words of what older links ask for", () => {
    const old = {
      method: "GET",
      verification: "invalid",
      event_type: "message.*",
      since: "1h",
      until: "2026-11-20T00:00:00Z",
      q: "a b",
    };
    expect(filterText(old)).toBe(
      'method:GET invalid type:message.* since:1h until:2026-11-20T00:00:00Z "a b"',
    );
    expect(filterText({ filter: "is:pinned", q: "valid" })).toBe('is:pinned "valid"');
    expect(withFilter("a")).toMatchObject({ filter: "a", q: null, method: null });
  });
});

describe("headers", () => {
  it("are read by any case, with duplicates and bytes marked", () => {
    const headers: Headers = [
      ["X-A", { base64: "/w==" }],
      ["x-a", "text"],
      ["B", "1"],
    ];
    expect(headerText(headers, "x-a")).toBe("text");
    expect([...repeatedNames(headers)]).toEqual(["x-a"]);
  });

  it("are edited without those that are made anew and those that Connection names", () => {
    const headers: Headers = [
      [":path", "/"],
      ["Host", "h"],
      ["X-Hop", "1"],
      ["connection", "close, x-hop"],
      ["Proxy-Authorization", "Basic eA=="],
      ["X-Kept", { base64: "/w==" }],
      ["content-LENGTH", "2"],
      ["Keep-Alive", "5"],
      ["x-kept", "2"],
    ];
    expect(editableHeaders(headers)).toEqual([
      ["X-Kept", { base64: "/w==" }],
      ["x-kept", "2"],
    ]);
  });
});

describe("addresses", () => {
  it("keep path and query as they came", () => {
    expect(targetOf({ path: "/a%2Fb", query: "" })).toBe("/a%2Fb?");
    expect(addressOf({ path: "/", query: null }, "http://127.0.0.1:4800/orders")).toBe(
      "http://127.0.0.1:4800/orders/",
    );
    expect(bodyFileName("req_1", "application/vnd.x+json")).toBe("req_1.json");
    expect(bodyFileName("req_1", "image/png")).toBe("req_1.png");
    expect(bodyFileName("req_1", null)).toBe("req_1.bin");
  });
});

describe("verification in words", () => {
  it("has a mend for whatever is not valid", () => {
    const verification = { scheme: null, message: "", reason: null };
    for (const status of ["unsigned", "no_secret", "not_checked"] as const) {
      expect(statusWords[status].long).not.toBe("");
      expect(mendOf({ ...verification, status })).not.toBeNull();
    }
    expect(mendOf({ ...verification, status: "invalid", reason: "signature_mismatch" })).toMatch(
      /another secret/,
    );
    expect(mendOf({ ...verification, status: "valid" })).toBeNull();
    expect(headOf({ status: "invalid", reason: "signature_mismatch" })).toBe(statusWords.invalid.long);
    expect(headOf({ status: "invalid", reason: "time_stale" })).toMatch(/its time is not/);
    expect(headOf({ status: "unsigned", reason: "header_missing" }, true)).toMatch(/of this scheme/);
  });
});
