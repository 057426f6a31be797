-- The words by which captured requests are found. Written behind the capturing, oldest key first.

-- For each request, by its seq, the marks of what stands in its path, query, event type, event id, headers (as they are
-- shown) and body: `src/text/marks.rs` says which. Only which row has which mark is kept; whoever searches reads the rows
-- that have all marks of the text, and looks whether it stands there. Notes are edited, and are not in it.
CREATE VIRTUAL TABLE request_text USING fts5 (
    marks,
    content = '',
    contentless_delete = 1,
    detail = none,
    tokenize = 'ascii'
);

-- Up to which captured request that is so. One row. What is there when this begins is written too.
CREATE TABLE text_mark (
    seq INTEGER NOT NULL
) STRICT;
INSERT INTO text_mark (seq) VALUES (0);

-- From which id to which the requests of 1024 keys reach, those that are in request_text: lists go by id, and what is
-- found goes by key. What is deleted leaves the bounds as they are.
CREATE TABLE text_blocks (
    block INTEGER PRIMARY KEY,          -- the keys divided by 1024
    lowest BLOB NOT NULL,
    highest BLOB NOT NULL
) STRICT;

-- Its parts are put together in small steps (`src/text/fill.rs`), never by the way: that would take long.
INSERT INTO request_text (request_text, rank) VALUES ('automerge', 0);
INSERT INTO request_text (request_text, rank) VALUES ('crisismerge', 400);
