-- Captured requests that were read from a file.

-- Where a captured request comes from that did not arrive here, by the request's seq. Those that arrived have no row.
CREATE TABLE request_imports (
    seq INTEGER PRIMARY KEY,
    format TEXT NOT NULL,               -- har, curl, raw, postman, jsonl
    name TEXT NOT NULL,                 -- of the file; may be empty
    entry TEXT                          -- as another tool wrote it, without the body, to be written the same again
) STRICT;

-- A replay of which one follows the other as far apart as the originals did, times this factor; NULL for any other.
ALTER TABLE replays ADD COLUMN gaps REAL;
