-- From where inboxes are reached, and who may.

-- What a sender has to show, without what is secret of it, as JSON; NULL for nothing. The secret is encrypted.
ALTER TABLE inboxes ADD COLUMN access TEXT;
ALTER TABLE inboxes ADD COLUMN access_sealed BLOB;
-- Which addresses may send, as a JSON array; empty for all.
ALTER TABLE inboxes ADD COLUMN allow TEXT NOT NULL DEFAULT '[]';

-- What was agreed on over TLS, as JSON; NULL of what came in clear.
ALTER TABLE request_wire ADD COLUMN tls TEXT;

-- The receiver's certificates: the authority that signs what Hookbench makes, what it signed, and what was given.
CREATE TABLE capture_certificates (
    role TEXT PRIMARY KEY,              -- authority, made or own
    certificate_pem TEXT NOT NULL,
    key_sealed BLOB NOT NULL,           -- the private key, encrypted
    kept_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
