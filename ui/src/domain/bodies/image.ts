import { startsWithBytes } from "./bytes";

/** The image formats that are drawn. SVG is not among them: it is a document, and is shown as text. */
export type ImageType = "image/png" | "image/jpeg" | "image/gif" | "image/webp";

/** The image format the bytes begin as, whatever the content type claims, or `null`. */
export function sniffImage(bytes: Uint8Array): ImageType | null {
  if (startsWithBytes(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return "image/png";
  if (startsWithBytes(bytes, [0xff, 0xd8, 0xff])) return "image/jpeg";
  if (startsWithBytes(bytes, [0x47, 0x49, 0x46, 0x38])) return "image/gif";
  const riff = startsWithBytes(bytes, [0x52, 0x49, 0x46, 0x46]);
  if (riff && startsWithBytes(bytes, [0x57, 0x45, 0x42, 0x50], 8)) return "image/webp";
  return null;
}

/** Images with more pixels than this are not drawn: a few bytes can claim gigabytes. */
export const PIXEL_LIMIT = 64_000_000;

/** Width and height an image's own header claims, or `null` where it cannot be read. */
export function imageSize(bytes: Uint8Array): { width: number; height: number } | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (sniffImage(bytes)) {
    case "image/png":
      return bytes.length < 24 ? null : { width: view.getUint32(16), height: view.getUint32(20) };
    case "image/gif":
      return gifSize(bytes, view);
    case "image/jpeg":
      return jpegSize(bytes, view);
    case "image/webp":
      return webpSize(bytes, view);
    case null:
      return null;
  }
}

/** The screen and the first picture, whichever is larger: readers draw what lies beyond the screen too. */
function gifSize(bytes: Uint8Array, view: DataView): { width: number; height: number } | null {
  if (bytes.length < 13) return null;
  const flags = bytes[10]!;
  let at = 13 + (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  while (bytes[at] === 0x21) {
    at += 2;
    while (at < bytes.length && bytes[at] !== 0) at += bytes[at]! + 1;
    at++;
  }
  if (bytes[at] !== 0x2c || at + 9 > bytes.length) return null;
  return {
    width: Math.max(view.getUint16(6, true), view.getUint16(at + 1, true) + view.getUint16(at + 5, true)),
    height: Math.max(view.getUint16(8, true), view.getUint16(at + 3, true) + view.getUint16(at + 7, true)),
  };
}

function jpegSize(bytes: Uint8Array, view: DataView): { width: number; height: number } | null {
  let at = 2;
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1]!;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    // Some stand alone.
    const isAlone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    at += marker === 0xff ? 1 : isAlone ? 2 : 2 + view.getUint16(at + 2);
  }
  return null;
}

function webpSize(bytes: Uint8Array, view: DataView): { width: number; height: number } | null {
  if (bytes.length < 30) return null;
  if (startsWithBytes(bytes, [0x56, 0x50, 0x38, 0x58], 12)) {
    const read24 = (at: number): number => bytes[at]! + bytes[at + 1]! * 256 + bytes[at + 2]! * 65536;
    return { width: read24(24) + 1, height: read24(27) + 1 };
  }
  if (startsWithBytes(bytes, [0x56, 0x50, 0x38, 0x20], 12)) {
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  }
  const bits = view.getUint32(21, true);
  return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
}
