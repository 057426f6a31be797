-- What of an endpoint somebody looked at: `secret`, its signing secret, or `headers`, the credentials among its own
-- headers. Looks from before this was kept count as looks at the secret.
ALTER TABLE endpoint_reveals ADD COLUMN what TEXT NOT NULL DEFAULT 'secret';
