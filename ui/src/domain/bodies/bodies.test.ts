import { describe, expect, it } from "vitest";
import { indexOfBytes, looksBinary } from "./bytes";
import { decodeText } from "./charset";
import { findInText, markRuns } from "./find";
import { parseForm } from "./form";
import { findInBytes, hexRow, hexRowCount } from "./hex";
import { imageSize, sniffImage } from "./image";
import { layOutRows, positionOf, rowAt, rowCount, rowSpan } from "./lines";
import { decodeExtendedValue, parseHeaderValue } from "./media-type";
import { boundaryOf, parseMultipart, safeFileName } from "./multipart";
import { bestViewer } from "./viewer";
import { visibleSegments, visibleText } from "./visible";
import { prettyXml } from "./xml";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

describe("the viewer that fits", () => {
  const best = (type: string | null, body: string | Uint8Array): string =>
    bestViewer(type, typeof body === "string" ? utf8(body) : body).id;

  it("goes by the declared type where the body does not contradict it", () => {
    expect(best("application/json", '{"a":1}')).toBe("json");
    expect(best("application/cloudevents+json; charset=utf-8", " {}")).toBe("cloudevents");
    expect(best("application/x-ndjson", "1\n2")).toBe("lines");
    expect(best("text/plain", '{"a":1}\n{"b":2}\n')).toBe("lines");
    expect(best("application/json", '{"a":1}\n{"b":2}\n')).toBe("json");
    expect(best("text/plain", "eyJhbGciOiJub25lIn0.e30.")).toBe("jwt");
    expect(best("application/problem+json", " [1]")).toBe("json");
    expect(best("application/x-www-form-urlencoded", "a=1&b=2")).toBe("form");
    expect(best("multipart/form-data; boundary=x", "--x\r\n\r\n1\r\n--x--")).toBe("multipart");
    expect(best("text/xml", "<a/>")).toBe("xml");
    expect(best("text/html", "<p>hi")).toBe("html");
    expect(best("text/plain", "hi")).toBe("text");
    expect(best(null, "hi")).toBe("text");
  });

  it("looks at the body where the type is missing or wrong", () => {
    expect(best(null, '{"a":1}')).toBe("json");
    expect(best("text/plain", '[{"a":1}]')).toBe("json");
    expect(best("application/x-www-form-urlencoded", '{"a":1}')).toBe("json");
    expect(best("application/octet-stream", Uint8Array.from(PNG))).toBe("image");
    expect(best("application/json", Uint8Array.from([0, 1, 2, 255]))).toBe("hex");
    expect(best("image/png", "<script>alert(1)</script>")).toBe("text");
    expect(best(null, '<?xml version="1.0"?><a/>')).toBe("xml");
  });

  it("never takes SVG for an image, and says so when JSON is not JSON", () => {
    expect(best("image/svg+xml", "<svg onload=alert(1)>")).toBe("xml");
    expect(best("application/json", "<html>502 Bad Gateway")).toBe("json");
  });

  it("has something for an empty body and for plain bytes", () => {
    expect(best("application/json", "")).toBe("hex");
    expect(best("text/plain", Uint8Array.from([0, 0, 0]))).toBe("hex");
  });
});

describe("text", () => {
  it("follows the byte order mark, the declared charset, then what the bytes allow", () => {
    expect(decodeText(utf8("é"), "text/plain; charset=utf-8")).toEqual({
      text: "é",
      charset: "utf-8",
      note: null,
    });
    expect(decodeText(latin1("\xe9"), 'text/plain; charset="ISO-8859-1"')).toMatchObject({
      text: "é",
      note: null,
    });
    expect(decodeText(Uint8Array.from([0xff, 0xfe, 0x41, 0]), null)).toMatchObject({ charset: "utf-16le" });
    expect(decodeText(latin1("caf\xe9"), null)).toMatchObject({ text: "café", charset: "windows-1252" });
  });

  it("says what it could not read and never fails", () => {
    expect(decodeText(latin1("a\xff"), "text/plain; charset=utf-8").note).toMatch(/not valid utf-8/);
    expect(decodeText(utf8("x"), "text/plain; charset=no-such").note).toMatch(/not known/);
  });

  it("is the same where a large body is decoded in pieces", () => {
    const text = `x${"é€😀".repeat(200_000)}`;
    expect(decodeText(utf8(text), null)).toMatchObject({ text, charset: "utf-8", note: null });
    const broken = new Uint8Array([...utf8(text), 0xff]);
    expect(decodeText(broken, null).charset).toBe("windows-1252");
  });

  it("tells text from bytes", () => {
    expect(looksBinary(utf8("hello\n\tworld"))).toBe(false);
    expect(looksBinary(Uint8Array.from([1, 2, 3, 4, 5]))).toBe(true);
    expect(looksBinary(Uint8Array.from([0xff, 0xfe, 0x41, 0]))).toBe(false);
  });

  it("names characters that hide or reorder others", () => {
    expect(visibleText("txt\u202eexe\u200b\u0007")).toBe("txt‹RLO›exe‹ZWSP›‹U+0007›");
    expect(visibleText("\ud800x")).toBe("‹U+D800›x");
    expect(visibleSegments("plain 👩‍👧 text\tand tab")).toEqual([
      { text: "plain 👩‍👧 text\tand tab", hidden: null },
    ]);
  });
});

describe("rows of text", () => {
  const shown = (text: string, columns: number): string[] => {
    const rows = layOutRows(text, columns);
    return Array.from({ length: rowCount(rows) }, (_, row) => {
      const { start, end } = rowSpan(rows, row);
      return text.slice(start, end);
    });
  };

  it("breaks at line ends of both kinds and at the width", () => {
    expect(shown("ab\r\ncd\n\nefghijklmnop", 8)).toEqual(["ab", "cd", "", "efghijkl", "mnop"]);
    expect(shown("", 8)).toEqual([""]);
    expect(shown("a\n", 8)).toEqual(["a", ""]);
  });

  it("numbers lines once, whatever rows they take", () => {
    expect([...layOutRows("0123456789\nx", 8).lines]).toEqual([1, 0, 2]);
  });

  it("does not cut a pair of surrogates", () => {
    for (const row of shown("x😀😀😀😀😀😀", 8)) expect(row).not.toMatch(/^[\udc00-\udfff]|[\ud800-\udbff]$/);
  });

  it("finds the row of an offset, and the line and column", () => {
    const rows = layOutRows("0123456789\nabc", 8);
    expect([0, 7, 8, 10, 11, 13].map((offset) => rowAt(rows, offset))).toEqual([0, 0, 1, 1, 2, 2]);
    expect(positionOf("ab\ncd", 4)).toEqual({ line: 2, column: 2 });
  });

  it("lays out 10 MiB on one line, and stops at its limit of rows", () => {
    const long = layOutRows("x".repeat(10 * 1024 * 1024), 100);
    expect(rowCount(long)).toBe(Math.ceil((10 * 1024 * 1024) / 100));
    const cut = layOutRows("\n".repeat(5_000), 80, 1_000);
    expect(cut.cut).toBe(true);
    expect(rowCount(cut)).toBe(1_000);
  });
});

describe("finding", () => {
  it("ignores case without moving offsets", () => {
    expect([...findInText("İİ abc ABC", "abc").offsets]).toEqual([3, 7]);
    expect([...findInText("a.b a+b", "a.b").offsets]).toEqual([0]);
  });

  it("marks a match across the rows it spans", () => {
    const matches = findInText("xxabcdxx", "abcd");
    expect(markRuns("xxabcdxx", 0, 4, matches)).toEqual([
      { text: "xx", match: -1 },
      { text: "ab", match: 0 },
    ]);
    expect(markRuns("xxabcdxx", 4, 8, matches)).toEqual([
      { text: "cd", match: 0 },
      { text: "xx", match: -1 },
    ]);
  });

  it("keeps to its limit", () => {
    expect(findInText("a".repeat(100), "a", 10)).toMatchObject({ capped: true });
  });

  it("finds bytes by text and by hex", () => {
    const bytes = Uint8Array.from([0x1f, 0x8b, 0x41, 0x1f, 0x8b]);
    expect([...findInBytes(bytes, "0x1f 8b").offsets]).toEqual([0, 3]);
    expect([...findInBytes(bytes, "A").offsets]).toEqual([2]);
    expect(indexOfBytes(bytes, new Uint8Array(0))).toBe(-1);
  });
});

describe("hex", () => {
  it("shows offset, digits and ASCII", () => {
    const bytes = utf8("Hello\n");
    expect(hexRow(bytes, 0, 16)).toEqual({
      offset: "00000000",
      cells: ["48", "65", "6c", "6c", "6f", "0a"],
      ascii: ["H", "e", "l", "l", "o", "·"],
    });
    expect(hexRowCount(33, 16)).toBe(3);
  });
});

describe("forms", () => {
  it("keeps order and duplicates, and shows what is broken", () => {
    expect(parseForm("a=1&b=x+y%20z&a=2&flag&&e=%C3%A9").fields).toEqual([
      { name: "a", value: "1", damaged: false },
      { name: "b", value: "x y z", damaged: false },
      { name: "a", value: "2", damaged: false },
      { name: "flag", value: null, damaged: false },
      { name: "e", value: "é", damaged: false },
    ]);
    expect(parseForm("a=%zz&b=%ff&c=100%").fields.map((field) => [field.value, field.damaged])).toEqual([
      ["%zz", true],
      ["\ufffd", true],
      ["100%", true],
    ]);
  });

  it("lists no more than its limit", () => {
    expect(parseForm("&a".repeat(20), 5)).toMatchObject({ cut: true });
  });
});

describe("multipart", () => {
  const body = latin1(
    '--b-1\r\nContent-Disposition: form-data; name="note"\r\n\r\nhi\r\nthere\r\n' +
      '--b-1\r\ncontent-disposition: form-data; name=file; filename="..\\\\..\\\\a\\"b.png"; filename*=UTF-8\'\'caf%C3%A9.png\r\n' +
      "Content-Type: image/png\r\nX-Two: a\r\n b\r\n\r\n\x89PNG\xff--b-12\r\n--b-1--\r\n",
  );

  it("lists parts with their headers and exact bytes", () => {
    const { parts, notices } = parseMultipart(body, "b-1");
    expect(notices).toEqual([]);
    expect(parts.map((part) => [part.name, part.filename, part.contentType])).toEqual([
      ["note", null, null],
      ["file", "café.png", "image/png"],
    ]);
    expect(parts[0]?.body).toEqual(latin1("hi\r\nthere"));
    expect(parts[1]?.body).toEqual(latin1("\x89PNG\xff--b-12"));
    expect(parts[1]?.headers[2]).toEqual(["X-Two", "a b"]);
  });

  it("says what is missing", () => {
    expect(parseMultipart(utf8("--x\r\n\r\ncut"), "x").notices[0]).toMatch(/closing boundary is missing/);
    expect(parseMultipart(utf8("nothing"), "x").notices[0]).toMatch(/does not occur/);
    expect(parseMultipart(utf8("pre\r\n--x\r\n\r\na\r\n--x--\r\npost"), "x").notices).toHaveLength(2);
  });

  it("takes a part without headers, an empty part, and bare line feeds", () => {
    expect(
      parseMultipart(utf8("--x\n\na\n--x\n\n\n--x--"), "x").parts.map((part) => part.body.length),
    ).toEqual([1, 0]);
  });

  it("survives a body of nothing but boundaries", () => {
    const { parts, notices } = parseMultipart(utf8("--x\r\n".repeat(20_000)), "x");
    expect(parts).toHaveLength(10_000);
    expect(notices.at(-1)).toMatch(/first 10000/);
  });

  it("reads the boundary and makes file names safe", () => {
    expect(boundaryOf('multipart/mixed; boundary="a b; c"')).toBe("a b; c");
    expect(boundaryOf("text/plain; boundary=x")).toBeNull();
    expect(safeFileName("../../etc/passwd", "part")).toBe("passwd");
    expect(safeFileName("C:\\x\\evil\u202egnp.exe", "part")).toBe("evilgnp.exe");
    expect(safeFileName("...", "part-1")).toBe("part-1");
    expect(safeFileName("x".repeat(999), "part")).toHaveLength(120);
  });
});

describe("header values", () => {
  it("reads quoted, repeated and broken parameters", () => {
    const parsed = parseHeaderValue('Text/HTML; Charset="utf-8"; x; q="a\\"b;c"; charset=other;');
    expect(parsed.value).toBe("text/html");
    expect([...parsed.params]).toEqual([
      ["charset", "utf-8"],
      ["q", 'a"b;c'],
    ]);
    expect(parseHeaderValue(';="').value).toBe("");
    expect(decodeExtendedValue("nonsense")).toBeNull();
    expect(decodeExtendedValue("no-such'' x")).toBeNull();
  });
});

describe("images", () => {
  it("goes by the bytes alone", () => {
    expect(sniffImage(Uint8Array.from(PNG))).toBe("image/png");
    expect(sniffImage(utf8("GIF89a"))).toBe("image/gif");
    expect(sniffImage(latin1("RIFF\0\0\0\0WEBP"))).toBe("image/webp");
    expect(sniffImage(utf8("<svg xmlns='http://www.w3.org/2000/svg'/>"))).toBeNull();
  });

  it("reads the size a header claims", () => {
    const png = Uint8Array.from([...PNG, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 1, 0x86, 0xa0, 0, 0, 0, 2]);
    expect(imageSize(png)).toEqual({ width: 100_000, height: 2 });
    expect(imageSize(Uint8Array.from(PNG))).toBeNull();
    expect(imageSize(latin1("GIF89a\x02\0\x03\0"))).toBeNull();
  });

  it("reads the size that would be drawn, whatever stands before it", () => {
    const gif = "GIF89a\x02\0\x03\0\x80\0\0" + "rgbRGB" + "\x21\xf9\x04\0\0\0\0\0" + "\x2c";
    expect(imageSize(latin1(`${gif}\0\0\0\0\x02\0\x03\0\0`))).toEqual({ width: 2, height: 3 });
    expect(imageSize(latin1(`${gif}\x01\0\0\0\xff\xff\x03\0\0`))).toEqual({ width: 65_536, height: 3 });
    // Markers that stand alone, and fill bytes.
    const jpeg = "\xff\xd8\xff\x01\xff\xff\xff\xe0\0\x04ab\xff\xd0\xff\xc2\0\x11\x08\xff\xff\xff\xfe\x01";
    expect(imageSize(latin1(jpeg))).toEqual({ width: 65_534, height: 65_535 });
  });
});

describe("XML", () => {
  it("puts one element a line and leaves leaves whole", () => {
    expect(prettyXml('<?xml version="1.0"?><a x="1>2"><b>t</b><c/><!-- < --><d><e/></d></a>')).toEqual({
      text: '<?xml version="1.0"?>\n<a x="1>2">\n  <b>t</b>\n  <c/>\n  <!-- < -->\n  <d>\n    <e/>\n  </d>\n</a>',
      note: null,
    });
  });

  it("expands nothing and fetches nothing", () => {
    const bomb = '<!DOCTYPE x [<!ENTITY a "&b;&b;"><!ENTITY f SYSTEM "file:///etc/passwd">]><x>&a;&f;</x>';
    expect(prettyXml(bomb).text).toBe(bomb.replace("]><x>", "]>\n<x>"));
  });

  it("loses nothing of what is not XML", () => {
    expect(prettyXml("<a><b")).toEqual({
      text: "<a>\n  <b",
      note: "This is not well-formed XML: a “<” is never closed.",
    });
    expect(prettyXml("</a></b>text").text).toBe("</a>\n</b>\ntext");
  });

  it("survives deep nesting", () => {
    const { text } = prettyXml("<a>".repeat(100_000));
    expect(text.split("\n")).toHaveLength(100_000);
  });
});
