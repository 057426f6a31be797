-- Schemes of one's own choosing, endpoints that must pass a test before they go live, handshakes, and
-- bodies that differ from the event's payload because the signature stands in them.

-- The scheme that signs instead of the profile's: the id of a built-in one or of one in own_schemes.
ALTER TABLE endpoints ADD COLUMN scheme TEXT;

-- The envelope that the endpoint's events have instead of the profile's first.
ALTER TABLE endpoints ADD COLUMN envelope TEXT;

-- Whether it waits for its test before it goes live. A draft is disabled too.
ALTER TABLE endpoints ADD COLUMN draft INTEGER NOT NULL DEFAULT 0;

-- When a test was last delivered to the URL that it has now.
ALTER TABLE endpoints ADD COLUMN tested_at INTEGER;

-- What its failures are counted by instead of what the profile says: `attempts` or `deliveries`.
ALTER TABLE endpoints ADD COLUMN disable_counts TEXT;

-- Whether `headers` is encrypted. Rows of before are encrypted when the folder is opened.
ALTER TABLE endpoints ADD COLUMN headers_sealed INTEGER NOT NULL DEFAULT 0;

-- Whether it is a test of its endpoint: one try, made even where the endpoint is a draft.
ALTER TABLE deliveries ADD COLUMN is_test INTEGER NOT NULL DEFAULT 0;

-- The scheme that verifies instead of the profile's.
ALTER TABLE inboxes ADD COLUMN scheme TEXT;

-- Whether it answers its profile's handshakes, rather than what it is told to answer.
ALTER TABLE inboxes ADD COLUMN handshakes INTEGER NOT NULL DEFAULT 1;

-- The token that a subscription to it has to name in a handshake; NULL where any will do. It arrives in
-- clear, in the query of every such handshake, so it is kept in clear too.
ALTER TABLE inboxes ADD COLUMN verify_token TEXT;

-- Which handshake was answered; NULL for none.
ALTER TABLE requests ADD COLUMN handshake TEXT;

-- The bodies of attempts that were not the event's payload, by the attempt's key.
CREATE TABLE attempt_request_bodies (
    key INTEGER PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;

-- Schemes that people added, in the catalogue's form.
CREATE TABLE own_schemes (
    id TEXT PRIMARY KEY,
    form TEXT NOT NULL,                 -- JSON
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Provider profiles that people added.
CREATE TABLE own_profiles (
    id TEXT PRIMARY KEY,
    form TEXT NOT NULL,                 -- JSON
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who looked at which secret when, whatever it belongs to: an endpoint, an inbox.
CREATE TABLE secret_reveals (
    seq INTEGER PRIMARY KEY,
    noun TEXT NOT NULL,
    owner BLOB NOT NULL,                -- the owner's id
    secret_created_at INTEGER,          -- which of its secrets; NULL for the current one
    at INTEGER NOT NULL
) STRICT;

-- The reveals of one owner.
CREATE INDEX secret_reveals_by_owner ON secret_reveals (owner);
