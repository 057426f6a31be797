/** CloudEvents (version 1.0) over HTTP, in both modes and as a batch. */

import { fromBase64 } from "./base64";
import { isContainer, keyOf, rawText, valueText } from "./json/node";
import { type JsonIndex, Kind } from "./json/scan";
import { isJsonType, parseHeaderValue } from "./media-type";

export interface CloudEvent {
  /** Its attributes in the order they came: those of the specification and extensions alike. */
  attributes: [name: string, value: string][];
  /** The data's bytes, where it has any. */
  data: Uint8Array<ArrayBuffer> | null;
  dataType: string | null;
  /** What is odd about it, in words. */
  notices: string[];
}

const REQUIRED = ["id", "source", "specversion", "type"];

/** Whether a media type says that the whole body is an event, or several. */
export function isStructuredType(mediaType: string): boolean {
  return /^application\/cloudevents(-batch)?\+json$/.test(mediaType);
}

/** The attributes that headers carry in binary mode; `null` where these are not an event's. */
export function binaryAttributes(
  headers: readonly (readonly [string, unknown])[],
): [name: string, value: string][] | null {
  const attributes: [string, string][] = [];
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (lower.startsWith("ce-") && typeof value === "string")
      attributes.push([lower.slice(3), unescaped(value)]);
  }
  return attributes.some(([name]) => name === "specversion") ? attributes : null;
}

/** Header values are percent-encoded where they hold more than printable ASCII, and may be in quotes. */
function unescaped(value: string): string {
  try {
    return decodeURIComponent(value.replace(/%(?![0-9a-f]{2})/gi, "%25"));
  } catch {
    return value;
  }
}

/** What is missing of the attributes that every event has. */
export function missing(attributes: readonly (readonly [string, string])[]): string[] {
  return REQUIRED.filter((name) => !attributes.some(([known]) => known === name)).map(
    (name) => `The attribute “${name}” is missing, which every CloudEvent has.`,
  );
}

/** The values that are events: the whole, or each item of a batch. */
export function eventNodes(index: JsonIndex): number[] {
  if (index.kind[0] !== Kind.array) return [0];
  return membersOf(index, 0);
}

function membersOf(index: JsonIndex, container: number): number[] {
  const members: number[] = [];
  const end = container + index.span[container]!;
  for (let at = container + 1; at < end; at += index.span[at]!) members.push(at);
  return members;
}

/** Reads the event that a JSON value is; `null` where it is no object. */
export function readCloudEvent(index: JsonIndex, node: number): CloudEvent | null {
  if (index.kind[node] !== Kind.object) return null;
  const event: CloudEvent = { attributes: [], data: null, dataType: null, notices: [] };
  let [data, base64] = [-1, -1];
  for (const member of membersOf(index, node)) {
    const key = keyOf(index, member) ?? "";
    if (key === "data") data = member;
    else if (key === "data_base64") base64 = member;
    else
      event.attributes.push([
        key,
        isContainer(index, member) ? rawText(index, member) : valueText(index, member),
      ]);
  }
  const declared = event.attributes.find(([name]) => name === "datacontenttype")?.[1] ?? null;
  event.notices = missing(event.attributes);
  if (data >= 0 && base64 >= 0)
    event.notices.push("It has both “data” and “data_base64”; the first is shown.");
  if (data >= 0) takeData(event, index, data, declared);
  else if (base64 >= 0) {
    event.data = fromBase64(valueText(index, base64));
    event.dataType = declared;
    if (event.data === null) event.notices.push("Its “data_base64” is not base64.");
  }
  return event;
}

function takeData(event: CloudEvent, index: JsonIndex, node: number, declared: string | null): void {
  const isText = index.kind[node] === Kind.string && declared !== null && !saysJson(declared);
  event.data = new TextEncoder().encode(isText ? valueText(index, node) : rawText(index, node));
  event.dataType = declared ?? "application/json";
}

function saysJson(contentType: string): boolean {
  return isJsonType(parseHeaderValue(contentType).value);
}
