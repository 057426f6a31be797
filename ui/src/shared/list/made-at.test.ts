import { describe, expect, it } from "vitest";
import { madeAt } from "./made-at";

describe("the time in an id", () => {
  it("is when it was made", () => {
    // The smallest id of its millisecond: 48 bits of time, then nothing.
    const digits = "0123456789abcdefghjkmnpqrstvwxyz";
    const at = Date.UTC(2026, 10, 21, 12, 0, 0, 123);
    let text = "";
    for (let left = at * 4, place = 0; place < 10; place++, left = Math.floor(left / 32)) {
      text = digits[left % 32] + text;
    }
    expect(madeAt(`dlv_${text}${"0".repeat(16)}`)).toBe(at);
  });

  it("is not told by what is no id", () => {
    for (const text of ["", "dlv_", "dlv_0123", "dlv_uuuuuuuuuuuuuuuuuuuuuuuuuu"])
      expect(madeAt(text)).toBeNull();
  });
});
