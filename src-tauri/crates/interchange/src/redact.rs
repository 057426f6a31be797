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
            for text in message.tags.iter_mut().chain([&mut message.note, &mut message.path]) {
                if let Some(without) = without_tokens(text) {
                    *text = without;
                }
            }
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
        let kind = headers.get_str("content-type").unwrap_or_default().trim_start();
        let is =
            |wanted: &str| kind.get(..wanted.len()).is_some_and(|kind| kind.eq_ignore_ascii_case(wanted));
        if is("application/x-www-form-urlencoded") {
            return self.secrets.then(|| Bytes::from(pairs(text)));
        }
        if is("multipart/") {
            let without = crate::redact_form::parts(text, kind, |content| self.text(content), self.secrets);
            return without.map(Bytes::from);
        }
        self.text(text).map(Bytes::from)
    }

    /// A body of text without what is taken out; `None` where it stays as it is.
    fn text(&self, text: &str) -> Option<String> {
        match redact_json::redacted(text, &self.paths, self.secrets) {
            Ok(changed) => changed,
            // What begins like JSON and cannot be read, as what broke off, may hold what a path or a name means.
            Err(redact_json::NotJson) if looks_like_json(text) => Some(REDACTED.to_owned()),
            Err(redact_json::NotJson) => without_tokens(text).filter(|_| self.secrets),
        }
    }
}

fn looks_like_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

/// Whether a name says that its value is a credential or a signature.
pub(crate) fn is_secret_name(name: &str) -> bool {
    const WHOLE: [&str; 6] = ["bearer", "jwt", "otp", "passphrase", "privatekey", "sessionid"];
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    is_credential_name(name)
        || plain.contains("signature")
        || plain.contains("hmac")
        || plain.ends_with("sig")
        || WHOLE.contains(&&*plain)
}

/// The same of a header's name. Some providers name the header of their signature after themselves, and who makes a
/// scheme of their own likes to call it a MAC.
fn is_secret_header(name: &str) -> bool {
    const SIGNATURES: [&str; 3] = ["plaid-verification", "x-trello-webhook", "x-authorization-digest"];
    is_secret_name(name)
        || SIGNATURES.iter().any(|signature| name.eq_ignore_ascii_case(signature))
        || name.split(['-', '_']).any(|word| word.eq_ignore_ascii_case("mac"))
}

fn header((name, value): (&str, &HeaderValue)) -> (String, HeaderValue) {
    let kept = |value: &HeaderValue| match value.as_str().and_then(without_tokens) {
        Some(text) => HeaderValue::from(text),
        None => value.clone(),
    };
    let shown = if is_secret_header(name) { HeaderValue::from(REDACTED) } else { kept(value) };
    (name.to_owned(), shown)
}

/// A query or a form, with its secrets taken out.
pub(crate) fn pairs(query: &str) -> String {
    let piece = |piece: &str| {
        let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
        let (plain_name, plain_value) = form_urlencoded::parse(piece.as_bytes()).next().unwrap_or_default();
        if value.is_empty() {
            without_tokens(&plain_name).map_or_else(|| piece.to_owned(), |_| REDACTED.to_owned())
        } else if is_secret_name(&plain_name) || holds_secret(&plain_value) {
            format!("{name}={REDACTED}")
        } else {
            piece.to_owned()
        }
    };
    query.split('&').map(piece).collect::<Vec<_>>().join("&")
}

/// Whether a parameter's value has a token in it, or is JSON with a secret in it, as some senders' forms have.
fn holds_secret(value: &str) -> bool {
    without_tokens(value).is_some()
        || (looks_like_json(value) && redact_json::redacted(value, &[], true) != Ok(None))
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
        if let Some(at) = token_at(word) {
            without.push_str(&word[..at]);
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

/// Where in a run of such characters a token begins: at its start, or behind what joins words in paths, in assignments
/// and in URLs.
fn token_at(word: &str) -> Option<usize> {
    let joints = word.match_indices(['=', '/', '+', '~', '.']).map(|(at, _)| at + 1);
    std::iter::once(0).chain(joints).find(|at| is_token(&word[*at..]))
}

/// No longer run of characters is looked at for the end of a piece of a JWT.
const LONGEST_PIECES: usize = 16 << 10;

fn is_token(word: &str) -> bool {
    let known = BEGINNINGS
        .iter()
        .any(|(begin, least)| word.strip_prefix(begin).is_some_and(|rest| rest.len() >= *least));
    known || is_jwt(word)
}

/// Three pieces of base64, the first of which begins an object: `eyJ` is `{"`.
fn is_jwt(word: &str) -> bool {
    let mut pieces = word[..word.len().min(LONGEST_PIECES)].split('.');
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
    fn signatures_are_known_however_their_headers_are_called() {
        let signatures = [
            "X-Shopify-Hmac-Sha256",
            "X-Trello-Webhook",
            "X-Mine-Mac",
            "Paypal-Transmission-Sig",
            "Plaid-Verification",
        ];
        for name in signatures {
            assert!(is_secret_header(name), "{name}");
        }
        for name in ["X-Machine", "Config", "Content-Type", "webhook-id", "X-Slack-Request-Timestamp"] {
            assert!(!is_secret_header(name), "{name}");
        }
        for name in ["privateKey", "private_key", "jwt", "otp", "session_id", "Bearer"] {
            assert!(is_secret_name(name), "{name}");
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
    fn what_a_name_says_is_secret_goes_whatever_it_is() {
        let all = Redaction::new(true, []).unwrap();
        let json = |body: &str| redacted(message("application/json", body), &all).body;
        assert_eq!(
            json(r#"{"tokens": ["abc", "def"], "credentials": {"user": "u", "value": "hunter2"}, "n": [1]}"#),
            r#"{"tokens": "[redacted]", "credentials": "[redacted]", "n": [1]}"#
        );
        // What broke off, or is several documents.
        for body in
            [r#"{"password": "hunter2", "#, "{\"password\": \"hunter2\"}\n{\"password\": \"x\"}\n", "[{\"a"]
        {
            assert_eq!(json(body), REDACTED, "{body}");
        }
        assert_eq!(json("no json with a password"), "no json with a password");
    }

    #[test]
    fn parts_of_forms_are_redacted_one_by_one() {
        let all = Redaction::new(true, ["to"]).unwrap();
        let body = |password: &str, json: &str| {
            format!(
                "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n{password}\r\n\
                 --b\r\nContent-Disposition: form-data; filename=\"key\"; name=note\r\n\r\nhello\r\n\
                 --b\r\nContent-Disposition: form-data; name=\"json\"\r\n\r\n{json}\r\n--b--\r\n"
            )
        };
        let form = message("Multipart/Form-Data; boundary=\"b\"", &body("hunter2", r#"{"to": "a", "x": 1}"#));
        assert_eq!(redacted(form, &all).body, body(REDACTED, r#"{"to": "[redacted]", "x": 1}"#));
        let without_boundary = message("multipart/form-data", &body("hunter2", "{}"));
        assert_eq!(redacted(without_boundary, &all).body, REDACTED);
        let in_form =
            message("application/x-www-form-urlencoded", "payload=%7B%22token%22%3A%22x%22%7D&a=%7B%7D");
        assert_eq!(redacted(in_form, &all).body, "payload=[redacted]&a=%7B%7D");
    }

    #[test]
    fn tokens_are_found_in_assignments_and_paths() {
        let all = Redaction::new(true, []).unwrap();
        let mut with_path =
            message("text/plain", "STRIPE=sk_live_0123456789abcdef\nhttps://h/xoxb-0123456789ab?a=1");
        with_path.path = "/hooks/whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned();
        with_path.tags = vec!["ghp_0123456789012345678901".to_owned(), "fine".to_owned()];
        let without = redacted(with_path, &all);
        assert_eq!(without.body, "STRIPE=[redacted]\nhttps://h/[redacted]?a=1");
        assert_eq!(
            (&*without.path, &*without.tags[0], &*without.tags[1]),
            ("/hooks/[redacted]", REDACTED, "fine")
        );
        // However many beginnings there are.
        let many = "eyJhbGciOi/".repeat(200_000);
        assert_eq!(without_tokens(&many), None);
    }

    #[test]
    fn a_path_that_is_none_is_refused() {
        for bad in ["", "a..b", "a[", "a[x]", "a.", ".a"] {
            assert!(Redaction::new(false, [bad]).is_err(), "{bad}");
        }
    }
}
