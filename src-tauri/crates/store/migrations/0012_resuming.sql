-- An endpoint for which very much is paused goes on in more than one transaction.

-- Endpoints that were enabled and whose paused deliveries have not all gone on yet. Those that were overdue at `base`
-- go on from then on, `gap` milliseconds apart; `place` have so far. Read as a whole when the folder is opened.
CREATE TABLE resuming (
    endpoint_seq INTEGER PRIMARY KEY,
    base INTEGER NOT NULL,
    gap REAL NOT NULL,
    place INTEGER NOT NULL
) STRICT;

-- What is paused of an endpoint, the longest due first: how much that is, and the next step of its going on.
CREATE INDEX deliveries_paused ON deliveries (endpoint_seq, resume_at) WHERE resume_at IS NOT NULL;
