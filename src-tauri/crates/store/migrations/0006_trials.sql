-- Endpoints that try another one's policy out.

-- The endpoint (its id) whose policy this one tries out at a fault receiver; NULL for endpoints of one's own. The
-- receiver lives no longer than the program runs, so what is left of these at a start is deleted then.
ALTER TABLE endpoints ADD COLUMN trial_of BLOB;
