/**
 * The shapes that cross the wire, in the words of the contract. Times are RFC 3339 in UTC, names that end
 * in `_ms` are whole milliseconds, sizes are bytes, ids sort by creation time.
 */

/** A header's value; one that is not UTF-8 travels as base64. */
export type HeaderValue = string | { base64: string };
/** Header lines as they stood on the wire: order, case and duplicates kept. */
export type Headers = [name: string, value: HeaderValue][];

export interface Page<T> {
  data: T[];
  next_cursor: string | null;
}

export type EndpointStatus = "enabled" | "disabled";

export interface RetryPolicy {
  delays_ms: number[];
  jitter: number;
}

export interface RateLimit {
  per_second: number;
}

export interface TlsPolicy {
  verify: boolean;
  ca_pem?: string | null;
  client_cert?: { cert_pem: string; key_pem?: string } | null;
}

export interface Endpoint {
  id: string;
  name: string;
  url: string;
  provider: string;
  enabled_events: string[];
  status: EndpointStatus;
  disabled_reason: string | null;
  disabled_at: string | null;
  headers: Headers;
  timeout_ms: number | null;
  retry: RetryPolicy | null;
  rate_limit: RateLimit | null;
  max_in_flight: number | null;
  ordered: boolean;
  tls: TlsPolicy;
  secret_hint: string | null;
  /** Until when an older secret still signs beside the current one. */
  old_secret_expires_at: string | null;
  consecutive_failures: number;
  failing_since: string | null;
  created_at: string;
  updated_at: string;
}

/** The answer to create and rotate: the only places, besides the reveal, that carry the secret. */
export interface EndpointWithSecret extends Endpoint {
  secret: string | null;
}

export interface EndpointDraft {
  url: string;
  name?: string;
  provider?: string;
  enabled_events?: string[];
  status?: EndpointStatus;
  headers?: Headers;
  timeout_ms?: number | null;
  retry?: RetryPolicy | null;
  rate_limit?: RateLimit | null;
  max_in_flight?: number | null;
  ordered?: boolean;
  tls?: TlsPolicy;
  secret?: string;
}

export type DeliveryStatus =
  "pending" | "in_flight" | "retrying" | "delivered" | "failed" | "cancelled" | "paused";

export type Outcome =
  | "delivered"
  | "http_error"
  | "redirect"
  | "timeout"
  | "dns_failure"
  | "connection_refused"
  | "connection_reset"
  | "tls_failure"
  | "invalid_response"
  | "blocked"
  | "interrupted";

export interface AttemptSummary {
  number: number;
  outcome: Outcome;
  response_status: number | null;
  duration_ms: number;
  error: string | null;
}

export interface Delivery {
  id: string;
  event_id: string;
  event_type: string;
  provider: string;
  /** Null where it goes to a plain URL. */
  endpoint_id: string | null;
  endpoint_name: string;
  url: string;
  status: DeliveryStatus;
  attempt_count: number;
  max_attempts: number;
  next_attempt_at: string | null;
  created_at: string;
  completed_at: string | null;
  last_attempt: AttemptSummary | null;
  trigger: Trigger;
  replay_id: string | null;
  repeats_delivery_id: string | null;
  repeats_request_id: string | null;
}

/** A phase that did not happen is null: a reused connection has no `connect_ms`. */
export interface Timing {
  dns_ms: number | null;
  connect_ms: number | null;
  tls_ms: number | null;
  first_byte_ms: number | null;
  body_ms: number | null;
}

export interface SentRequest {
  method: string;
  url: string;
  headers: Headers;
  body_size: number;
}

export interface ReceivedResponse {
  status: number;
  http_version: string;
  headers: Headers;
  body_size: number;
  body_truncated: boolean;
}

export type Trigger = "automatic" | "manual" | "replay";

export interface Attempt {
  number: number;
  trigger: Trigger;
  started_at: string;
  duration_ms: number;
  timing: Timing;
  remote_addr: string | null;
  /** Null where nothing went out. */
  request: SentRequest | null;
  response: ReceivedResponse | null;
  outcome: Outcome;
  error: string | null;
  /** What an inbox captured of it, where it went to one of ours. */
  captured_request_id: string | null;
}

export interface DeliveryDetail extends Delivery {
  attempts: Attempt[];
  planned_attempts: string[];
}

export interface DeliveryFilter {
  /** One status, or several with commas between them. */
  status?: string;
  endpoint_id?: string;
  event_id?: string;
  replay_id?: string;
  event_type?: string;
  provider?: string;
  since?: string;
  until?: string;
  outcome?: string;
  q?: string;
}

export interface WebhookEvent {
  id: string;
  provider_event_id: string;
  type: string;
  provider: string;
  content_type: string;
  payload_size: number;
  method: string;
  delivery_count: number;
  created_at: string;
}

export interface EventDraft {
  type: string;
  provider: string;
  /** The profile's generation of envelope; its usual one unless given. */
  envelope?: string;
  data?: unknown;
  payload?: unknown;
  payload_base64?: string;
  content_type?: string;
  endpoint_ids?: string[];
}

export interface EventAccepted {
  id: string;
  provider_event_id: string;
  deliveries: { id: string; endpoint_id: string | null; status: DeliveryStatus }[];
}

/** What would go out to one endpoint; nothing has been sent. */
export interface PreviewRequest {
  endpoint_id: string | null;
  endpoint_name: string | null;
  method: string;
  url: string;
  headers: Headers;
  signed_content_base64: string | null;
  body_base64: string;
  /** Why it would not go out as shown. */
  problem: string | null;
}

export interface Preview {
  requests: PreviewRequest[];
}

/** Text, or base64 where it is not UTF-8. */
export type BodyText = string | { base64: string };

export interface InboxResponse {
  status: number;
  headers: Headers;
  body: BodyText;
  delay_ms: number;
}

export interface Retention {
  max_requests: number | null;
  max_age_ms: number | null;
}

export interface Inbox {
  id: string;
  slug: string;
  name: string;
  url: string;
  provider: string | null;
  response: InboxResponse;
  retention: Retention;
  secret_hint: string | null;
  has_secret: boolean;
  created_at: string;
}

export interface InboxDraft {
  slug?: string;
  name?: string;
  provider?: string | null;
  response?: Partial<InboxResponse>;
  retention?: Partial<Retention>;
  secret?: string | null;
}

export type VerificationStatus = "valid" | "invalid" | "unsigned" | "no_secret" | "not_checked";

export interface Cause {
  code: string;
  explanation: string;
  fix: string;
}

export interface Verification {
  status: VerificationStatus;
  scheme: string | null;
  reason: string | null;
  message: string;
  /** Not in lists. */
  signed_content_base64?: string;
}

export interface CapturedRequest {
  id: string;
  inbox_id: string;
  received_at: string;
  method: string;
  path: string;
  query: string | null;
  http_version: string;
  headers: Headers;
  content_type: string | null;
  body_size: number;
  remote_addr: string;
  event_type: string | null;
  provider_event_id: string | null;
  verification: Verification;
  response: { status: number };
  delivery_id: string | null;
  attempt_number: number | null;
  note: string;
  tags: string[];
  pinned: boolean;
}

export interface RequestFilter {
  inbox_id?: string;
  method?: string;
  verification?: string;
  event_type?: string;
  since?: string;
  until?: string;
  q?: string;
  pinned?: boolean;
}

export interface RequestEdits {
  note?: string | null;
  tags?: string[];
  pinned?: boolean;
}

export type Resign = "fresh" | "exact";

/** Where a sample comes from: printed by the provider, put together from its documents, or made up here. */
export type Provenance = "found" | "derived" | "own";

export interface ProviderEvent {
  type: string;
  name: string;
  description: string;
  /** With GET the data travels in the query. */
  method: string;
  provenance: Provenance;
  samples: ProviderSample[];
}

export interface ProviderSample {
  name: string;
  /** The whole payload; null where the data travels in the query. */
  payload: unknown;
  /** The inner part, which the envelope is built around. */
  data: unknown;
  query: string | null;
}

/** How a provider's secrets are made. */
export interface ProviderSecret {
  prefix: string;
  encoding: "hex" | "base64";
  bytes: number;
}

/** A provider profile. The list gives the same shape as one alone. */
export interface Provider {
  id: string;
  name: string;
  description: string;
  notes: string;
  sources: string[];
  /** Event types that are not listed are composed too. */
  accepts_any_type: boolean;
  events: ProviderEvent[];
  envelopes: { id: string; name: string }[];
  /** Templates: name and, say, `{event_type}`. */
  headers: [name: string, template: string][];
  content_type: string;
  /** The id of its scheme. */
  scheme: string;
  dedupe: string;
  retry: RetryPolicy;
  timeout_ms: number;
  success: string;
  /** Null for never. */
  disable: string | null;
  requires_test: boolean;
  secret: ProviderSecret;
}

/** A signature recipe in the catalogue's own form. */
export interface Scheme {
  id: string;
  name: string;
  signature_header: string;
  signature_format: string;
  separator?: string | null;
  several?: unknown;
  timestamp?: { header?: string | null; unit: "s" | "ms" | "iso" } | null;
  id_header?: string | null;
  content: string;
  algorithm: string;
  encoding: string;
  secret: string;
  tolerance?: { past_s?: number | null; future_s?: number | null };
  extra_headers?: [string, string][];
  note?: string | null;
  sources?: string[];
}

/** One of `ids`, `filter` and `request_filter` says what is repeated. */
export interface ReplayDraft {
  ids?: string[];
  filter?: DeliveryFilter;
  request_filter?: RequestFilter;
  per_second?: number;
  target_url?: string;
  endpoint_id?: string;
  resign?: Resign;
  reason?: string;
}

/** What a replay would send where; nothing has been made. */
export interface ReplayPreview {
  dry_run: true;
  total: number;
  targets: ReplayTarget[];
  first_ids: string[];
}

export interface ReplayTarget {
  endpoint_id: string | null;
  endpoint_name: string;
  url: string;
  count: number;
}

export type ReplayStatus = "running" | "paused" | "completed" | "cancelled";

export interface Replay {
  id: string;
  status: ReplayStatus;
  progress: ReplayProgress;
  target_url: string | null;
  endpoint_id: string | null;
  resign: Resign;
  per_second: number | null;
  reason: string;
  created_at: string;
  completed_at: string | null;
}

/** How far a replay is; `total` is the sum of the others. */
export interface ReplayProgress {
  total: number;
  waiting: number;
  under_way: number;
  delivered: number;
  failed: number;
  skipped: number;
}

export interface SignDraft {
  scheme: string | Record<string, unknown>;
  secret: string;
  method: string;
  url: string;
  headers?: Headers;
  body_base64: string;
  timestamp?: number;
  id?: string;
}

export interface Signed {
  headers: Headers;
  signed_content_base64: string;
}

export interface VerifyDraft extends Omit<SignDraft, "headers" | "timestamp" | "id"> {
  headers: Headers;
  at?: number;
}

export interface Verified {
  status: VerificationStatus;
  scheme: string;
  reason: string | null;
  message: string;
  causes: Cause[];
  signed_content_base64: string | null;
  expected_signature: string | null;
  received_signatures: string[];
}

export type Noun = "delivery" | "request" | "endpoint" | "inbox" | "event" | "replay" | "settings";

/** One small message of the change feed. What changed is fetched; the message only says which. */
export interface Change {
  type: Noun;
  id: string;
  action?: "created" | "updated" | "deleted";
  /** What it belongs to: a delivery's endpoint, a captured request's inbox. */
  parent?: string | null;
  /** Where it stands now, in the contract's words. */
  status?: string | null;
}

export interface FieldError {
  field: string;
  message: string;
}

export type Counts = Partial<Record<Outcome, number>>;

/** Attempts of one stretch of time, by how they ended. */
export interface StatsBucket {
  start: string;
  counts: Counts;
}

export interface Latency {
  p50_ms: number;
  p90_ms: number;
  p99_ms: number;
}

export interface EndpointStats {
  endpoint_id: string;
  endpoint_name: string;
  outcomes: Counts;
  latency: Latency | null;
  waiting: number;
  failed: number;
}

/** What happened in a stretch of time, and what is under way now. */
export interface Stats {
  since: string;
  until: string;
  bucket_ms: number;
  buckets: StatsBucket[];
  outcomes: Counts;
  latency: Latency | null;
  captured: number;
  captured_invalid: number;
  endpoints: EndpointStats[];
  /** Deliveries that failed for good in the stretch. */
  failed: number;
  engine: EngineState;
}

/** What the engine has before it now. */
export interface EngineState {
  due: number;
  in_flight: number;
  retrying: number;
  paused: number;
  next_attempt_at: string | null;
}

export interface Health {
  status: string;
  version: string;
  /** The origin under which inboxes are. */
  capture_origin: string;
  data_dir: string;
  demo: boolean;
  boot: string;
  now: string;
}

export interface WorkspaceSettings {
  theme: "system" | "light" | "dark";
  notify_on_failure: boolean;
  close_to_tray: boolean;
  max_in_flight: number;
  capture_max_body: number;
  response_cap: number;
  delivery_max_age_ms: number | null;
}
