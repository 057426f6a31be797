import { describe, expect, it } from "vitest";
import { curlCommand } from "$domain/requests/curl";
import { takeApart } from "./paste";
import { wordsOf } from "./shell";

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

describe("the words of a command", () => {
  it("are a shell's", () => {
    expect(wordsOf(`a 'b c' "d \\"e\\" $x" f\\ g \\\n h''i`)).toEqual(["a", "b c", 'd "e" $x', "f g", "hi"]);
    expect(wordsOf(`$'it\\'s\\n\\u00e9\\x21'`)).toEqual(["it's\né!"]);
    expect(wordsOf(`'' a | b`)).toEqual(["", "a"]);
  });
});

describe("a pasted request", () => {
  it("is a cURL command", () => {
    const pasted = takeApart(
      `$ curl -sS -X PUT 'https://a.test/x?y=1' -H 'X-Sig: t=1,v1=ab' \\\n  -H "Content-Type: application/json" --data-raw '{"a":"it'\\''s"}' --compressed -o out`,
    );
    expect(pasted).toMatchObject({
      method: "PUT",
      url: "https://a.test/x?y=1",
      headers: [
        ["X-Sig", "t=1,v1=ab"],
        ["Content-Type", "application/json"],
      ],
      notes: [],
    });
    expect(text(pasted?.body)).toBe(`{"a":"it's"}`);
  });

  it("is what Hookbench copies, text or bytes", () => {
    for (const body of [new TextEncoder().encode(`{"it":"'s"}\n`), new Uint8Array([0, 255, 13, 10])]) {
      const headers: [string, string][] = [["Content-Type", "x/y"]];
      const command = curlCommand({ method: "POST", url: "http://127.0.0.1:4800/a", headers, body });
      expect(takeApart(command)).toEqual({
        method: "POST",
        url: "http://127.0.0.1:4800/a",
        headers,
        body,
        notes: [],
      });
    }
  });

  it("has curl's ways of saying the same", () => {
    expect(takeApart("curl a.test -dx=1 -d y=2 -u a:b -XPATCH")).toMatchObject({
      method: "PATCH",
      url: "http://a.test",
      headers: [
        ["Authorization", "Basic YTpi"],
        ["Content-Type", "application/x-www-form-urlencoded"],
      ],
      body: new TextEncoder().encode("x=1&y=2"),
    });
    expect(takeApart("curl -G a.test/?q=1 --data-urlencode 'z=a b'")).toMatchObject({
      method: "GET",
      url: "http://a.test/?q=1&z=a%20b",
    });
    expect(takeApart("curl a.test --json @body.json")?.notes[0]).toMatch(/body\.json/);
    // What is sent is not known here, but how.
    expect(takeApart("curl a.test -d @body.json")).toMatchObject({
      method: "POST",
      headers: [["Content-Type", "application/x-www-form-urlencoded"]],
    });
  });

  it("is HTTP as it stood on the wire, its declared length believed", () => {
    const raw = 'POST /hook?a=1 HTTP/1.1\r\nHost: a.test\r\nX-Sig: ab\r\nContent-Length: 4\r\n\r\n{"\r\n\n';
    const pasted = takeApart(raw);
    expect(pasted).toMatchObject({ method: "POST", url: "https://a.test/hook?a=1", notes: [] });
    expect(text(pasted?.body)).toBe('{"\r\n');
    expect(takeApart("POST / HTTP/1.1\nHost: localhost:3000\nContent-Length: 9\n\n{}")).toMatchObject({
      url: "http://localhost:3000/",
      notes: ["Content-Length says 9 bytes, and 2 were pasted: the body may not be whole."],
    });
  });

  it("is headers and a body", () => {
    const pasted = takeApart("webhook-id: msg_1\nwebhook-timestamp: 1\n\n{}");
    expect(pasted).toMatchObject({ method: "POST", url: null });
    expect(pasted?.headers).toHaveLength(2);
    expect(text(pasted?.body)).toBe("{}");
  });

  it("is nothing else", () => {
    expect(takeApart('{"a":1}')).toBeNull();
    expect(takeApart("")).toBeNull();
    expect(takeApart("hello there")).toBeNull();
  });
});
