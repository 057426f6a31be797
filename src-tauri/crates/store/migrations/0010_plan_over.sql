-- Whether its plan had come to its end (delivered, given up, expired, cancelled, skipped) when a person had it tried
-- again: then no attempt of the plan follows that one.
ALTER TABLE deliveries ADD COLUMN plan_over INTEGER NOT NULL DEFAULT 0;

-- Of those that are being tried again it shows where the last attempt was delivered (0). 0, 1, 2, 6 are those that have
-- not ended; `status <> 3` names the index.
UPDATE deliveries SET plan_over = 1 WHERE status <> 3 AND status IN (0, 1, 2, 6) AND last_outcome = 0;

-- What was tried again by hand stands in its endpoint's queue, or out of it, as the endpoint has it by now.
UPDATE deliveries SET in_order = is_test = 0 AND target_url IS NULL
    AND endpoint_seq IN (SELECT seq FROM endpoints WHERE ordered = 1)
    WHERE status <> 3 AND status IN (0, 1, 2, 6);
