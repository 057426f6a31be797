-- The delivery engine's rules for each endpoint, what becomes of a delivery besides arriving, and what is
-- known of the connection that an attempt was made over.

-- What answer counts as delivered, instead of what the profile says. JSON.
ALTER TABLE endpoints ADD COLUMN success TEXT;

-- When it is disabled for failing, instead of when the profile says. JSON.
ALTER TABLE endpoints ADD COLUMN disable TEXT;

-- Whether an answer of 410 disables it, instead of what the profile says.
ALTER TABLE endpoints ADD COLUMN gone_disables INTEGER;

-- For how long its events are worth delivering.
ALTER TABLE endpoints ADD COLUMN ttl_ms INTEGER;

-- What keeps attempts back while it is in trouble. JSON.
ALTER TABLE endpoints ADD COLUMN breaker TEXT;

-- How many may go at once after a pause; goes with rate_per_second.
ALTER TABLE endpoints ADD COLUMN rate_burst INTEGER;

-- What becomes of its queue, where it is ordered, when a delivery has failed for good: `skip` or `block`.
ALTER TABLE endpoints ADD COLUMN order_on_failure TEXT NOT NULL DEFAULT 'skip';

-- The HTTP method, instead of the event's own.
ALTER TABLE endpoints ADD COLUMN method TEXT;

-- `auto`, `http1` or `http2`.
ALTER TABLE endpoints ADD COLUMN http_version TEXT NOT NULL DEFAULT 'auto';

-- The proxy on the way to it, encrypted, since a password may stand in it.
ALTER TABLE endpoints ADD COLUMN proxy BLOB;

-- Where its breaker stands: failures in a row that count for it, since when it is open (NULL where it is
-- closed), for how long, and when the probe goes out.
ALTER TABLE endpoints ADD COLUMN breaker_failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE endpoints ADD COLUMN breaker_opened_at INTEGER;
ALTER TABLE endpoints ADD COLUMN breaker_open_for_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE endpoints ADD COLUMN breaker_probe_at INTEGER;

-- The delivery (its seq) that failed for good and holds the queue of an ordered endpoint that blocks.
ALTER TABLE endpoints ADD COLUMN held_by INTEGER;

-- Since when it is enabled: failures from before count for nothing. NULL for since it was made.
ALTER TABLE endpoints ADD COLUMN enabled_at INTEGER;

-- When its time to live is over; NULL for never.
ALTER TABLE deliveries ADD COLUMN expires_at INTEGER;

-- Whether its endpoint takes its deliveries one at a time, in their order. Tests are outside of it.
ALTER TABLE deliveries ADD COLUMN in_order INTEGER NOT NULL DEFAULT 0;

UPDATE deliveries SET in_order = 1 WHERE completed_at IS NULL AND is_test = 0
    AND endpoint_seq IN (SELECT seq FROM endpoints WHERE ordered = 1);

-- What is due, each endpoint for itself, first attempts (status 0) apart from later ones (2): claims, the next
-- due time, the counts of what waits.
DROP INDEX deliveries_waiting;
CREATE INDEX deliveries_waiting ON deliveries (endpoint_seq, status, next_attempt_at)
    WHERE next_attempt_at IS NOT NULL;

-- What a person asked for and waits: retries by hand (trigger 1) and tests.
CREATE INDEX deliveries_by_hand ON deliveries (endpoint_seq, in_order)
    WHERE next_attempt_at IS NOT NULL AND (trigger = 1 OR is_test = 1);

-- The oldest that waits of an ordered endpoint; whether one of its is under way (1).
CREATE INDEX deliveries_in_order ON deliveries (endpoint_seq)
    WHERE in_order = 1 AND next_attempt_at IS NOT NULL;
CREATE INDEX deliveries_in_order_sent ON deliveries (endpoint_seq)
    WHERE in_order = 1 AND status = 1;

-- What expires next, of those that have not ended.
CREATE INDEX deliveries_expiring ON deliveries (expires_at)
    WHERE expires_at IS NOT NULL AND completed_at IS NULL;

-- Why it ended; NULL while it has not. The numbers are in `src/codes.rs`.
ALTER TABLE deliveries ADD COLUMN ended_because INTEGER;

-- When its first attempt began: the total duration of a plan counts from there.
ALTER TABLE deliveries ADD COLUMN first_attempt_at INTEGER;

-- The connection that it was made over. JSON.
ALTER TABLE attempts ADD COLUMN connection TEXT;

-- What exactly it failed by, where no whole answer came: a name that programs tell failures apart by.
ALTER TABLE attempts ADD COLUMN error_code TEXT;

-- The proxy of the settings, encrypted, since a password may stand in it.
ALTER TABLE workspace ADD COLUMN proxy BLOB;

-- What was told of an endpoint in alerts, and what waits to be told (0 stands for plain URLs). Only written while an
-- endpoint takes alerts. Read as a whole when the folder is opened.
CREATE TABLE alert_watches (
    endpoint_seq INTEGER PRIMARY KEY,
    told INTEGER,                       -- when the run of failures began that was told of and is not over
    failing_told_at INTEGER,            -- when a run of failures was told of last
    failing_by INTEGER,                 -- the newest failed delivery (its seq) of a run that waits to be told
    exhausted_told_at INTEGER,          -- when a delivery that failed for good was told of last
    exhausted INTEGER NOT NULL,         -- how many have failed for good since, untold
    exhausted_since INTEGER,            -- when the first of them did
    exhausted_by INTEGER                -- the newest of them (its seq)
) STRICT;
