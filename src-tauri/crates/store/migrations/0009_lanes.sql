-- What is replayed to another URL than its endpoint's goes by itself, like what is sent to a plain URL.

-- Whose order, rate, breaker and state a delivery waits for: its endpoint (its seq), or 0 where it goes to a URL of its
-- own. NULL for what ended before this was kept, until somebody has it tried again.
ALTER TABLE deliveries ADD COLUMN lane INTEGER;

UPDATE deliveries SET lane = iif(target_url IS NULL, endpoint_seq, 0) WHERE completed_at IS NULL;

-- What is due, each lane for itself, first attempts (status 0) apart from later ones (2): claims, the next due time,
-- the counts of what waits.
DROP INDEX deliveries_waiting;
CREATE INDEX deliveries_waiting ON deliveries (lane, status, next_attempt_at) WHERE next_attempt_at IS NOT NULL;

-- What a person asked for and waits: retries by hand (trigger 1) and tests.
DROP INDEX deliveries_by_hand;
CREATE INDEX deliveries_by_hand ON deliveries (lane, in_order)
    WHERE next_attempt_at IS NOT NULL AND (trigger = 1 OR is_test = 1);

-- What goes to a URL of its own stands in no queue, and holds none. What is paused goes on with its endpoint still.
UPDATE deliveries SET in_order = 0 WHERE in_order = 1 AND target_url IS NOT NULL;
UPDATE endpoints SET held_by = NULL
    WHERE held_by IN (SELECT seq FROM deliveries WHERE target_url IS NOT NULL);
