-- How captured requests came in and stood on the wire.

-- Which connection a request came on, from 1 since the receiver began to listen, and which request on it it was; how
-- long its head took, NULL where that is not seen, and how long its body, in microseconds. NULL of what was not
-- received here, or before this was kept.
ALTER TABLE requests ADD COLUMN connection INTEGER;
ALTER TABLE requests ADD COLUMN turn INTEGER;
ALTER TABLE requests ADD COLUMN head_us INTEGER;
ALTER TABLE requests ADD COLUMN body_us INTEGER;

-- What the bytes of a request say beyond the columns of `requests`, by the request's seq. Most requests have no row:
-- their head is the one that is written of those columns, their body stood there as it is kept, and nothing is wrong.
CREATE TABLE request_wire (
    seq INTEGER PRIMARY KEY,
    head BLOB,                          -- as it stood, and as it is shown; NULL where it is the written one
    chunks BLOB,                        -- how the body was cut; NULL where it was not
    trailers BLOB,                      -- as they stood, and as they are shown; NULL where there are none
    sealed BLOB,                        -- head and trailers as they stood, encrypted, where a secret is in them
    fault_code TEXT,                    -- what is wrong with it; NULL where nothing is
    fault_message TEXT,
    fault_at INTEGER                    -- the byte that showed it; NULL where none is to blame
) STRICT;
