import type { CapturedRequest } from "$api/types";

/** Path and query below the inbox, as they stood on the wire. */
export function targetOf(request: Pick<CapturedRequest, "path" | "query">): string {
  return request.query === null ? request.path : `${request.path}?${request.query}`;
}

/** The whole address a request was sent to, given its inbox's. */
export function addressOf(request: Pick<CapturedRequest, "path" | "query">, inboxUrl: string): string {
  return inboxUrl.replace(/\/$/, "") + targetOf(request);
}

const extensions: [pattern: RegExp, extension: string][] = [
  [/json/, "json"],
  [/^text\/html|xhtml/, "html"],
  [/xml/, "xml"],
  [/^text\//, "txt"],
  [/^image\/(png|gif|webp)/, "$1"],
  [/^image\/jpeg/, "jpg"],
];

/** The file name under which a body is saved. */
export function bodyFileName(id: string, contentType: string | null): string {
  const found = extensions.find(([pattern]) => pattern.test(contentType ?? ""));
  const extension = found?.[1] === "$1" ? found[0].exec(contentType ?? "")?.[1] : found?.[1];
  return `${id}.${extension ?? "bin"}`;
}
