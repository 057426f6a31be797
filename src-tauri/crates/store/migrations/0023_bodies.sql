-- Bodies of captured requests as they are kept: small, and once where they are equal.

-- A body, with as many rows of request_bodies as are told by it.
CREATE TABLE bodies (
    no INTEGER PRIMARY KEY,
    hash INTEGER NOT NULL,              -- of the bytes as they came
    size INTEGER NOT NULL,              -- how many those are
    packed INTEGER NOT NULL,            -- 0 as they came, 1 by Zstandard
    bytes BLOB NOT NULL,
    uses INTEGER NOT NULL               -- by how many requests; it goes with the last
) STRICT;

-- The bodies that may be equal to another.
CREATE INDEX bodies_by_hash ON bodies (hash);

-- Which body it is; `body` is empty then. NULL where the bytes stand in `body` as they came: until it is kept otherwise,
-- behind the capturing, and for good where it is too short to gain by it.
ALTER TABLE request_bodies ADD COLUMN kept INTEGER;
