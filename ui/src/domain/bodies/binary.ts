import { parseHeaderValue } from "./media-type";

const kinds: [pattern: RegExp, name: string][] = [
  [/^application\/(x-|vnd\.google\.)?protobuf$|\+proto(buf)?$/, "Protocol Buffers"],
  [/^application\/grpc/, "gRPC: Protocol Buffers in frames"],
  [/^application\/(x-|vnd\.)?msgpack$|\+msgpack$/, "MessagePack"],
  [/^application\/cbor$|\+cbor$/, "CBOR"],
  [/^(application|avro)\/(x-)?(avro|binary\+avro|vnd\.apache\.avro)/, "Avro"],
  [/^application\/pdf$/, "PDF"],
  [/^application\/(zip|x-zip-compressed)$/, "a ZIP archive"],
  [/^(application|audio|video)\/octet-stream$/, "of no type that it says"],
];

/** What a body is that only its bytes can be shown of, as a sentence; `null` where nothing is to be said. */
export function binaryNote(contentType: string | null): string | null {
  if (contentType === null) return null;
  const { value } = parseHeaderValue(contentType);
  const found = kinds.find(([pattern]) => pattern.test(value));
  return found ? `This is ${found[1]}: shown as bytes.` : null;
}
