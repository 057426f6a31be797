-- A demo's time goes on over a restart. An ordinary workspace has none of this.

-- Where it goes on, in milliseconds; NULL until it has gone. While it runs this lies a little ahead of what is shown.
ALTER TABLE workspace ADD COLUMN demo_at INTEGER;
-- How many times as fast as real time it goes, and whether it stands.
ALTER TABLE workspace ADD COLUMN demo_speed INTEGER NOT NULL DEFAULT 1;
ALTER TABLE workspace ADD COLUMN demo_paused INTEGER NOT NULL DEFAULT 0;
