import type { Headers } from "$api/types";
import { isOfTheConnection } from "./headers";
import { veil } from "../secrets/veil";

export interface CurlParts {
  method: string;
  url: string;
  headers: Headers;
  body: Uint8Array;
}

/** One word of a POSIX shell, whatever is in it. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The body as text, or `null` where a command line cannot carry it. */
function textOf(body: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
    // eslint-disable-next-line no-control-regex -- what a terminal would act on or a shell cannot hold
    return /[\u0000-\u0008\u000b-\u001f\u007f]/.test(text) ? null : text;
  } catch {
    return null;
  }
}

function base64(body: Uint8Array): string {
  let binary = "";
  for (const byte of body) binary += String.fromCharCode(byte);
  return btoa(binary).replace(/(.{76})(?=.)/g, "$1\n");
}

/**
 * The command that sends a request that is nowhere kept: of one that was captured or sent the API writes it. A body that is not plain text goes through a pipe as base64. Nothing
 * in the request can end a word of the command or name a file for curl to read.
 */
export function curlCommand({ method, url: address, headers, body }: CurlParts): string {
  // What stands for a secret in a query is no URL as it is, and curl would say no more than that.
  const url = address.replaceAll(veil, encodeURIComponent(veil));
  const words = [`curl ${quoted(url)}`];
  const isHead = method === "HEAD";
  if (isHead) words.push("--head");
  else if (method !== (body.length > 0 ? "POST" : "GET")) words.push(`-X ${quoted(method)}`);
  if (/[[\]{}]/.test(url)) words.push("--globoff");
  if (/\/\.\.?(\/|$|\?)/.test(url)) words.push("--path-as-is");
  for (const [name, value] of headers) {
    if (isOfTheConnection(name)) continue;
    if (typeof value !== "string")
      words.push(`-H "$(printf '%s: ' ${quoted(name)}; echo ${quoted(value.base64)} | base64 -d)"`);
    // With nothing behind the colon curl would leave the header out.
    else words.push(`-H ${quoted(value === "" ? `${name};` : `${name}: ${value}`)}`);
  }
  if (body.length === 0) return words.join(" \\\n  ");
  if (!headers.some(([name]) => name.toLowerCase() === "content-type")) words.push("-H 'Content-Type:'");
  const text = textOf(body);
  if (text !== null) return [...words, `--data-raw ${quoted(text)}`].join(" \\\n  ");
  const piped = [...words, "--data-binary @-"].join(" \\\n  ");
  return `base64 -d <<'END' | ${piped}\n${base64(body)}\nEND`;
}
