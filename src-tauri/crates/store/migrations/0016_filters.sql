-- Filters for captured requests that somebody gave a name.
CREATE TABLE saved_filters (
    id BLOB PRIMARY KEY,                -- one by id
    name TEXT NOT NULL,
    filter TEXT NOT NULL,               -- in the filter's language
    inbox_id BLOB,                      -- NULL for all inboxes
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The list by the status that was answered, but for those of success, which nearly all have.
CREATE INDEX requests_by_status ON requests (response_status, id) WHERE response_status > 299;

-- The list of what has tags; the tags that there are.
CREATE INDEX requests_tagged ON requests (id) WHERE tags <> '[]';

-- The list of what has a note.
CREATE INDEX requests_noted ON requests (id) WHERE note <> '';

-- The list of handshakes.
CREATE INDEX requests_handshakes ON requests (id) WHERE handshake IS NOT NULL;
