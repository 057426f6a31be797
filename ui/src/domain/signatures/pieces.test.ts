import { describe, expect, it } from "vitest";
import { piecesOf, type Known } from "./pieces";

const bytes = (text: string) => new TextEncoder().encode(text);

function cut(text: string, template: string, known?: Known): string[] {
  const content = bytes(text);
  return piecesOf(content, template, known).map(
    ({ kind, start, end }) => `${kind}:${new TextDecoder().decode(content.subarray(start, end))}`,
  );
}

describe("the pieces of a signed content", () => {
  it("are those of the template, the body being what remains", () => {
    expect(cut('msg_1.1700000000.{"a":"1.2"}', "{id}.{ts}.{body}")).toEqual([
      "id:msg_1",
      "literal:.",
      "ts:1700000000",
      "literal:.",
      'body:{"a":"1.2"}',
    ]);
    expect(cut("{}2024-01-02T03:04:05Z", "{body}{ts}")).toEqual(["body:{}", "ts:2024-01-02T03:04:05Z"]);
    expect(cut("v0:1700000000:é", "v0:{ts}:{body}")).toEqual([
      "literal:v0:",
      "ts:1700000000",
      "literal::",
      "body:é",
    ]);
  });

  it("use what the headers say", () => {
    expect(cut("a.b.1700000000.x", "{id}.{ts}.{body}", { id: "a.b", ts: "1700000000" })).toEqual([
      "id:a.b",
      "literal:.",
      "ts:1700000000",
      "literal:.",
      "body:x",
    ]);
    const url = "https://a.test/x?y=1";
    expect(cut(`POST${url}{}1700000000000`, "{method}{url}{body}{ts}", { url })).toEqual([
      "method:POST",
      `url:${url}`,
      "body:{}",
      "ts:1700000000000",
    ]);
  });

  it("are one where the content is not of that form", () => {
    expect(cut("nothing like it", "{id}.{ts}.{body}")).toEqual(["whole:nothing like it"]);
    expect(cut("POSThttps://a.test/{}1", "{method}{url}{body}")).toEqual(["whole:POSThttps://a.test/{}1"]);
    expect(piecesOf(bytes(""), "{body}")).toEqual([]);
    expect(cut("", "{body}")).toEqual([]);
    expect(cut("x", undefined as unknown as string)).toEqual(["whole:x"]);
  });

  it("keep an empty body and bytes that are not text", () => {
    expect(cut("1700000000.", "{ts}.{body}")).toEqual(["ts:1700000000", "literal:."]);
    const content = new Uint8Array([...bytes("1700000000."), 0xff, 0x00, 0xfe]);
    expect(piecesOf(content, "{ts}.{body}").at(-1)).toEqual({ kind: "body", start: 11, end: 14 });
  });
});
