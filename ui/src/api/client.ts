import { isAbort, Problem } from "./problem";
import { transport } from "./transport";

export type Query = Record<string, string | number | boolean | null | undefined>;

export interface CallOptions {
  signal?: AbortSignal;
}

export interface PostOptions extends CallOptions {
  /** Makes a POST that creates safe to send twice. */
  idempotencyKey?: string;
}

/** A path with its query; what is empty is left out. */
export function address(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text ? `${path}?${text}` : path;
}

type SessionListener = () => void;
const sessionListeners = new Set<SessionListener>();

/** Calls `listener` whenever a call is refused because there is no session. */
export function onSessionLost(listener: SessionListener): () => void {
  sessionListeners.add(listener);
  return () => sessionListeners.delete(listener);
}

export async function call(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await transport.request(path, init);
  } catch (error) {
    if (isAbort(error)) throw error;
    throw Problem.unreachable(error);
  }
  if (response.ok) return response;
  if (response.status === 401) for (const listener of sessionListeners) listener();
  throw await Problem.from(response);
}

export async function json<T>(response: Response): Promise<T> {
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

/** JSON that is text already. It goes out as it stands, so that numbers keep all their digits. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** As `JSON.stringify`, with each `JsonText` in its place as it is written. */
export function stringify(value: unknown): string {
  const texts: string[] = [];
  const mark = crypto.randomUUID();
  const json = JSON.stringify(value, (_, one: unknown) =>
    one instanceof JsonText ? `${mark}${texts.push(one.text) - 1}` : one,
  );
  return texts.length
    ? json.replace(new RegExp(`"${mark}(\\d+)"`, "g"), (_, at) => texts[Number(at)] ?? "")
    : json;
}

function body(value: unknown): Pick<RequestInit, "body" | "headers"> {
  if (value === undefined) return {};
  return { body: stringify(value), headers: { "content-type": "application/json" } };
}

export async function get<T>(path: string, query?: Query, options: CallOptions = {}): Promise<T> {
  return json(await call(address(path, query), { signal: options.signal }));
}

export async function post<T>(path: string, value?: unknown, options: PostOptions = {}): Promise<T> {
  const init = body(value);
  const headers: Record<string, string> = { ...(init.headers as Record<string, string> | undefined) };
  if (options.idempotencyKey) headers["idempotency-key"] = options.idempotencyKey;
  return json(await call(path, { method: "POST", ...init, headers, signal: options.signal }));
}

export async function put<T>(path: string, value: unknown, options: CallOptions = {}): Promise<T> {
  return json(await call(path, { method: "PUT", ...body(value), signal: options.signal }));
}

export async function patch<T>(path: string, value: unknown, options: CallOptions = {}): Promise<T> {
  return json(await call(path, { method: "PATCH", ...body(value), signal: options.signal }));
}

export async function remove(path: string, options: CallOptions = {}): Promise<void> {
  await call(path, { method: "DELETE", signal: options.signal });
}

export interface BytesOptions extends CallOptions {
  /** Told, as bytes come in, how many have come. */
  progress?: (received: number) => void;
  /** Told of the answer's headers before its bytes come. */
  headers?: (headers: Headers) => void;
}

/** The bytes of a raw resource, as they are. */
export async function bytes(path: string, options: BytesOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const response = await call(path, { signal: options.signal });
  options.headers?.(response.headers);
  if (!options.progress || !response.body) return new Uint8Array(await response.arrayBuffer());
  const chunks: Uint8Array[] = [];
  let received = 0;
  for (const reader = response.body.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    received += value.length;
    options.progress(received);
  }
  const whole = new Uint8Array(received);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** A part of an address, made safe. */
export function part(value: string | number): string {
  return encodeURIComponent(String(value));
}

/** A key for one intended creation; kept while a form is open, so that a second press creates nothing new. */
export function newIdempotencyKey(): string {
  return crypto.randomUUID();
}
