import { describe, expect, it } from "vitest";
import { inText, runsOf } from "./runs";

const told = (text: string, start = 0, end = text.length) =>
  runsOf(text, start, end, [{ kind: "body", start: 0, end: text.length }])
    .map((run) => (run.mark ? `<${run.text}>` : run.text))
    .join("");

describe("the runs of a row", () => {
  it("show what would not be seen", () => {
    expect(told("\ufeff{}\r\n")).toBe("<BOM>{}<CR><LF>");
    expect(told("a b \t")).toBe("a b<SP><TAB>");
    expect(told("a  \nb", 0, 4)).toBe("a<SP><SP><LF>");
    expect(told("a  b")).toBe("a  b");
    expect(told("a  b", 0, 2)).toBe("a ");
    expect(told(" ")).toBe("<SP>");
  });

  it("belong to pieces", () => {
    const text = "1.é\n";
    const bytes = new TextEncoder().encode(text);
    const pieces = inText(
      [
        { kind: "ts", start: 0, end: 1 },
        { kind: "literal", start: 1, end: 2 },
        { kind: "body", start: 2, end: bytes.length },
      ],
      bytes,
    );
    expect(pieces.at(-1)).toEqual({ kind: "body", start: 2, end: 4 });
    expect(runsOf(text, 0, 4, pieces)).toEqual([
      { kind: "ts", text: "1", mark: false },
      { kind: "literal", text: ".", mark: false },
      { kind: "body", text: "é", mark: false },
      { kind: "body", text: "LF", mark: true },
    ]);
  });
});
