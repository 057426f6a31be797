-- The URL that a captured request was addressed to, up to the path below the slug: `http://localhost:4800/in`. Empty
-- where its sender named no host, NULL for what was captured before this was kept.
ALTER TABLE requests ADD COLUMN addressed TEXT;

-- What stands before the body in the content that the signature covers, encrypted, where it holds what is hidden of the
-- headers and the query: `signed_content` is empty then.
ALTER TABLE request_secrets ADD COLUMN signed_content BLOB;
