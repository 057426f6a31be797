-- Ids are the 16 bytes of a UUIDv7: they sort by creation time, so a range of times is a range of ids and
-- every list is a walk along an index that ends in `id`. Rows that grow at the end have an integer key
-- beside the id (`seq`): SQLite appends those cheapest, and bodies hang on it in tables of their own.
-- Numbers that stand for words (status, outcome, verification, trigger) are listed in `src/codes.rs`.
-- Times are Unix milliseconds.

-- One row: the check that the key opens this workspace's secrets, and the settings as JSON.
CREATE TABLE workspace (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    key_check BLOB NOT NULL,
    settings TEXT
) STRICT;

-- Every pair of provider and event type that an event ever had. Events and deliveries name it by number,
-- so one small index serves the filters on provider, on type and on a prefix of the type.
CREATE TABLE kinds (
    no INTEGER PRIMARY KEY,
    provider TEXT NOT NULL,
    event_type TEXT NOT NULL,
    UNIQUE (provider, event_type)
) STRICT;

-- Endpoints. A deleted one stays as a row without secrets: deliveries show its name and URL.
CREATE TABLE endpoints (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,            -- one by id; the list, newest first
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    provider TEXT NOT NULL,
    enabled_events TEXT NOT NULL,       -- JSON
    disabled_at INTEGER,                -- NULL where enabled
    disabled_reason TEXT,
    headers BLOB NOT NULL,
    timeout_ms INTEGER,
    retry TEXT,                         -- JSON
    rate_per_second REAL,
    max_in_flight INTEGER,
    ordered INTEGER NOT NULL,
    tls_verify INTEGER NOT NULL,
    ca_pem TEXT,
    cert_pem TEXT,
    sealed BLOB NOT NULL,               -- secrets and the key of the client certificate, encrypted
    consecutive_failures INTEGER NOT NULL,
    failing_since INTEGER,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER
) STRICT;

-- Who looked at a secret when: nobody can say later that it was never shown.
CREATE TABLE endpoint_reveals (
    seq INTEGER PRIMARY KEY,
    endpoint_seq INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;

-- The reveals of one endpoint.
CREATE INDEX endpoint_reveals_by_endpoint ON endpoint_reveals (endpoint_seq);

-- Events; their payloads are in event_payloads.
CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    kind INTEGER NOT NULL,
    provider_event_id TEXT NOT NULL,
    content_type TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    payload_size INTEGER NOT NULL,
    method TEXT NOT NULL,
    path TEXT,
    query TEXT,
    headers BLOB NOT NULL,
    sign INTEGER NOT NULL
) STRICT;

-- One event by id; the list, newest first; ranges of time.
CREATE UNIQUE INDEX events_by_id ON events (id);

-- The list by type and provider.
CREATE INDEX events_by_kind ON events (kind, id);

-- The exact bytes of an event's body, by its seq.
CREATE TABLE event_payloads (
    seq INTEGER PRIMARY KEY,
    payload BLOB NOT NULL
) STRICT;

-- Deliveries. `endpoint_seq` is 0 for a plain URL. `next_attempt_at` is set exactly while one waits
-- (pending, retrying), `resume_at` exactly while it is paused.
CREATE TABLE deliveries (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    event_seq INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    endpoint_seq INTEGER NOT NULL,
    target_url TEXT,
    status INTEGER NOT NULL,
    attempt_count INTEGER NOT NULL,
    automatic_attempts INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    next_attempt_at INTEGER,
    resume_at INTEGER,
    trigger INTEGER NOT NULL,
    completed_at INTEGER,
    last_outcome INTEGER,
    last_status INTEGER,
    last_duration_ms INTEGER,
    last_error TEXT,
    replay_seq INTEGER,
    repeats_delivery BLOB,
    repeats_request BLOB
) STRICT;

-- One delivery by id; the list, newest first; ranges of time.
CREATE UNIQUE INDEX deliveries_by_id ON deliveries (id);

-- The deliveries of an event; whether an event has any left, for retention.
CREATE INDEX deliveries_by_event ON deliveries (event_seq);

-- The list of an endpoint.
CREATE INDEX deliveries_by_endpoint ON deliveries (endpoint_seq, id);

-- The list by type and provider.
CREATE INDEX deliveries_by_kind ON deliveries (kind, id);

-- What is due, each endpoint for itself: the next due time, claims, the counts of what waits.
CREATE INDEX deliveries_waiting ON deliveries (endpoint_seq, next_attempt_at)
    WHERE next_attempt_at IS NOT NULL;

-- The list by status, what a crash left in flight, what an endpoint's return resumes. Delivered ones
-- (status 3), the most by far, are found on the way along the ids.
CREATE INDEX deliveries_by_status ON deliveries (status, id) WHERE status <> 3;

-- The list by the outcome of the newest attempt, but for `delivered` (0).
CREATE INDEX deliveries_by_outcome ON deliveries (last_outcome, id) WHERE last_outcome <> 0;

-- A replay's deliveries, and its progress counted by status.
CREATE INDEX deliveries_by_replay ON deliveries (replay_seq, status, id) WHERE replay_seq IS NOT NULL;

-- Attempts: the key is the delivery's seq times 65,536 plus the attempt's number, so that an attempt
-- needs no index besides.
CREATE TABLE attempts (
    key INTEGER PRIMARY KEY,
    trigger INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    dns_ms REAL,
    connect_ms REAL,
    tls_ms REAL,
    first_byte_ms REAL,
    body_ms REAL,
    remote_addr TEXT,
    method TEXT,                        -- NULL where no request went out
    url TEXT,
    request_headers BLOB,
    request_body_size INTEGER,
    response_status INTEGER,            -- NULL where no response came
    http_version TEXT,
    response_headers BLOB,
    response_body_size INTEGER,
    response_truncated INTEGER,
    outcome INTEGER NOT NULL,
    error TEXT
) STRICT;

-- The bodies of responses that had one, by the attempt's key.
CREATE TABLE attempt_bodies (
    key INTEGER PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;

-- Attempts counted by minute, endpoint, outcome and class of duration, so that the overview reads a day
-- without reading its attempts. Outcome 100 counts deliveries that failed for good.
CREATE TABLE attempt_counts (
    minute INTEGER NOT NULL,
    endpoint_seq INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    duration_class INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (minute, endpoint_seq, outcome, duration_class)
) STRICT, WITHOUT ROWID;

-- Inboxes.
CREATE TABLE inboxes (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,            -- one by id; the list, newest first
    slug TEXT NOT NULL UNIQUE,          -- one by slug; no two alike
    name TEXT NOT NULL,
    provider TEXT,
    response_status INTEGER NOT NULL,
    response_headers BLOB NOT NULL,
    response_body BLOB NOT NULL,
    response_delay_ms INTEGER NOT NULL,
    max_requests INTEGER,
    max_age_ms INTEGER,
    sealed BLOB NOT NULL,               -- the secrets, encrypted
    created_at INTEGER NOT NULL
) STRICT;

-- Captured requests; their bodies are in request_bodies.
CREATE TABLE requests (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    inbox_seq INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    query TEXT,
    http_version TEXT NOT NULL,
    headers BLOB NOT NULL,
    content_type TEXT,
    body_size INTEGER NOT NULL,
    remote_addr TEXT NOT NULL,
    event_type TEXT,
    provider_event_id TEXT,
    verification INTEGER NOT NULL,
    scheme TEXT,
    reason TEXT,
    message TEXT NOT NULL,
    signed_content BLOB,                -- whole, or what stands before the body
    signed_ends_in_body INTEGER NOT NULL,
    response_status INTEGER NOT NULL,
    delivery_id BLOB,
    attempt INTEGER,
    note TEXT NOT NULL,
    tags TEXT NOT NULL,                 -- JSON
    pinned INTEGER NOT NULL
) STRICT;

-- One request by id; the list, newest first; ranges of time.
CREATE UNIQUE INDEX requests_by_id ON requests (id);

-- The list of an inbox; its retention.
CREATE INDEX requests_by_inbox ON requests (inbox_seq, id);

-- The list by verdict, but for `not_checked` (4), which costs nothing then.
CREATE INDEX requests_by_verification ON requests (verification, id) WHERE verification <> 4;

-- The list by event type and prefix of it.
CREATE INDEX requests_by_type ON requests (event_type, id) WHERE event_type IS NOT NULL;

-- The list by method, but for POST, which nearly all have.
CREATE INDEX requests_by_method ON requests (method, id) WHERE method <> 'POST';

-- The list of what is pinned.
CREATE INDEX requests_pinned ON requests (id) WHERE pinned = 1;

-- What our own inbox captured of a delivery.
CREATE INDEX requests_by_delivery ON requests (delivery_id) WHERE delivery_id IS NOT NULL;

-- The exact bytes of a captured request's body, by its seq.
CREATE TABLE request_bodies (
    seq INTEGER PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;

-- Replays. `waiting` and `skipped` are kept as items are made; the rest of the progress is counted from
-- the deliveries, and from those that retention has removed.
CREATE TABLE replays (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,            -- one by id; the list, newest first
    source TEXT NOT NULL,               -- JSON
    target_url TEXT,
    target_endpoint BLOB,
    resign INTEGER NOT NULL,
    per_second REAL,
    reason TEXT NOT NULL,
    status INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    completed_at INTEGER,
    total INTEGER NOT NULL,
    waiting INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    purged_delivered INTEGER NOT NULL DEFAULT 0,
    purged_failed INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What a replay repeats, oldest original first; walked by position.
CREATE TABLE replay_items (
    replay_seq INTEGER NOT NULL,
    position INTEGER NOT NULL,
    is_request INTEGER NOT NULL,        -- 0: a delivery
    original BLOB NOT NULL,
    state INTEGER NOT NULL,             -- 0 waiting, 1 made, 2 skipped
    delivery_id BLOB,
    PRIMARY KEY (replay_seq, position)
) STRICT, WITHOUT ROWID;

-- The first items of a replay that wait.
CREATE INDEX replay_items_waiting ON replay_items (replay_seq, position) WHERE state = 0;

-- Answers kept for calls that are repeated with the same key; found by key and scope.
CREATE TABLE idempotency (
    key TEXT NOT NULL,
    scope TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    status INTEGER NOT NULL,
    response BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (key, scope)
) STRICT, WITHOUT ROWID;

-- Those that have expired.
CREATE INDEX idempotency_by_time ON idempotency (created_at);
