/**
 * More requests that mean harm, in families: one way each to run a script, one character each that is not what it
 * seems, one shape each that readers of JSON and forms stumble over.
 */

const json = "application/json";
const run = "pwned('more')";
const named = (prefix, entries) =>
  Object.entries(entries).map(([name, one]) => ({ name: `${prefix}: ${name}`, ...one }));

/** Ways to run a script, or to leave the place where a text stands. */
const ways = {
  "an image that fails": `<img src=x onerror=${run}>`,
  "a picture that loads": `<svg/onload=${run}>`,
  "a picture with an animation": `<svg><animate onbegin=${run} attributeName=x dur=1s></svg>`,
  "a picture that names itself": `<svg><use href="data:image/svg+xml,<svg id=x onload=${run}>#x"/></svg>`,
  "a page in the page": `<iframe srcdoc="<script>parent.${run}</script>"></iframe>`,
  "a page by an address": `<iframe src="javascript:parent.${run}"></iframe>`,
  "a formula": `<math><mtext><table><mglyph><style><!--</style><img title="--><img src=x onerror=${run}>"></table></math>`,
  "details that open": `<details open ontoggle=${run}>x</details>`,
  "a film without a source": `<video><source onerror=${run}></video>`,
  "a sound that begins": `<audio src=x onerror=${run} onloadstart=${run}>`,
  "a body that is shown": `<body onpageshow=${run} onload=${run}>`,
  "a field with the focus": `<input autofocus onfocus=${run}>`,
  "a form that goes elsewhere": `<form action="javascript:${run}"><button formaction="javascript:${run}">x</button></form>`,
  "an object": `<object data="javascript:${run}"></object><embed src="javascript:${run}">`,
  "a sheet from elsewhere": `<link rel=stylesheet href="http://127.0.0.1:9/x.css"><style>@import "http://127.0.0.1:9/y.css"</style>`,
  "another page at once": `<meta http-equiv=refresh content="0;url=javascript:${run}">`,
  "another base": `<base href="javascript:/${run}//"><a href="#">x</a>`,
  "an animation": `<style>@keyframes x{}</style><b style="animation-name:x" onanimationstart=${run}>x</b>`,
  "a template": `<template shadowrootmode=open><script>${run}</script></template>`,
  "what is without scripts": `<noscript><p title="</noscript><img src=x onerror=${run}>">`,
  "a comment that ends early": `<!--><img src=x onerror=${run}>-->`,
  "a link with characters by number": `<a href="java&#115;cript:${run}">x</a><a href="java\tscript:${run}">y</a>`,
  "text that moves": `<marquee onstart=${run}>x</marquee>`,
  "a popover": `<button popovertarget=x>x</button><b id=x popover onbeforetoggle=${run}>y</b>`,
  "the end of an attribute": `"><img src=x onerror=${run}>`,
  "the end of another attribute": `' autofocus onfocus=${run} x='`,
  "the end of a script": `</script><script>${run}</script>`,
  "the end of a field": `</textarea></title></style></noscript><img src=x onerror=${run}>`,
  "the end of CDATA": `]]><img xmlns="http://www.w3.org/1999/xhtml" src="x" onerror="${run}"/>`,
  "the end of a text in a script": `'-${run}-'\\';${run};//`,
  "what is decoded twice": `&lt;img src=x onerror=${run}&gt; %3Cimg src=x onerror=${run}%3E`,
  "what JSON escapes": `\\u003cimg src=x onerror=${run}\\u003e`,
};
const vectors = Object.entries(ways).flatMap(([name, text], index) => [
  // As it is and as one who trusts would show it, in turn, so that each view meets each way.
  index % 2 === 0
    ? { name: `way: ${name}, as HTML`, type: "text/html", body: `<!DOCTYPE html><p>${text}` }
    : {
        name: `way: ${name}, in JSON`,
        type: json,
        path: `/${encodeURIComponent(text)}`,
        headers: [["X-Way", text.replaceAll(/[\r\n\t]/g, " ")]],
        body: JSON.stringify({ type: text, [text]: [text], html: `<div>${text}</div>` }),
      },
]);

/** Other codings in which markup has been smuggled past those who look for it. */
const coded = named("coded", {
  "UTF-7": { type: "text/html; charset=utf-7", body: `+ADw-script+AD4-${run}+ADw-/script+AD4-` },
  "UTF-16": {
    type: "text/html; charset=utf-16",
    body: Buffer.from(`\ufeff<script>${run}</script>`, "utf16le"),
  },
  "UTF-16 in JSON": { type: json, body: Buffer.from(`\ufeff{"a": "<script>${run}</script>"}`, "utf16le") },
  "UTF-8 that is too long": {
    type: "text/html",
    body: Buffer.concat([Buffer.from([0xc0, 0xbc]), Buffer.from(`script>${run}`), Buffer.from([0xc0, 0xbe])]),
  },
  "ISO-2022-JP": {
    type: "text/html; charset=iso-2022-jp",
    body: Buffer.from(`\u001b(J<img src=x onerror="${run}">\u001b(B`, "latin1"),
  },
});

/** Characters that hide, turn or end what stands around them. */
const characters = Object.entries({
  "zero bytes": "\0",
  bells: "\u0007",
  backspaces: "\b\b\b\b",
  "returns of the carriage": "\r",
  "commands to a terminal": "\u001b[2J\u001b]0;title\u0007\u001b[31m",
  deletes: "\u007f",
  "next lines": "\u0085",
  "commands of one character": "\u009b31m",
  "soft hyphens": "\u00ad",
  "Arabic marks": "\u061c",
  "Mongolian separators": "\u180e",
  "spaces without width": "\u200b",
  "joiners and their absence": "\u200c\u200d",
  "marks of direction": "\u200e\u200f",
  "line separators": "\u2028",
  "paragraph separators": "\u2029",
  "embeddings from the right": "\u202b",
  "ends of embeddings": "\u202c",
  "overrides from the left": "\u202d",
  "overrides from the right": "\u202e",
  "isolates without an end": "\u2066\u2067\u2068",
  "ends of isolates": "\u2069",
  "letters of another alphabet": "раураl.соm",
  "marks of the byte order": "\ufeff",
  "interlinear notes": "\ufff9a\ufffab\ufffb",
  "replacement characters": "\ufffd",
  "no characters": "\uffff\ufdd0",
  "halves of pairs": "\ud800",
  "tags that nobody sees": "\u{e0001}\u{e0041}\u{e007f}",
  "choices of a look": "a\ufe0f\u{e0100}",
}).map(([name, text]) => ({
  name: `character: ${name}`,
  type: json,
  path: `/${encodeURIComponent(text.isWellFormed() ? `a${text}b` : "half")}`,
  body: JSON.stringify({ type: `a${text}gnp.exe`, [`key${text}`]: text.repeat(50), list: [text] }),
}));

/** What readers take apart and should not take too far. */
const shapes = named("shape", {
  "objects in lists, deep": { type: json, body: '[{"a":'.repeat(20_000) + "1" + "}]".repeat(20_000) },
  "lists that never end": { type: json, body: "[".repeat(50_000) },
  "objects that never end": { type: json, body: '{"a":'.repeat(50_000) },
  "one name again and again": { type: json, body: `{${'"a":1,'.repeat(20_000)}"a":2}` },
  "the names of every object": {
    type: json,
    body: '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"toString":1,"hasOwnProperty":2}',
  },
  "numbers that no number holds": {
    type: json,
    body: `[1e999,-1e999,${"9".repeat(10_000)},0.${"1".repeat(10_000)}]`,
  },
  "a name of a mebibyte": { type: json, body: `{"${"n".repeat(1024 * 1024)}":1}` },
  "an object of 50,000 names": {
    type: json,
    body: `{${Array.from({ length: 50_000 }, (_, at) => `"n${at}":${at}`).join(",")}}`,
  },
  "two documents": { type: json, body: '{"a":1}{"b":2}' },
  "a comment": { type: json, body: `{"a":1 /* <script>${run}</script> */}` },
  "a form of 20,000 fields": { type: "application/x-www-form-urlencoded", body: "a[b][c]=1&".repeat(20_000) },
  "a form that pollutes": {
    type: "application/x-www-form-urlencoded",
    body: "__proto__[polluted]=true&constructor.prototype.polluted=true",
  },
  "a form of broken escapes": {
    type: "application/x-www-form-urlencoded",
    body: "%=%zz&%u003c=%c3%28&%00=%ff",
  },
  "a request in the body": {
    type: "text/plain",
    body: "GET /admin HTTP/1.1\r\nHost: h\r\nContent-Length: 44\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  },
  "chunks in the body": {
    type: "application/octet-stream",
    body: "5\r\nhello\r\n0\r\nX: y\r\n\r\nGET / HTTP/1.1\r\n\r\n",
  },
  "formulas of tables": { type: "text/csv", body: '=cmd|"/c calc"!A1,+1+1,-2,@SUM(1)\n"\t=1",＝1\n' },
  "an event stream": { type: "text/event-stream", body: `event: close\ndata: <script>${run}</script>\n\n` },
});

export const more = [...vectors, ...coded, ...characters, ...shapes];
