//! What is taken out of URLs and paths that stand in a text: the password beside a user, and secrets of a query.

use crate::redact::{REDACTED, Within};
use crate::redact_tokens::without_tokens;
use crate::rewrite::Rewrite;

/// Text without what looks like a token, and without the secrets of the URLs in it; `None` where it has none.
pub(crate) fn without(text: &str, within: Within) -> Option<String> {
    let tokens = without_tokens(text);
    let urls = urls(tokens.as_deref().unwrap_or(text), within);
    urls.or(tokens)
}

/// Text without the secrets of the URLs in it, each of which is a word.
fn urls(text: &str, within: Within) -> Option<String> {
    let mut out = Rewrite::of(text);
    let mut at = 0;
    for word in text.split(|character: char| character.is_whitespace() || "<>\"".contains(character)) {
        user(word, at, &mut out);
        query(word, at, within, &mut out);
        at += word.len();
        at += text[at..].chars().next().map_or(0, char::len_utf8);
    }
    out.finish()
}

/// Takes out the password that stands beside a user, or what stands there without one.
fn user(word: &str, at: usize, out: &mut Rewrite<'_>) {
    let Some(begin) = word.find("://").map(|found| found + "://".len()) else { return };
    let authority = word[begin..].split(['/', '?', '#']).next().unwrap_or_default();
    let Some((user, _)) = authority.rsplit_once('@') else { return };
    let Some((name, password)) = user.split_once(':') else { return };
    let begin = at + begin;
    let end = begin + user.len();
    if !password.is_empty() {
        out.replace(begin + name.len() + 1, end, REDACTED);
    } else if !name.is_empty() {
        // Some APIs take their key in the place of the user.
        out.replace(begin, begin + name.len(), REDACTED);
    }
}

/// Takes the secrets out of what stands behind a question mark, or behind a hash, where some answers have them.
fn query(word: &str, at: usize, within: Within, out: &mut Rewrite<'_>) {
    let Some(begin) = word.find(['?', '#']).map(|found| found + 1) else { return };
    let mut from = begin;
    for piece in word[begin..].split('#') {
        let without = within.pairs(piece);
        if without != piece {
            out.replace(at + from, at + from + piece.len(), &without);
        }
        from += piece.len() + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_in_a_text_lose_their_secrets_and_nothing_else() {
        let without = |text: &str| without(text, Within::default());
        for (text, expected) in [
            ("https://h/a?x=1&token=s3cr3t#top", "https://h/a?x=1&token=[redacted]#top"),
            ("/cb?access_token=s3cr3t&n=2", "/cb?access_token=[redacted]&n=2"),
            ("https://h/#access_token=s3cr3t", "https://h/#access_token=[redacted]"),
            (
                "<https://h/?api_key=a>; rel=next, </b?c=1>",
                "<https://h/?api_key=[redacted]>; rel=next, </b?c=1>",
            ),
            ("http://user:PW@h:80/slug", "http://user:[redacted]@h:80/slug"),
            ("é http://u:p@q@h?token=x é", "é http://u:[redacted]@h?token=[redacted] é"),
            ("https://key:@h/", "https://[redacted]:@h/"),
            ("/a?next=https%3A%2F%2Fh%2F%3Ftoken%3Dx", "/a?next=[redacted]"),
        ] {
            assert_eq!(without(text).as_deref(), Some(expected), "{text}");
        }
        for text in
            ["", "https://h/a?x=1", "a@b.example", "http://u@h/?", "Really? Yes: a=b", "http://h/@a:b", "?#"]
        {
            assert_eq!(without(text), None, "{text}");
        }
    }
}
