-- Captured requests that are passed on.

-- Who else gets what an inbox captures: JSON, as the model writes it; NULL for nobody.
ALTER TABLE inboxes ADD COLUMN relay TEXT;

-- Whether the Host among an event's own headers goes out as it stands there, and not the target's.
ALTER TABLE events ADD COLUMN keeps_host INTEGER NOT NULL DEFAULT 0;

-- Each target that a captured request goes to: written with the request, and read with it. Requests of inboxes that
-- relay nothing have no row.
CREATE TABLE request_relays (
    request_seq INTEGER NOT NULL,
    number INTEGER NOT NULL,            -- among those of the request, from 1
    target_id BLOB NOT NULL,            -- as the inbox had it then, and so what follows
    name TEXT NOT NULL,
    url TEXT,                           -- NULL for an endpoint
    endpoint_id BLOB,                   -- NULL for a URL
    keeps_host INTEGER NOT NULL,        -- whether the sender's Host goes there
    inline INTEGER NOT NULL,            -- whether the sender waits for the answer
    state INTEGER NOT NULL,             -- 0 waiting, 1 made a delivery, 2 under way, 3 answered, 4 failed, 5 hung up
    delivery_id BLOB,                   -- what was made of it
    started_at INTEGER,                 -- these and the rest of what is inline
    duration_ms INTEGER,
    status INTEGER,
    headers BLOB,
    body_size INTEGER,
    body_truncated INTEGER,
    error TEXT,
    PRIMARY KEY (request_seq, number)
) STRICT, WITHOUT ROWID;

-- What is still to be made a delivery, oldest first.
CREATE INDEX request_relays_waiting ON request_relays (request_seq, number) WHERE state = 0;

-- What a crash left under way.
CREATE INDEX request_relays_under_way ON request_relays (request_seq) WHERE state = 2;

-- The bodies that targets answered while the sender waited, up to the cap; apart from what lists read.
CREATE TABLE relay_bodies (
    request_seq INTEGER NOT NULL,
    number INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (request_seq, number)
) STRICT;
