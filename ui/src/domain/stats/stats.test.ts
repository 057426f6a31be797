import { describe, expect, it } from "vitest";
import { bucketFor, gather, successRate } from "./outcomes";

describe("outcomes", () => {
  it("are gathered by who is to blame", () => {
    expect(gather({ delivered: 5, http_error: 2, redirect: 1, timeout: 3, dns_failure: 1 })).toEqual({
      delivered: 5,
      refused: 3,
      unanswered: 4,
    });
  });

  it("give a share that is never rounded up to all", () => {
    expect(successRate({})).toBe("–");
    expect(successRate({ delivered: 3 })).toBe("100 %");
    expect(successRate({ delivered: 99_999, timeout: 1 })).toBe("99.9 %");
    expect(successRate({ delivered: 1, timeout: 2 })).toBe("33.3 %");
    expect(successRate({ timeout: 2 })).toBe("0 %");
  });
});

describe("buckets", () => {
  it("are round and about fifty at most", () => {
    expect(bucketFor(3_600_000)).toBe(300_000);
    expect(bucketFor(86_400_000)).toBe(1_800_000);
    expect(bucketFor(7 * 86_400_000)).toBe(21_600_000);
  });
});
