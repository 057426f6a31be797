-- What stands in events and must not stand there in clear.

-- The headers and the query as they go out, encrypted, where they hold a secret that came with a captured request:
-- `headers` and `query` are then as they are shown. NULL where they hold none, which is nearly always.
ALTER TABLE events ADD COLUMN sealed BLOB;
