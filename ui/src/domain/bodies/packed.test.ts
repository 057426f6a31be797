import { describe, expect, it } from "vitest";
import { codings, isPacked, unpackedWords } from "./packed";

const bytes = (length: number) => new Uint8Array(length);

describe("packed bodies", () => {
  it("are told by their header or their first bytes", () => {
    expect(codings(" GZIP, identity ,br")).toEqual(["gzip", "br"]);
    expect(isPacked("gzip", bytes(3))).toBe(true);
    expect(isPacked("identity", bytes(3))).toBe(false);
    expect(isPacked(null, Uint8Array.of(0x1f, 0x8b, 8, 0))).toBe(true);
    expect(isPacked(null, Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd))).toBe(true);
    expect(isPacked("gzip", bytes(0))).toBe(false);
  });

  it("are said to be what they were and what is wrong with them", () => {
    const words = (undone: string[], until: string, said: string | null) =>
      unpackedWords({ bytes: bytes(2048), undone, until }, 100, said);
    expect(words(["gzip"], "whole", "gzip")).toEqual({
      text: "Decoded from gzip: 100 B became 2 KiB.",
      wrong: null,
    });
    expect(words(["zstd", "gzip"], "whole", "gzip, zstd").text).toContain("zstd, then gzip");
    expect(words(["gzip"], "whole", null).text).toContain("no header says");
    expect(words(["gzip"], "limit", "gzip").wrong).toContain("More follows");
    expect(words([], "damaged", "br").wrong).toBe("These bytes are not br.");
    expect(words(["br"], "damaged", "br").wrong).toContain("damaged");
    expect(words([], "unknown", "compress").wrong).toContain("not known");
  });
});
