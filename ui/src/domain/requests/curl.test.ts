import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import type { Headers } from "$api/types";
import { curlCommand } from "./curl";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What a real shell hands to curl: its arguments and standard input. */
function run(command: string): { words: string[]; input: string } {
  const script = `curl() { for word in "$@"; do printf '%s\\0' "$word"; done; printf 'INPUT'; case "$*" in *@-*) cat;; esac; }\n${command}`;
  const out = execFileSync("bash", ["-c", script]).toString("latin1");
  const [words, input = ""] = out.split("INPUT");
  return { words: (words ?? "").split("\0").slice(0, -1), input };
}

describe("copy as cURL", () => {
  const url = "http://127.0.0.1:4800/orders/a?b=1&c='x'";

  it("keeps method, headers in order with their case, and the body", () => {
    const headers: Headers = [
      ["Host", "127.0.0.1"],
      ["X-Sig", "it's"],
      ["x-sig", "2"],
      ["Content-Type", "application/json"],
      ["Content-Length", "9"],
      ["X-Empty", ""],
    ];
    expect(run(curlCommand({ method: "PUT", url, headers, body: utf8(`{"a":"'"}`) })).words).toEqual([
      url,
      "-X",
      "PUT",
      "-H",
      "X-Sig: it's",
      "-H",
      "x-sig: 2",
      "-H",
      "Content-Type: application/json",
      "-H",
      "X-Empty;",
      "--data-raw",
      `{"a":"'"}`,
    ]);
  });

  it("is a command that curl takes also where a secret is left out of the query", () => {
    const url = "http://h/a?access_token=(the secret)&b=1";
    const { words } = run(curlCommand({ method: "GET", url, headers: [], body: utf8("") }));
    expect(words).toEqual(["http://h/a?access_token=(the%20secret)&b=1"]);
  });

  it("lets nothing out of its word", () => {
    const hostile = "'; touch /tmp/x; $(id) `id` \"\\\n!x";
    const { words } = run(
      curlCommand({
        method: "P'T",
        url: `http://h/${hostile}`,
        headers: [["X", hostile]],
        body: utf8(`@/etc/passwd${hostile}`),
      }),
    );
    expect(words).toEqual([
      `http://h/${hostile}`,
      "-X",
      "P'T",
      "-H",
      `X: ${hostile}`,
      "-H",
      "Content-Type:",
      "--data-raw",
      `@/etc/passwd${hostile}`,
    ]);
  });

  it("sends bytes through a pipe, and header values that are not text", () => {
    const body = Uint8Array.from({ length: 300 }, (_, i) => i % 256);
    const { words, input } = run(
      curlCommand({ method: "POST", url: "http://h/", headers: [["X-B", { base64: "/w==" }]], body }),
    );
    expect(words).toEqual(["http://h/", "-H", "X-B: \xff", "-H", "Content-Type:", "--data-binary", "@-"]);
    expect(Uint8Array.from(input, (char) => char.charCodeAt(0))).toEqual(body);
  });

  it("says HEAD, globs and dots the way curl needs them", () => {
    expect(curlCommand({ method: "HEAD", url: "http://h/[a]/../b", headers: [], body: utf8("") })).toBe(
      "curl 'http://h/[a]/../b' \\\n  --head \\\n  --globoff \\\n  --path-as-is",
    );
    expect(curlCommand({ method: "GET", url: "http://h/", headers: [], body: utf8("") })).toBe(
      "curl http://h/",
    );
  });
});
