-- That the clock was set back is taken into account once.

-- The newest delivery (its seq) when the clock had been set back and what waits had been brought back with it: those
-- until then were made by the clock as it was before. 0 for never.
ALTER TABLE workspace ADD COLUMN clock_set_after INTEGER NOT NULL DEFAULT 0;
