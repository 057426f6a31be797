-- What an inbox answers by rules of its own, in their order: JSON, as the model writes it.
ALTER TABLE inboxes ADD COLUMN rules TEXT NOT NULL DEFAULT '[]';

-- Which rule answered a captured request, and what became of the answer; nothing of those that no rule answered, which
-- are nearly all. Read with the request.
CREATE TABLE request_answers (
    seq INTEGER PRIMARY KEY,            -- of the request
    rule BLOB NOT NULL,                 -- the rule's id
    name TEXT NOT NULL,                 -- what it was called then
    fault TEXT,                         -- what became of the answer, where it did not go out as it should
    shows_status INTEGER NOT NULL       -- whether a status went out
) STRICT;

-- What else came for the same event: the retries of its sender.
CREATE INDEX requests_by_provider_event ON requests (inbox_seq, provider_event_id, id)
WHERE provider_event_id IS NOT NULL;
