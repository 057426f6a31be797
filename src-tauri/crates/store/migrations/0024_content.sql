-- What bodies say that their senders packed, in the index of texts.

-- It is written anew, behind the capturing: bodies with their content codings undone, and two bytes by themselves
-- (`src/text/marks.rs`). What is not in it yet is found by looking through it.
INSERT INTO request_text (request_text) VALUES ('delete-all');
DELETE FROM text_blocks;
UPDATE text_mark SET seq = 0;
