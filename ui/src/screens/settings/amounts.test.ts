import { describe, expect, it } from "vitest";
import type { WorkspaceSettings } from "$api/types";
import { amounts, exactSize, parseSize } from "./amounts";

describe("sizes", () => {
  it.each([
    [0, "0 B"],
    [1_500, "1500 B"],
    [262_144, "256 KiB"],
    [33_554_432, "32 MiB"],
    [1024 ** 3, "1 GiB"],
  ])("%i is %s, and reads back as itself", (bytes, text) => {
    expect(exactSize(bytes)).toBe(text);
    expect(parseSize(text)).toBe(bytes);
  });

  it("are read as people write them, or not at all", () => {
    expect(parseSize("1.5m")).toBe(1_572_864);
    expect(parseSize("2048")).toBe(2_048);
    for (const text of ["", "many", "-1", "1 parsec", "1e3"]) expect(parseSize(text)).toBeNull();
  });
});

describe("amounts", () => {
  const settings = {
    max_in_flight: 64,
    capture_max_body: 33_554_432,
    response_cap: 262_144,
    delivery_max_age_ms: 2_592_000_000,
    log_max_bytes: 2_147_483_648,
  } as WorkspaceSettings;

  it("read back what they write", () => {
    for (const amount of Object.values(amounts))
      expect(amount.read(amount.write(settings))).toEqual({ value: settings[amount.name] });
    expect(amounts.delivery_max_age_ms.read(" ")).toEqual({ value: null });
    expect(amounts.log_max_bytes.read("")).toEqual({ value: null });
    expect(amounts.log_max_bytes.write({ ...settings, log_max_bytes: null })).toBe("");
  });

  it("say what they want where they cannot be read", () => {
    expect(amounts.max_in_flight.read("1.5")).toHaveProperty("error");
    expect(amounts.delivery_max_age_ms.read("30")).toHaveProperty("error");
    expect(amounts.log_max_bytes.read("little")).toHaveProperty("error");
    expect(amounts.response_cap.read("much")).toHaveProperty("error");
  });
});
