//! What is taken out of URLs and paths that stand in a text: the password beside a user, secrets of a query, and the
//! paths that are secret themselves.

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
        Word { text: word, at, out: &mut out }.redact(within);
        at += word.len();
        at += text[at..].chars().next().map_or(0, char::len_utf8);
    }
    out.finish()
}

/// A word that may hold URLs, and where it stands.
struct Word<'w, 't> {
    text: &'w str,
    at: usize,
    out: &'w mut Rewrite<'t>,
}

impl Word<'_, '_> {
    fn redact(&mut self, within: Within) {
        let last_user = self.text.rfind('@');
        let mut from = 0;
        let mut query = self.query_behind(0);
        // What stands in a query goes with its parameter.
        while let Some(found) = self.text[from..query].find("//") {
            from = self.user(from + found + "//".len(), last_user);
            if from > query {
                query = self.query_behind(from);
            }
        }
        if let Some(secret) = secret_path(&self.text[from..query]) {
            self.replace(from + secret, query, REDACTED);
        }
        self.query(query, within);
    }

    fn query_behind(&self, from: usize) -> usize {
        self.text[from..].find(['?', '#']).map_or(self.text.len(), |found| from + found)
    }

    fn replace(&mut self, begin: usize, end: usize, with: &str) {
        self.out.replace(self.at + begin, self.at + end, with);
    }

    /// Takes out the password that stands beside a user, or what stands there without one. Says where the host begins.
    fn user(&mut self, begin: usize, last_user: Option<usize>) -> usize {
        let word = self.text;
        let authority = word[begin..].split(['/', '?', '#']).next().unwrap_or_default();
        // A port is a number: what is none is a password with a character in it that ends a host.
        let is_port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let end = authority.rfind('@').map(|found| begin + found).or_else(|| {
            let is_password = !authority.starts_with('[')
                && authority.split_once(':').is_some_and(|(_, port)| !is_port(port));
            last_user.filter(|last| *last > begin && is_password)
        });
        let Some(end) = end else { return begin };
        match word[begin..end].split_once(':') {
            Some((name, password)) if !password.is_empty() => {
                self.replace(begin + name.len() + 1, end, REDACTED);
            }
            // Some APIs take their key in the place of the user.
            Some((name, _)) if !name.is_empty() => self.replace(begin, begin + name.len(), REDACTED),
            None if end - begin >= SHORTEST_KEY => self.replace(begin, end, REDACTED),
            _ => {}
        }
        end
    }

    /// Takes the secrets out of what stands behind a question mark, or behind a hash, where some answers have them.
    fn query(&mut self, mark: usize, within: Within) {
        let word = self.text;
        let mut from = mark + 1;
        for piece in word.get(from..).unwrap_or_default().split('#') {
            let without = within.pairs(piece);
            if without != piece {
                self.replace(from, from + piece.len(), &without);
            }
            from += piece.len() + 1;
        }
    }
}

/// A user that is alone and no shorter is taken for a key.
const SHORTEST_KEY: usize = 20;

/// Where in a URL the path goes on that whoever knows may send to: those of webhooks.
fn secret_path(url: &str) -> Option<usize> {
    const BEGINNINGS: [&str; 5] = [
        "hooks.slack.com/services/",
        "discord.com/api/webhooks/",
        "discordapp.com/api/webhooks/",
        "api.telegram.org/bot",
        "webhook.office.com/webhookb2/",
    ];
    let behind = |begin: &&str| url.find(*begin).map(|found| found + begin.len());
    BEGINNINGS.iter().find_map(behind).filter(|at| *at < url.len())
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
            // Several in a word, one in the query of another, and one that names no scheme.
            ("amqp://u:p1@a,amqp://u:p2@b", "amqp://u:[redacted]@a,amqp://u:[redacted]@b"),
            ("/a?next=http://u:p@h&b=1&token=x", "/a?next=[redacted]&b=1&token=[redacted]"),
            ("//u:p@h/x", "//u:[redacted]@h/x"),
            // A password that nobody encoded.
            ("postgres://u:pa/s?s#w@h:5432/db?a=1", "postgres://u:[redacted]@h:5432/db?a=1"),
            ("https://0123456789abcdef0123@h/", "https://[redacted]@h/"),
            (
                "https://hooks.slack.com/services/T0/B0/xyz?a=1",
                "https://hooks.slack.com/services/[redacted]?a=1",
            ),
            ("https://api.telegram.org/bot1:abc/sendMessage", "https://api.telegram.org/bot[redacted]"),
        ] {
            assert_eq!(without(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "https://h/a?x=1",
            "a@b.example",
            "http://u@h/?",
            "Really? Yes: a=b",
            "http://h/@a:b",
            "?#",
            "http://h:80/a@b",
            "http://[::1]:80/a@b",
            "///",
            "https://hooks.slack.com/services/",
        ] {
            assert_eq!(without(text), None, "{text}");
        }
        // However many beginnings there are.
        let many = "//u:x".repeat(200_000);
        assert_eq!(without(&many), None);
    }
}
