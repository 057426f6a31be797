-- The colour that a person marked a captured request with, as a number (see codes.rs); NULL for none.
ALTER TABLE requests ADD COLUMN colour INTEGER;

-- The list of what has a colour.
CREATE INDEX requests_by_colour ON requests (colour, id) WHERE colour IS NOT NULL;
