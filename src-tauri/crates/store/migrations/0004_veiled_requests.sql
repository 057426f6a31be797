-- What stands in captured requests and must not stand there in clear.

-- The headers and the query as they arrived, encrypted, of those requests whose headers or query hold a secret:
-- in `requests` they are as they are shown. By the request's seq; most requests have none.
CREATE TABLE request_secrets (
    seq INTEGER PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT;

-- The token of an inbox's subscriptions is in `sealed` beside its secrets from now on, and `verify_token` is NULL.
-- Rows of before are encrypted when the folder is opened.
