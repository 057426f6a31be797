import { bytes, type BytesOptions } from "./client";

/** A body with its content codings undone. */
export interface DecodedBody {
  bytes: Uint8Array<ArrayBuffer>;
  /** What was undone, the outermost first: `gzip`, `deflate`, `br`, `zstd`. */
  undone: string[];
  /** How far: `whole`, or why it ends before: `limit`, `damaged`, `unknown`. */
  until: string;
}

/** What the body at an address says once its content codings are undone, up to `limit` bytes. */
export async function decoded(path: string, limit: number, options: BytesOptions = {}): Promise<DecodedBody> {
  let [undone, until] = ["", ""];
  const body = await bytes(`${path}?decoded=true&limit=${limit}`, {
    ...options,
    headers: (headers) => {
      undone = headers.get("hookbench-undone") ?? "";
      until = headers.get("hookbench-undone-until") ?? "";
    },
  });
  return { bytes: body, undone: undone.split(", ").filter((one) => one !== ""), until };
}
