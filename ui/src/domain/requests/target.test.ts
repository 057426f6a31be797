import { beforeEach, describe, expect, it, vi } from "vitest";
import { rememberTarget, resignOf, targetErrors, usualTarget } from "./target";

const endpoints = [{ id: "ep_1" }, { id: "ep_2" }];

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
  return () => vi.unstubAllGlobals();
});

describe("where captured requests go", () => {
  it("is the first endpoint, or a URL where there is none", () => {
    expect(usualTarget(endpoints)).toMatchObject({ target: "endpoint", endpointId: "ep_1" });
    expect(usualTarget([])).toMatchObject({ target: "url", endpointId: "", url: "" });
  });

  it("is where the last one went, as far as that is still there", () => {
    rememberTarget({ target: "endpoint", endpointId: "ep_2", url: "" });
    expect(usualTarget(endpoints).endpointId).toBe("ep_2");
    expect(usualTarget(endpoints.slice(0, 1)).endpointId).toBe("ep_1");
    rememberTarget({ target: "url", endpointId: "", url: " http://h/a " });
    expect(usualTarget(endpoints)).toMatchObject({ target: "url", endpointId: "ep_2", url: "http://h/a" });
  });

  it("is said where it is missing", () => {
    const to = usualTarget([]);
    expect(targetErrors(to).url).toMatch(/whole address/);
    expect(targetErrors({ ...to, url: "http:///x" }).url).toMatch(/whole address/);
    expect(targetErrors({ ...to, url: "https://h" })).toEqual({});
    expect(targetErrors({ ...to, target: "endpoint" }).endpoint_id).toMatch(/Choose/);
  });

  it("is signed for as chosen, and as is usual there", () => {
    const to = usualTarget(endpoints);
    expect(resignOf(to)).toBe("fresh");
    expect(resignOf({ ...to, resign: "exact" })).toBe("exact");
    expect(resignOf({ ...to, target: "url" })).toBe("exact");
    expect(resignOf({ ...to, target: "url", resign: "fresh" })).toBe("fresh");
  });
});
