import { describe, expect, it } from "vitest";
import { asText, inCharacters, isUnfinished, partsOf, quoted, valueOf, withValue } from "./filter-words";

/** The parts as one text: what has a kind stands in brackets behind its first letter. */
const shown = (text: string) =>
  partsOf(text)
    .map(({ text, kind }) => (kind ? `${kind[0]}[${text}]` : text))
    .join("");

describe("the words of a filter", () => {
  it("are told apart for their colours", () => {
    expect(shown("method:POST -valid")).toBe("f[method:]v[POST] j[-]t[valid]");
    expect(shown('body:"a b" or "c:d"')).toBe('f[body:]v["a b"] j[or] t["c:d"]');
    expect(shown("(a not b)")).toBe("(t[a] j[not] t[b])");
    expect(shown("12:30 a-b")).toBe("t[12:30] t[a-b]");
    expect(shown('json:data."a.b"="x y" z')).toBe('f[json:]v[data."a.b"="x y"] t[z]');
    expect(shown("größe:1")).toBe("f[größe:]v[1]");
    expect(shown('"open')).toBe('t["open]');
    expect(shown("")).toBe("");
  });

  it("are marked where they are wrong, by characters", () => {
    const wrong = partsOf("😀 stauts:5", [{ start: 2, end: 8 }]).filter((part) => part.wrong);
    expect(wrong.map((part) => part.text).join("")).toBe("stauts");
    expect(partsOf("a b", [{ start: 2, end: 2 }]).at(-1)).toEqual({ text: "b", kind: "text", wrong: true });
  });

  it("are waited for while one is being written", () => {
    for (const text of ["method:", "a -", 'body:"a b', '"a', "a or", "not"]) {
      expect(isUnfinished(text), text).toBe(true);
    }
    for (const text of ["", "a", "method:POST", 'body:"a b"', '{"a":1}', "orders", 'note:""']) {
      expect(isUnfinished(text), text).toBe(false);
    }
  });

  it("are written by the buttons: in place of those about the same", () => {
    expect(withValue("", "method", "GET")).toBe("method:GET");
    expect(withValue("a  since:1h", "method", "GET")).toBe("a since:1h method:GET");
    expect(withValue("method:POST a", "method", "GET")).toBe("method:GET a");
    expect(withValue("a method:POST b method:PUT", "method", null)).toBe("a b");
    expect(withValue("-valid a", "is", "invalid")).toBe("-invalid a");
    expect(withValue("a -valid", "is", null)).toBe("a");
    expect(withValue('"method:POST"', "method", "GET")).toBe('"method:POST" method:GET');
    expect(withValue("is:pinned", "is", "valid")).toBe("valid");
    expect(withValue('body:"a  b" method:X', "method", null)).toBe('body:"a  b"');
  });

  it("tell the buttons what there is", () => {
    expect(valueOf("a method:GET", "method")).toBe("GET");
    expect(valueOf("invalid", "is")).toBe("invalid");
    expect(valueOf("method:GET or method:PUT", "method")).toBeNull();
    expect(valueOf('"method:GET"', "method")).toBeNull();
  });

  it("stand in quotes where they would mean something else", () => {
    expect(quoted("message.sent")).toBe("message.sent");
    expect(quoted('a "b" \\')).toBe('"a \\"b\\" \\\\"');
    expect(quoted("a*")).toBe('"a*"');
    expect(asText("order")).toBe("order");
    expect(asText("valid")).toBe('"valid"');
    expect(asText("a:b")).toBe('"a:b"');
  });

  it("are counted in characters by the server, and in units here", () => {
    expect(inCharacters("😀a", 3)).toBe(2);
    expect(inCharacters("a", 9)).toBe(1);
  });
});
