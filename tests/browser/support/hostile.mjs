/**
 * Requests that mean harm: to whoever looks at them, to the page that shows them, or to the program that reads
 * them. Each is `{ name, type?, headers?, body, path? }`; `type` is the content type that it claims.
 */

import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { more } from "./hostile-more.mjs";
import { hidden, markup } from "./watch.mjs";

const json = "application/json";
const MiB = 1024 * 1024;
const line = markup.replaceAll("\n", " ");
const marked = (text) => `<img src=x onerror="pwned('${text}')">`;
const base64url = (text) => Buffer.from(text).toString("base64url");
const token = (header, claims, signature = "c2ln") =>
  `${base64url(header)}.${base64url(claims)}${signature === null ? "" : `.${signature}`}`;
const named = (prefix, entries) =>
  Object.entries(entries).map(([name, one]) => ({
    name: `${prefix}: ${name}`,
    ...one,
  }));

/** Scripts wherever a script can stand. */
const scripts = named("script", {
  "as HTML": { type: "text/html", body: markup },
  "as XHTML": {
    type: "application/xhtml+xml",
    body: `<html xmlns="http://www.w3.org/1999/xhtml"><body onload="pwned('xhtml')"/></html>`,
  },
  "as HTML without a type": { body: `<!DOCTYPE html><html>${markup}</html>` },
  "as text": { type: "text/plain", body: markup },
  "as JSON that is HTML": { type: json, body: markup },
  "in keys and values of JSON": {
    type: json,
    body: JSON.stringify({ [markup]: markup, a: [markup, { [line]: 1 }] }),
  },
  "in a JSON text": { type: json, body: JSON.stringify(markup) },
  "in a path of JSON": {
    type: json,
    body: JSON.stringify({ a: { [`"]<script>pwned('p')</script>`]: 1 } }),
  },
  "in the event type": {
    type: json,
    body: JSON.stringify({ type: markup, id: markup, event: markup }),
  },
  "in the content type": {
    headers: [["Content-Type", `text/html; charset="${line}"`]],
    body: "a",
  },
  "in the path and query": {
    path: `/${encodeURIComponent(markup)}?${encodeURIComponent(markup)}=${encodeURIComponent(markup)}`,
    body: "",
  },
  "in a form": {
    type: "application/x-www-form-urlencoded",
    body: `${encodeURIComponent(markup)}=${encodeURIComponent(markup)}&<script>=<b>`,
  },
  "in style sheets": {
    type: "text/css",
    body: "@import url(http://127.0.0.1:9/a.css); *{display:none}",
  },
  "as a module": {
    type: "text/javascript",
    body: "pwned('module'); import('http://127.0.0.1:9/a.js')",
  },
  "as JSON with a callback": {
    type: "application/javascript",
    body: "pwned({})",
  },
  "as a data address": {
    type: "text/uri-list",
    body: "data:text/html,<script>pwned('data')</script>",
  },
  "as an address": {
    type: json,
    body: JSON.stringify({
      url: "javascript:pwned('url')",
      href: "data:text/html,<b>",
    }),
  },
  "as a shortcut": {
    type: "application/internet-shortcut",
    body: "[InternetShortcut]\nURL=javascript:pwned(1)",
  },
  "in templates": {
    type: "text/plain",
    body: "{{7*7}} ${pwned(1)} <%= pwned(1) %> #{pwned(1)} {@html '<b>'}",
  },
});

/** Pictures that are something else, or too much. */
const png = (width, height) => {
  const head = Buffer.alloc(33);
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]).copy(head);
  head.write("IHDR", 12);
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  head.set([8, 6, 0, 0, 0], 24);
  return head;
};
const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="pwned('svg')"><script>pwned('s')</script><image href="http://127.0.0.1:9/x.png"/><foreignObject><iframe src="javascript:pwned(1)"/></foreignObject></svg>`;
const images = named("picture", {
  "SVG with a script": { type: "image/svg+xml", body: svg },
  "SVG as PNG": { type: "image/png", body: svg },
  "SVG without a type": { body: svg },
  "of 4 thousand million pixels": {
    type: "image/png",
    body: png(65_535, 65_535),
  },
  "of the most pixels there are": {
    type: "image/png",
    body: png(0xffffffff, 0xffffffff),
  },
  "without a size": { type: "image/png", body: png(0, 0) },
  "cut short": { type: "image/png", body: png(10, 10).subarray(0, 20) },
  "of noise": {
    type: "image/jpeg",
    body: Buffer.from([0xff, 0xd8, 0xff, ...Array(5_000).fill(0xff)]),
  },
  "JPEG of markers that go nowhere": {
    type: "image/jpeg",
    body: Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0]), Buffer.alloc(9_000, 0xff)]),
  },
  "GIF that is a script too": {
    type: "image/gif",
    body: "GIF89a/*<script>pwned('gif')</script>*/=1;pwned('g')",
  },
  "WebP of a lie": {
    type: "image/webp",
    body: Buffer.concat([Buffer.from("RIFF\xff\xff\xff\xffWEBPVP8X", "latin1"), Buffer.alloc(20, 0xff)]),
  },
});

/** Little that becomes very much, and what only says that it is packed. */
const zeros = Buffer.alloc(100 * MiB);
const spaces = Buffer.alloc(80 * MiB, " ");
const bomb = gzipSync(zeros, { level: 9 });
const packed = named("packed", {
  "a bomb": { type: json, headers: [["Content-Encoding", "gzip"]], body: bomb },
  "a bomb that does not say so": {
    type: "application/octet-stream",
    body: bomb,
  },
  "a bomb of text": {
    type: "text/plain",
    headers: [["Content-Encoding", "br"]],
    body: brotliCompressSync(spaces, { params: { [1]: 4 } }),
  },
  "a bomb in a bomb": {
    headers: [["Content-Encoding", "gzip, gzip"]],
    body: gzipSync(bomb),
  },
  "a bomb of HTML": {
    type: "text/html",
    headers: [["Content-Encoding", "deflate"]],
    body: deflateSync(markup.repeat(20_000)),
  },
  "a thousand layers": {
    headers: [["Content-Encoding", Array(1_000).fill("gzip").join(",")]],
    body: gzipSync("a"),
  },
  "nothing of the kind": {
    type: json,
    headers: [["Content-Encoding", "br"]],
    body: '{"a":1}',
  },
  "cut short": {
    type: json,
    headers: [["Content-Encoding", "gzip"]],
    body: gzipSync("again ".repeat(9_000)).subarray(0, 40),
  },
  "with more behind": {
    headers: [["Content-Encoding", "gzip"]],
    body: Buffer.concat([gzipSync("a"), Buffer.from(markup)]),
  },
  "without its wrapper": {
    type: "text/html",
    headers: [["Content-Encoding", "deflate"]],
    body: deflateRawSync(markup),
  },
  "by a coding of markup": {
    headers: [["Content-Encoding", line]],
    body: markup,
  },
  "in zstd that is none": {
    headers: [["Content-Encoding", "zstd"]],
    body: Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xff, 0xff, 0xff, 0xff]),
  },
  "in zstd of a huge window": {
    body: Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff, 0x01, 0x00, 0x00]),
  },
});

/** JSON that is too deep, too wide, or not what it seems. */
const levels = 100_000;
const texts = named("JSON", {
  "of arrays in arrays": {
    type: json,
    body: "[".repeat(levels) + "]".repeat(levels),
  },
  "of objects in objects": {
    type: json,
    body: '{"a":'.repeat(levels) + "1" + "}".repeat(levels),
  },
  "that is never closed": { type: json, body: '[{"a":'.repeat(50_000) },
  "of a million items": { type: json, body: `[${"0,".repeat(999_999)}0]` },
  "of a key of a mebibyte": {
    type: json,
    body: JSON.stringify({ ["k".repeat(MiB)]: 1 }),
  },
  "of a text of two mebibytes": {
    type: json,
    body: JSON.stringify({ text: "<b>".repeat(660_000) }),
  },
  "of fifty thousand equal keys": {
    type: json,
    body: `{${Array(50_000).fill('"same":1').join(",")}}`,
  },
  "of prototypes": {
    type: json,
    body: '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"toString":1,"hasOwnProperty":2}',
  },
  "of numbers beyond any double": {
    type: json,
    body: `[1e999999,-0,${"9".repeat(100_000)},0.${"1".repeat(50_000)}]`,
  },
  "of halves of pairs": {
    type: json,
    body: '{"\\ud800":"\\udfff\\ud83d","a":"\\ud83d\\ude00"}',
  },
  "of hidden characters": {
    type: json,
    body: JSON.stringify({
      [hidden]: hidden,
      "\u{e0041}\u{e0042}": "\u3164\ufff9",
    }),
  },
  "of escapes": { type: json, body: `["${"\\u0000".repeat(50_000)}"]` },
  "of space": {
    type: json,
    body: `[${" ".repeat(MiB)}1${"\n".repeat(200_000)}]`,
  },
  "that is not UTF-8": {
    type: json,
    body: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0xc0, 0xaf, 0x7d]),
  },
  "in UTF-16": {
    type: "application/json; charset=utf-16le",
    body: Buffer.from(`{"a":"${markup.slice(0, 30)}"}`, "utf16le"),
  },
  "with a NUL": { type: json, body: '{"a":"\u0000"}' },
  "with a control character": { type: json, body: '{"a":"\u001b[2J\u0007"}' },
  "by the line": {
    type: "application/x-ndjson",
    body: `${JSON.stringify({ [markup]: 1 })}\n`.repeat(2_000),
  },
  "by the line, and none": {
    type: "application/x-ndjson",
    body: `{"a":1}\n${markup}\n]][[\n`,
  },
});

/** XML that would fetch, grow or never end. */
const laughs = Array.from({ length: 9 }, (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`).join(
  "",
);
const xml = named("XML", {
  "of a billion laughs": {
    type: "application/xml",
    body: `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l0 "ha">${laughs}]><l>&l9;</l>`,
  },
  "of one entity, quadratic": {
    type: "text/xml",
    body: `<!DOCTYPE a [<!ENTITY a "${"a".repeat(50_000)}">]><a>${"&a;".repeat(50_000)}</a>`,
  },
  "of a file": {
    type: "application/xml",
    body: `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>`,
  },
  "of an address": {
    type: "application/xml",
    body: `<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="http://127.0.0.1:9/"/></a>`,
  },
  "of a style sheet": {
    type: "application/xml",
    body: `<?xml-stylesheet href="http://127.0.0.1:9/a.xsl" type="text/xsl"?><a/>`,
  },
  "of scripts": {
    type: "application/xml",
    body: `<x:script xmlns:x="http://www.w3.org/1999/xhtml">pwned('xml')</x:script>`,
  },
  "of a hundred thousand levels": {
    type: "application/xml",
    body: "<a>".repeat(levels) + "</a>".repeat(levels),
  },
  "never closed": {
    type: "application/xml",
    body: `<a b="${"<".repeat(100_000)}`,
  },
  "of attributes": {
    type: "application/xml",
    body: `<a ${Array.from({ length: 20_000 }, (_, at) => `a${at}="${at}"`).join(" ")}/>`,
  },
  "of comments": {
    type: "application/xml",
    body: `<a>${"<!-- -- -->".repeat(20_000)}<!--${markup}--></a>`,
  },
  "of a hundred thousand children": {
    type: "application/xml",
    body: `<a>${"<b/>".repeat(levels)}</a>`,
  },
  "of hidden characters": { type: "application/xml", body: `<a>${hidden}</a>` },
});

/** Parts without end, within themselves, or named to do harm. */
const form = "multipart/form-data; boundary=b";
const part = (name, filename, body) =>
  `--b\r\nContent-Disposition: form-data; name="${name}"; filename="${filename}"\r\nContent-Type: text/html\r\n\r\n${body}\r\n`;
const parts = named("parts", {
  "of markup": {
    type: form,
    body: `${part(marked("name"), "\u202egnp.html", markup)}--b--\r\n`,
  },
  "that climb out": {
    type: form,
    body: `${part("a", "../../../../etc/passwd", "a")}${part("b", "C:\\\\con", "b")}--b--`,
  },
  "without an end": { type: form, body: part("a", "a", "x".repeat(100_000)) },
  "without a boundary": {
    type: "multipart/form-data",
    body: part("a", "a", "b"),
  },
  "of a boundary that never comes": {
    type: "multipart/form-data; boundary=zzz",
    body: part("a", "a", "b"),
  },
  "of nothing but boundaries": { type: form, body: "--b\r\n".repeat(100_000) },
  "of an empty boundary": {
    type: 'multipart/form-data; boundary=""',
    body: "--\r\n\r\n--",
  },
  "in parts in parts": {
    type: "multipart/mixed; boundary=b0",
    body: Array.from(
      { length: 60 },
      (_, at) => `--b${at}\r\nContent-Type: multipart/mixed; boundary=b${at + 1}\r\n\r\n`,
    ).join(""),
  },
  "of headers without end": {
    type: form,
    body: `--b\r\n${"X-A: b\r\n".repeat(20_000)}`,
  },
  "of ten thousand fields": {
    type: "application/x-www-form-urlencoded",
    body: Array.from({ length: 10_000 }, (_, at) => `a${at}=%${at}`).join("&"),
  },
  "of broken escapes": {
    type: "application/x-www-form-urlencoded",
    body: "%=%%&%zz=%f&a=%00%ff%e2%80%ae&&&==",
  },
});

/** Tokens and events that lie about themselves. */
const event = { specversion: "1.0", id: "1", source: "/", type: "t" };
const claims = named("claim", {
  "a token without a signature": {
    type: "application/jwt",
    body: token('{"alg":"none"}', '{"admin":true}', ""),
  },
  "a token of markup": {
    body: token(JSON.stringify({ alg: markup, kid: marked("kid") }), JSON.stringify({ sub: markup })),
  },
  "a token of no JSON": {
    body: `${base64url('{"a":')}.${base64url("<b>")}.c2ln`,
  },
  "a token of impossible times": {
    body: token('{"alg":"HS256"}', '{"exp":1e308,"iat":-1e308,"nbf":"<b>","auth_time":253402300799}'),
  },
  "a token of deep claims": {
    body: token('{"alg":"HS256"}', "[".repeat(20_000) + "]".repeat(20_000)),
  },
  "a token in a header": {
    headers: [["Authorization", `Bearer ${token('{"alg":"none"}', JSON.stringify({ sub: markup }))}`]],
    body: "",
  },
  "a token in JSON": {
    type: json,
    body: JSON.stringify({
      token: token('{"alg":"none"}', JSON.stringify({ sub: markup })),
    }),
  },
  "an event of markup": {
    type: "application/cloudevents+json",
    body: JSON.stringify({
      ...event,
      type: markup,
      [marked("x")]: markup,
      datacontenttype: "text/html",
      data: markup,
    }),
  },
  "an event in an event": {
    type: "application/cloudevents+json",
    body: JSON.stringify(
      Array.from({ length: 200 }).reduce(
        (data) => ({ ...event, datacontenttype: "application/cloudevents+json", data }),
        1,
      ),
    ),
  },
  "an event of an image": {
    type: "application/cloudevents+json",
    body: JSON.stringify({
      ...event,
      datacontenttype: "image/png",
      data_base64: Buffer.from(svg).toString("base64"),
    }),
  },
  "a batch of twenty thousand": {
    type: "application/cloudevents-batch+json",
    body: `[${Array(20_000).fill(JSON.stringify(event)).join(",")}]`,
  },
  "a batch that is none": {
    type: "application/cloudevents-batch+json",
    body: '[1,null,"<b>",[[]]]',
  },
  "an event in headers": {
    headers: [
      ["ce-specversion", line],
      ["ce-type", encodeURIComponent(markup)],
      ["ce-id", "%zz%00%e2%80%ae"],
    ],
    body: "a",
  },
});

/** Texts that hide, and bytes that are none. */
const bytes = named("text", {
  "of hidden characters": { type: "text/plain", body: hidden.repeat(500) },
  "of tags": {
    type: "text/plain",
    body: `a${"\u{e0041}\u{e007f}".repeat(2_000)}b\u3164\u2800\u034f`,
  },
  "of a terminal": {
    type: "text/plain",
    body: "\u001b]0;owned\u0007\u001b[31mred\u001b[2J\r\rback\b\b",
  },
  "in UTF-16 without a mark": {
    type: "text/plain; charset=utf-16",
    body: Buffer.from(markup, "utf16le"),
  },
  "in UTF-7": {
    type: "text/html; charset=utf-7",
    body: "+ADw-script+AD4-pwned(1)+ADw-/script+AD4-",
  },
  "in no charset there is": {
    type: `text/plain; charset=${"x".repeat(300)}`,
    body: "é",
  },
  "that is not UTF-8": {
    type: "text/plain",
    body: Buffer.from(Array.from({ length: 4_096 }, (_, at) => at % 256)),
  },
  "of one line": { type: "text/plain", body: "a<b>".repeat(500_000) },
  "of a million lines": { type: "text/plain", body: "\n".repeat(1_000_000) },
  "of marks upon marks": {
    type: "text/plain",
    body: `a${"\u0300".repeat(50_000)}`,
  },
  "of right and left": {
    type: "text/plain",
    body: "\u202e\u2067".repeat(10_000),
  },
  "of zeros": { type: "text/plain", body: Buffer.alloc(MiB) },
  "of no type that it says": {
    type: "application/x-protobuf",
    body: Buffer.from([8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]),
  },
  "of a type without end": { type: "a/".repeat(2_000), body: "a" },
});

/** Headers that say what they should not. */
const headers = named("header", {
  "of markup": {
    headers: [
      ["X-Markup", line],
      ["Referer", "javascript:pwned('referer')"],
      ["User-Agent", line],
    ],
    body: "",
  },
  "of hidden characters": {
    headers: [["X-Hidden", Buffer.from("a\u202egnp.exe\u200b").toString("latin1")]],
    body: "",
  },
  "that is not UTF-8": { headers: [["X-Bytes", "\xff\xfe\xc0\xaf"]], body: "" },
  "ninety times": {
    headers: Array.from({ length: 90 }, () => ["X-Same", marked("same")]),
    body: "",
  },
  "of sixteen kibibytes": {
    headers: [["X-Long", "<b>".repeat(5_000)]],
    body: "",
  },
  "that would set what the page is": {
    headers: [
      ["Content-Security-Policy", "default-src *"],
      ["Set-Cookie", "hookbench=stolen"],
      ["Refresh", "0;url=javascript:pwned(1)"],
      ["Link", "<http://127.0.0.1:9/a.css>; rel=stylesheet"],
    ],
    body: "",
  },
});

export const corpus = [
  ...scripts,
  ...images,
  ...packed,
  ...texts,
  ...xml,
  ...parts,
  ...claims,
  ...bytes,
  ...headers,
  ...more,
];
