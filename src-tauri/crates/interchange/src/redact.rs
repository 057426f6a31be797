//! What is taken out of requests before they are handed on.

use bytes::Bytes;
use hookbench_model::{HeaderPairs, HeaderValue, is_credential_name};

use crate::redact_json::{self, Path};
use crate::{Outgoing, headers, text};

/// Stands in the place of what was taken out.
pub const REDACTED: &str = "[redacted]";

/// What is to be taken out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redaction {
    /// Secrets: by the names of headers, parameters and fields that hold credentials or signatures, and values that
    /// look like a token, wherever they stand.
    pub secrets: bool,
    paths: Vec<Path>,
}

/// A path that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` is no path: write it as data.to, data.items[0].email or data.items[*].email")]
pub struct BadPath {
    /// As it was given.
    pub path: String,
}

impl Redaction {
    /// What is to be taken out; `paths` are those of JSON bodies, as `data.to` or `items[*].email`.
    pub fn new<'p>(secrets: bool, paths: impl IntoIterator<Item = &'p str>) -> Result<Self, BadPath> {
        let read = |path: &str| Path::read(path).ok_or_else(|| BadPath { path: path.to_owned() });
        Ok(Self { secrets, paths: paths.into_iter().map(read).collect::<Result<_, _>>()? })
    }

    /// Whether anything is taken out at all.
    pub const fn is_none(&self) -> bool {
        !self.secrets && self.paths.is_empty()
    }

    /// Takes it out of a request. Where the body becomes another, its size and `Content-Length` follow.
    pub fn apply(&self, outgoing: &mut Outgoing) {
        if self.is_none() {
            return;
        }
        let message = &mut outgoing.message;
        if self.secrets {
            message.headers = message.headers.iter().map(header).collect();
            message.query = message.query.as_deref().map(pairs);
            message.note = without_tokens(&message.note).unwrap_or_else(|| std::mem::take(&mut message.note));
        }
        if let Some(body) = self.body(&message.headers, &message.body) {
            let size = body.len().to_string();
            message.body = body;
            if message.headers.get("content-length").is_some() {
                headers::set(&mut message.headers, "Content-Length", &size);
            }
        }
        message.kept = None;
        outgoing.facts.redacted = true;
    }

    /// The body without what is taken out; `None` where it stays as it is.
    fn body(&self, headers: &HeaderPairs, body: &Bytes) -> Option<Bytes> {
        if body.is_empty() {
            return None;
        }
        // What is compressed cannot be looked into, so nothing of it is handed on.
        let coded = headers.get_all("content-encoding").any(|coding| {
            let coding = coding.as_bytes().trim_ascii();
            !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity")
        });
        let Some(text) = text::of(body).filter(|_| !coded) else {
            return Some(Bytes::from_static(REDACTED.as_bytes()));
        };
        let is_form = headers.get_str("content-type").is_some_and(|kind| {
            kind.trim_start().to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
        });
        if is_form {
            return self.secrets.then(|| Bytes::from(pairs(text)));
        }
        match redact_json::redacted(text, &self.paths, self.secrets) {
            Ok(changed) => changed.map(Bytes::from),
            // What begins like JSON and cannot be read may hold what a path means.
            Err(redact_json::NotJson)
                if !self.paths.is_empty() && text.trim_start().starts_with(['{', '[']) =>
            {
                Some(Bytes::from_static(REDACTED.as_bytes()))
            }
            Err(redact_json::NotJson) => without_tokens(text).filter(|_| self.secrets).map(Bytes::from),
        }
    }
}

/// Whether a name says that its value is a credential or a signature.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    is_credential_name(name) || lower.contains("signature") || lower == "sig" || lower == "hmac"
}

fn header((name, value): (&str, &HeaderValue)) -> (String, HeaderValue) {
    let kept = |value: &HeaderValue| match value.as_str().and_then(without_tokens) {
        Some(text) => HeaderValue::from(text),
        None => value.clone(),
    };
    let shown = if is_secret_name(name) { HeaderValue::from(REDACTED) } else { kept(value) };
    (name.to_owned(), shown)
}

/// A query or a form, with its secrets taken out.
pub(crate) fn pairs(query: &str) -> String {
    let piece = |piece: &str| {
        let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
        let (plain_name, plain_value) = form_urlencoded::parse(piece.as_bytes()).next().unwrap_or_default();
        if value.is_empty() {
            without_tokens(&plain_name).map_or_else(|| piece.to_owned(), |_| REDACTED.to_owned())
        } else if is_secret_name(&plain_name) || without_tokens(&plain_value).is_some() {
            format!("{name}={REDACTED}")
        } else {
            piece.to_owned()
        }
    };
    query.split('&').map(piece).collect::<Vec<_>>().join("&")
}

/// Text with what looks like a token taken out; `None` where there is none in it.
pub(crate) fn without_tokens(text: &str) -> Option<String> {
    let mut without = String::new();
    let mut rest = text;
    let mut found = false;
    while let Some(begin) = rest.find(is_of_token) {
        let length = rest[begin..].find(|character| !is_of_token(character)).unwrap_or(rest.len() - begin);
        let word = &rest[begin..begin + length];
        without.push_str(&rest[..begin]);
        if is_token(word) {
            without.push_str(REDACTED);
            found = true;
        } else {
            without.push_str(word);
        }
        rest = &rest[begin + length..];
    }
    without.push_str(rest);
    found.then_some(without)
}

fn is_of_token(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.' | '+' | '/' | '~' | '=')
}

/// What the makers of tokens begin them with, each with the fewest characters that follow.
const BEGINNINGS: [(&str, usize); 25] = [
    ("whsec_", 16),
    ("whpk_", 16),
    ("whsk_", 16),
    ("sk_live_", 8),
    ("sk_test_", 8),
    ("rk_live_", 8),
    ("rk_test_", 8),
    ("pk_live_", 8),
    ("sk-", 20),
    ("ghp_", 20),
    ("gho_", 20),
    ("ghu_", 20),
    ("ghs_", 20),
    ("ghr_", 20),
    ("github_pat_", 20),
    ("glpat-", 16),
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("xoxa-", 10),
    ("xapp-", 10),
    ("shpat_", 16),
    ("SG.", 20),
    ("AKIA", 16),
    ("AIza", 30),
    ("npm_", 20),
];

fn is_token(word: &str) -> bool {
    let known = BEGINNINGS
        .iter()
        .any(|(begin, least)| word.strip_prefix(begin).is_some_and(|rest| rest.len() >= *least));
    known || is_jwt(word)
}

/// Three pieces of base64, the first of which begins an object: `eyJ` is `{"`.
fn is_jwt(word: &str) -> bool {
    let mut pieces = word.split('.');
    let is_piece = |piece: Option<&str>| piece.is_some_and(|piece| piece.len() >= 8);
    word.starts_with("eyJ") && is_piece(pieces.next()) && is_piece(pieces.next()) && pieces.next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Facts, Message};

    fn redacted(message: Message, redaction: &Redaction) -> Message {
        let mut outgoing = Outgoing { message, facts: Facts::default() };
        redaction.apply(&mut outgoing);
        assert!(outgoing.facts.redacted);
        outgoing.message
    }

    fn message(content_type: &str, body: &str) -> Message {
        Message {
            headers: HeaderPairs::from_iter([
                ("Content-Type", content_type),
                ("Content-Length", "999"),
                ("Authorization", "Bearer abc"),
                ("cookie", "a=b"),
                ("Stripe-Signature", "t=1,v1=ab"),
                ("X-Note", "use sk_live_0123456789abcdef now"),
                ("X-Plain", "hello"),
            ]),
            query: Some("a=1&access_token=xyz&b=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned()),
            body: Bytes::copy_from_slice(body.as_bytes()),
            ..Message::default()
        }
    }

    #[test]
    fn secrets_are_taken_out_by_name_and_by_value() {
        let all = Redaction::new(true, []).unwrap();
        let message = redacted(
            message("application/json", r#"{"a": 1.50, "token": "x", "b": ["ghp_0123456789012345678901"]}"#),
            &all,
        );
        let value = |name: &str| message.headers.get_str(name).unwrap();
        for name in ["authorization", "cookie", "stripe-signature"] {
            assert_eq!(value(name), REDACTED, "{name}");
        }
        assert_eq!((value("x-note"), value("x-plain")), ("use [redacted] now", "hello"));
        assert_eq!(message.query.as_deref(), Some("a=1&access_token=[redacted]&b=[redacted]"));
        let expected = r#"{"a": 1.50, "token": "[redacted]", "b": ["[redacted]"]}"#;
        assert_eq!(message.body, expected);
        assert_eq!(value("content-length"), expected.len().to_string());
    }

    #[test]
    fn paths_are_taken_out_and_the_rest_stays_to_the_byte() {
        let paths = Redaction::new(false, ["data.to", "items[*].email", "$.x[1]"]).unwrap();
        let body = "{ \"data\":{\"to\" : {\"deep\":[1,2]} ,\"n\":1e5},\"items\":[{\"email\":\"a\"},{\"email\":\"b\"}], \"x\":[1,2,3]}";
        let message = redacted(message("application/json", body), &paths);
        assert_eq!(
            message.body,
            "{ \"data\":{\"to\" : \"[redacted]\" ,\"n\":1e5},\"items\":[{\"email\":\"[redacted]\"},{\"email\":\"[redacted]\"}], \"x\":[1,\"[redacted]\",3]}"
        );
        assert_eq!(message.headers.get_str("authorization"), Some("Bearer abc"));
    }

    #[test]
    fn what_cannot_be_looked_into_is_taken_out_whole() {
        let all = Redaction::new(true, []).unwrap();
        let mut coded = message("application/json", "{}");
        coded.headers.push("Content-Encoding", "gzip");
        assert_eq!(redacted(coded, &all).body, REDACTED);
        let form = redacted(message("application/x-www-form-urlencoded", "a=b&password=c"), &all);
        assert_eq!(form.body, "a=b&password=[redacted]");
        let text = redacted(message("text/plain", "key eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc."), &all);
        assert_eq!(text.body, "key [redacted]");
    }

    #[test]
    fn a_path_that_is_none_is_refused() {
        for bad in ["", "a..b", "a[", "a[x]", "a.", ".a"] {
            assert!(Redaction::new(false, [bad]).is_err(), "{bad}");
        }
    }
}
