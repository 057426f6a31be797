import { describe, expect, it } from "vitest";
import { adoption } from "./adopt";

const all = [
  { id: "stripe", scheme: "stripe" },
  { id: "generic", scheme: "standardwebhooks" },
  { id: "other", scheme: "standardwebhooks" },
];
const plain = { provider: null, scheme: null };

describe("what an inbox is given", () => {
  it("is the provider where it is certain which", () => {
    expect(adoption(plain, { scheme: "stripe" }, all)).toEqual({ provider: "stripe" });
    expect(adoption(plain, { scheme: "standardwebhooks", providers: ["other"] }, all)).toEqual({
      provider: "other",
    });
    expect(adoption({ provider: null, scheme: "svix" }, { scheme: "stripe" }, all)).toEqual({
      provider: "stripe",
      scheme: null,
    });
  });

  it("is the scheme alone where it is not", () => {
    expect(adoption(plain, { scheme: "standardwebhooks", secret: "whsec_x" }, all)).toEqual({
      scheme: "standardwebhooks",
      secret: "whsec_x",
    });
    expect(adoption(plain, { scheme: "my_own" }, all)).toEqual({ scheme: "my_own" });
  });

  it("says nothing that holds already", () => {
    expect(adoption({ provider: "stripe", scheme: null }, { scheme: "stripe", secret: "s" }, all)).toEqual({
      secret: "s",
    });
    expect(adoption({ provider: "stripe", scheme: "svix" }, { scheme: "svix" }, all)).toEqual({});
  });
});
