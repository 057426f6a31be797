-- What the bodies of a provider's event types look like, learnt from what the inboxes received. One row for each event
-- type of a provider, or of an inbox without one; a thousand at most.
CREATE TABLE shapes (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    provider TEXT,                      -- whose bodies; NULL where they are those of one inbox
    inbox BLOB,                         -- the id of that
    event_type TEXT,                    -- NULL where they have none
    tree TEXT NOT NULL,                 -- what was learnt: JSON, as the model writes it
    bodies INTEGER NOT NULL,            -- from how many
    places INTEGER NOT NULL,            -- how many places the tree tells apart
    first_seen_at INTEGER NOT NULL,     -- when the first of them was received
    last_seen_at INTEGER NOT NULL,      -- when the newest was
    last_request BLOB NOT NULL          -- which that is; it may be gone
) STRICT;

-- One shape by id.
CREATE UNIQUE INDEX shapes_by_id ON shapes (id);

-- The shape that a body belongs to; whether a provider or an inbox has any.
CREATE INDEX shapes_by_source ON shapes (provider, inbox, event_type);

-- Which was seen longest ago.
CREATE INDEX shapes_by_last_seen ON shapes (last_seen_at);

-- Where captured requests differed from what was known before them. They go with their request and with their shape.
CREATE TABLE drifts (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    request_seq INTEGER NOT NULL,
    shape_seq INTEGER NOT NULL,
    kind INTEGER NOT NULL,              -- see codes.rs
    path TEXT NOT NULL,
    was TEXT NOT NULL,                  -- the types that were known: a JSON array
    type_now TEXT                       -- the type that was there; NULL for none
) STRICT;

-- The list, newest first.
CREATE UNIQUE INDEX drifts_by_id ON drifts (id);

-- Those of a request; which requests of a page have any.
CREATE INDEX drifts_by_request ON drifts (request_seq, kind);

-- Those of a shape, newest first; how many those are.
CREATE INDEX drifts_by_shape ON drifts (shape_seq, id);

-- Up to which captured request shapes were learnt. One row. What is there when this begins is learnt too.
CREATE TABLE shape_mark (
    seq INTEGER NOT NULL
) STRICT;
INSERT INTO shape_mark (seq) VALUES (0);
