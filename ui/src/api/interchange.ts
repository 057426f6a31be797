import { address, bytes, call, json, part, type CallOptions } from "./client";
import { saveAnswer } from "./files";
import type { RequestFilter, RequestImport } from "./types";
import { inWindow } from "./window";

/** What a captured request can be copied as. */
export type CopyTool =
  "curl" | "httpie" | "fetch" | "python" | "go" | "rust" | "php" | "test" | "test-node" | "test-sh";

/** What a file of captured requests can be. */
export type ExportFormat = "jsonl" | "har" | "csv" | "raw";

export interface ImportOptions {
  /** Into this inbox; into a new one unless given. */
  inbox_id?: string | undefined;
  /** What the file is called. */
  name?: string | undefined;
  /** Only say what the file holds. */
  dry_run?: boolean;
}

export interface ExportOptions {
  format: ExportFormat;
  /** Takes out what is named or looks like a secret. */
  redact?: "secrets" | undefined;
  /** Takes these out of JSON bodies: `data.to`, several between commas. */
  redact_path?: string | undefined;
  /** Only these, with commas between. */
  ids?: string | undefined;
}

const exported = "/v1/requests/export";

/** Reads requests from a file into an inbox. */
async function importFile(
  content: Blob,
  query: ImportOptions,
  options: CallOptions = {},
): Promise<RequestImport> {
  const headers = { "content-type": "application/octet-stream" };
  const init = { method: "POST", body: content, headers, signal: options.signal };
  return json(await call(address("/v1/imports", { ...query }), init));
}

/**
 * Offers the captured requests that a filter matches for saving. The file is written as it comes, however large, by the
 * browser or by the window, which asks first where to.
 */
async function exportFile(filter: RequestFilter, options: ExportOptions): Promise<boolean> {
  const path = address(exported, { ...filter, ...options });
  const name = `requests.${options.format === "raw" ? "http" : options.format}`;
  if (inWindow()) return saveAnswer(path, name);
  const link = document.createElement("a");
  link.href = path;
  link.download = name;
  link.click();
  return true;
}

/** The code that sends a captured request again; with its secrets where they are asked for, which is logged. */
async function copyAs(id: string, tool: CopyTool, revealing: boolean): Promise<string> {
  const path = `/v1/requests/${part(id)}/as/${tool}`;
  return new TextDecoder().decode(await bytes(address(path, revealing ? { reveal: "secrets" } : {})));
}

/** The code that sends again what an attempt sent; what is left out of the record is left out of it. */
async function copyAttemptAs(delivery: string, number: number, tool: CopyTool): Promise<string> {
  const path = `/v1/deliveries/${part(delivery)}/attempts/${part(number)}/as/${tool}`;
  return new TextDecoder().decode(await bytes(address(path, {})));
}

export const interchange = { importFile, exportFile, copyAs, copyAttemptAs };
