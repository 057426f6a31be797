import { describe, expect, it } from "vitest";
import { binaryAttributes, eventNodes, isStructuredType, readCloudEvent } from "./cloudevents";
import { scanJson } from "./json/scan";

const text = (bytes: Uint8Array | null | undefined) => bytes && new TextDecoder().decode(bytes);

function events(value: unknown) {
  const { index } = scanJson(typeof value === "string" ? value : JSON.stringify(value));
  if (!index) throw new Error("not JSON");
  return eventNodes(index).map((node) => readCloudEvent(index, node));
}

const needed = { specversion: "1.0", id: "1", source: "/a", type: "t" };

describe("CloudEvents", () => {
  it("in binary mode are read from the headers that begin with ce-", () => {
    const headers = [
      ["Host", "x"],
      ["Ce-SpecVersion", "1.0"],
      ["ce-type", "a.b"],
      ["CE-Subject", "Gr%C3%BC%C3%9Fe 100% %zz"],
    ] as const;
    expect(binaryAttributes(headers)).toEqual([
      ["specversion", "1.0"],
      ["type", "a.b"],
      ["subject", "Grüße 100% %zz"],
    ]);
    expect(binaryAttributes([["ce-type", "a"]])).toBe(null);
  });

  it("in structured mode have their attributes and their data", () => {
    const [event] = events({ ...needed, extension: 7, data: { big: 1 }, list: [1] });
    expect(event?.attributes.map(([name]) => name)).toEqual([
      "specversion",
      "id",
      "source",
      "type",
      "extension",
      "list",
    ]);
    expect(text(event?.data)).toBe('{"big":1}');
    expect(event?.dataType).toBe("application/json");
    expect(event?.notices).toEqual([]);
  });

  it("carry text and bytes of other types", () => {
    const [xml, bytes, broken] = events([
      { ...needed, datacontenttype: "text/xml", data: "<a/>" },
      { ...needed, datacontenttype: "image/png", data_base64: "AAEC" },
      { ...needed, data_base64: "é" },
    ]);
    expect([text(xml?.data), xml?.dataType]).toEqual(["<a/>", "text/xml"]);
    expect([...(bytes?.data ?? [])]).toEqual([0, 1, 2]);
    expect(broken?.notices.join()).toContain("not base64");
  });

  it("say what is missing or odd, and what is none", () => {
    const [event, none] = events([{ specversion: "1.0", data: 1, data_base64: "AA==" }, 7]);
    expect(event?.notices).toHaveLength(4);
    expect(none).toBe(null);
    expect(events("[]")).toEqual([]);
  });

  it("are known by their media types", () => {
    expect(isStructuredType("application/cloudevents+json")).toBe(true);
    expect(isStructuredType("application/cloudevents-batch+json")).toBe(true);
    expect(isStructuredType("application/json")).toBe(false);
  });
});
