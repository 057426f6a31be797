-- What bodies in UTF-16 say, in the index of texts.

-- It is written anew, behind the capturing, as it was for packed bodies (`0024_content.sql`): which bodies begin with a mark
-- of UTF-16 cannot be asked of those that are kept packed. What is not in it yet is found by looking through it.
INSERT INTO request_text (request_text) VALUES ('delete-all');
DELETE FROM text_blocks;
UPDATE text_mark SET seq = 0;
