import { describe, expect, it } from "vitest";
import { parseMultipart } from "./multipart";
import { contentOf } from "./part-content";

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

function content(head: string, body: string): { text: string; note: string | null } {
  const part = parseMultipart(latin1(`--x\r\n${head}\r\n\r\n${body}\r\n--x--`), "x").parts[0]!;
  const { bytes, note } = contentOf(part);
  return { text: String.fromCharCode(...bytes), note };
}

describe("what a part holds", () => {
  it("is decoded where it says that it was made text", () => {
    for (const text of ["", "a", "ab", "abc", "\x89PNG\r\n\xff\0", "x".repeat(200)]) {
      const lines = btoa(text).replace(/(.{76})/g, "$1\r\n");
      const read = content("Content-Transfer-Encoding: Base64", lines);
      expect(read).toEqual({ text, note: "Decoded from base64." });
      expect(content("content-transfer-encoding: base64", lines.replaceAll("=", "")).text).toBe(text);
    }
    const quoted = content("Content-Transfer-Encoding: quoted-printable", "caf=C3=a9 = x=3D1=\r\ny=\nz=4");
    expect(quoted).toEqual({ text: "caf\xc3\xa9 = x=1yz=4", note: "Decoded from quoted-printable." });
  });

  it("stays as it came where that is not so", () => {
    for (const odd of ["a", "a*bc", "YQ==YQ", "eyJ\x80"]) {
      const read = content("Content-Transfer-Encoding: base64", odd);
      expect(read).toEqual({ text: odd, note: "It says that it is base64, and is not." });
    }
    expect(content("Content-Transfer-Encoding: binary", "YQ==")).toEqual({ text: "YQ==", note: null });
    expect(content("Content-Encoding: gzip", "\x1f\x8b")).toMatchObject({ text: "\x1f\x8b" });
    expect(content("Content-Encoding: gzip", "\x1f\x8b").note).toMatch(/saved packed/);
  });
});
