import { describe, expect, it } from "vitest";
import { caps, ChordReader, nameOf } from "./chord";

const stroke = (key: string, more = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, ...more });
const known = new Set(["g d", "g e", "r", "?", "Mod+k"]);

describe("keys", () => {
  it("have names", () => {
    expect(nameOf(stroke("?"))).toBe("?");
    expect(nameOf(stroke("K", { metaKey: true }))).toBe("Mod+k");
    expect(nameOf(stroke("k", { ctrlKey: true, altKey: true }))).toBe("Mod+Alt+k");
  });

  it("act alone or in sequence", () => {
    const reader = new ChordReader();
    expect(reader.read(stroke("r"), known, 0)).toEqual({ match: "r" });
    expect(reader.read(stroke("g"), known, 10)).toEqual({ wait: true });
    expect(reader.read(stroke("d"), known, 20)).toEqual({ match: "g d" });
    expect(reader.read(stroke("d"), known, 30)).toBeNull();
  });

  it("forget a sequence that was left off", () => {
    const reader = new ChordReader();
    reader.read(stroke("g"), known, 0);
    expect(reader.read(stroke("d"), known, 1_500)).toBeNull();
  });

  it("that do not continue a sequence act for themselves", () => {
    const reader = new ChordReader();
    reader.read(stroke("g"), known, 0);
    expect(reader.read(stroke("r"), known, 10)).toEqual({ match: "r" });
  });

  it("are shown as caps", () => {
    expect(caps("Mod+k", true)).toEqual([["⌘", "K"]]);
    expect(caps("g d", false)).toEqual([["G"], ["D"]]);
    expect(caps("Mod++", false)).toEqual([["Ctrl", "+"]]);
  });
});
