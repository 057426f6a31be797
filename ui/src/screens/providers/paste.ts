import { parseHeaderLines } from "$api/header-lines";
import type { Headers } from "$api/types";
import { fromBase64, toBase64 } from "$domain/bodies/base64";
import { wordsOf } from "./shell";

/** A whole request, taken out of what a person pasted. */
export interface Pasted {
  method: string;
  /** Null where the paste does not say. */
  url: string | null;
  headers: Headers;
  body: Uint8Array<ArrayBuffer>;
  /** What a reader should know. */
  notes: string[];
}

/** Takes a cURL command, an HTTP request or headers and a body apart; `null` where it is none of them. */
export function takeApart(text: string): Pasted | null {
  const command = text.replace(/^\s*(?:[$#>]\s+)?/, "");
  const piped = /^base64 -d <<'END' \| (curl\s[^]*?)\n([A-Za-z0-9+/=\s]*?)\nEND\s*$/.exec(command);
  if (piped) {
    const pasted = curl(piped[1]!.replace("--data-binary @-", "--data-binary ''"));
    const body = fromBase64(piped[2]!.replace(/\s+/g, ""));
    return body === null ? null : { ...pasted, body, notes: [] };
  }
  if (/^curl(?:\.exe)?\s/.test(command)) return curl(command);
  return http(text);
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

function http(text: string): Pasted | null {
  const lines = text.replace(/^\s+/, "");
  const start = /^([A-Z]{3,12}) (\S+)(?: HTTP\/[\d.]+)?\r?\n/.exec(lines);
  const rest = start ? lines.slice(start[0].length) : lines;
  const gap = /\r?\n\r?\n/.exec(rest);
  const { headers, error } = parseHeaderLines(gap ? rest.slice(0, gap.index) : rest);
  if (error !== null || headers.length === 0) return null;
  const content = gap ? bytesOf(rest.slice(gap.index + gap[0].length)) : new Uint8Array();
  const notes: string[] = [];
  const body = atLength(content, valueOf(headers, "content-length"), notes);
  return {
    method: start?.[1] ?? (body.length > 0 ? "POST" : "GET"),
    url: start ? addressOf(start[2]!, headers) : null,
    headers,
    body,
    notes,
  };
}

/** What is pasted often ends with a line end that was never sent; the length that was declared knows. */
function atLength(content: Uint8Array<ArrayBuffer>, declared: string | null, notes: string[]) {
  const length = declared !== null && /^\d+$/.test(declared) ? Number(declared) : null;
  if (length === null || length === content.length) return content;
  const more = new TextDecoder().decode(content.subarray(length));
  if (length < content.length && /^[\r\n]+$/.test(more)) return content.slice(0, length);
  notes.push(
    `Content-Length says ${length} bytes, and ${content.length} were pasted: the body may not be whole.`,
  );
  return content;
}

function addressOf(target: string, headers: Headers): string {
  if (/^https?:\/\//.test(target)) return target;
  const host = valueOf(headers, "x-forwarded-host") ?? valueOf(headers, "host") ?? "receiver.example";
  const isLocal = /^(localhost|127\.|\[::1\])/.test(host);
  const scheme = valueOf(headers, "x-forwarded-proto") ?? (isLocal ? "http" : "https");
  return `${scheme}://${host}${target.startsWith("/") ? "" : "/"}${target}`;
}

function valueOf(headers: Headers, name: string): string | null {
  const value = headers.find(([one]) => one.toLowerCase() === name)?.[1];
  return typeof value === "string" ? value : null;
}

/** Options of curl that are followed by a value that says nothing about the request. */
const idle =
  /^(-[omwxcEKCyYzrTFP]|--(output|max-time|write-out|proxy|cookie-jar|cert|key|cacert|config|connect-timeout|retry|resolve|interface|upload-file|form|range|max-redirs|limit-rate|connect-to|key-type|cert-type|ciphers|tls-max))$/;

const longNames: Record<string, string> = {
  "-X": "--request",
  "-H": "--header",
  "-d": "--data",
  "-u": "--user",
  "-A": "--user-agent",
  "-e": "--referer",
  "-b": "--cookie",
  "-I": "--head",
  "-G": "--get",
};

function curl(command: string): Pasted {
  const [, ...words] = wordsOf(command);
  const found = { method: null as string | null, url: null as string | null, get: false, sends: false };
  const headers: Headers = [];
  const data: string[] = [];
  const notes: string[] = [];
  const unwanted = new Set<string>();
  const takes =
    /^--(request|header|data|data-raw|data-binary|data-ascii|data-urlencode|json|user|user-agent|referer|cookie|url)$/;
  for (let at = 0; at < words.length; at++) {
    const { name, attached } = optionOf(words[at]!);
    if (name === null) {
      found.url ??= words[at]!;
      continue;
    }
    if (name === "--head") found.method ??= "HEAD";
    else if (name === "--get") found.get = true;
    else if (takes.test(name)) apply(name, attached ?? words[++at] ?? "");
    else if (idle.test(name) && attached === null) at++;
  }

  function apply(name: string, value: string): void {
    if (name === "--request") found.method = value;
    else if (name === "--url") found.url = value;
    else if (name === "--header") header(value);
    else if (name === "--user") headers.push(["Authorization", `Basic ${toBase64(bytesOf(value))}`]);
    else if (name === "--user-agent") headers.push(["User-Agent", value]);
    else if (name === "--referer") headers.push(["Referer", value]);
    else if (name === "--cookie") headers.push(["Cookie", value]);
    else body(name, value);
  }

  function header(line: string): void {
    // With a semicolon curl sends a header without a value; with nothing behind the colon, none.
    const text = /^[^:]+;$/.test(line) ? line.replace(/;$/, ":") : line;
    if (/^[^:]+:\s*$/.test(line)) return void unwanted.add(line.replace(/:.*/, "").trim().toLowerCase());
    headers.push(...parseHeaderLines(text).headers);
  }

  function body(name: string, value: string): void {
    found.sends = true;
    if (value.startsWith("@") && name !== "--data-raw")
      notes.push(`The body is in the file ${value.slice(1)}, which cannot be read from here.`);
    else if (name === "--data-urlencode") data.push(urlEncoded(value));
    else data.push(value);
    if (name !== "--json") return;
    if (valueOf(headers, "content-type") === null) headers.push(["Content-Type", "application/json"]);
    if (valueOf(headers, "accept") === null) headers.push(["Accept", "application/json"]);
  }

  const content = data.join("&");
  const inQuery = found.get && content !== "";
  const url = found.url && (/^[a-z]+:\/\//i.test(found.url) ? found.url : `http://${found.url}`);
  const isTyped = valueOf(headers, "content-type") !== null || unwanted.has("content-type");
  if (found.sends && !found.get && !isTyped)
    headers.push(["Content-Type", "application/x-www-form-urlencoded"]);
  return {
    method: found.method ?? (found.sends && !found.get ? "POST" : "GET"),
    url: url && inQuery ? `${url}${url.includes("?") ? "&" : "?"}${content}` : url,
    headers,
    body: inQuery ? new Uint8Array() : bytesOf(content),
    notes,
  };
}

/** A word as an option: `-XPOST` and `--request=POST` carry their value with them. */
function optionOf(word: string): { name: string | null; attached: string | null } {
  if (word.startsWith("--")) {
    const cut = word.indexOf("=");
    return cut < 0
      ? { name: word, attached: null }
      : { name: word.slice(0, cut), attached: word.slice(cut + 1) };
  }
  if (!/^-[A-Za-z]/.test(word)) return { name: null, attached: null };
  const short = word.slice(0, 2);
  const name = longNames[short] ?? short;
  const rest = word.slice(2);
  return { name, attached: rest === "" || name === "--head" || name === "--get" ? null : rest };
}

function urlEncoded(value: string): string {
  const cut = value.indexOf("=");
  if (cut < 0) return encodeURIComponent(value);
  return `${cut > 0 ? value.slice(0, cut + 1) : ""}${encodeURIComponent(value.slice(cut + 1))}`;
}
