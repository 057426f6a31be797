//! What is taken out of requests before they are handed on.

use bytes::Bytes;
use hookbench_model::{HeaderPairs, HeaderValue, WireRecord, is_credential_name, trailer_pairs};

use crate::redact_json::{self, Path};
use crate::redact_tokens::without_tokens;
use crate::redact_xml::{self, looks_like_xml};
use crate::{Message, Outgoing, headers, text};

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
        // What stood on the wire would say it again.
        let WireRecord { trailers, tls, .. } = std::mem::take(&mut message.wire);
        message.wire = WireRecord { trailers, tls, ..WireRecord::default() };
        if self.secrets {
            message.headers = message.headers.iter().map(header).collect();
            message.wire.trailers = without_secrets(&message.wire.trailers);
            message.headers = message.headers.iter().map(path).collect();
            message.query = message.query.as_deref().map(pairs);
            let Message { note, path, method, http_version, .. } = message;
            for text in message.tags.iter_mut().chain([note, path, method]).chain(http_version) {
                if let Some(without) = without_tokens(text) {
                    *text = without;
                }
            }
        }
        // What follows a malformed head may be anything, the head of another request too.
        let broken = message.fault.as_ref().filter(|fault| !is_of_body(&fault.code));
        if self.secrets && broken.is_some() && !message.body.is_empty() {
            message.body = Bytes::from_static(REDACTED.as_bytes());
        } else if let Some(body) = self.body(&message.headers, &message.body) {
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
        let secrets = self.secrets.then(Within::default);
        let plain = text.strip_prefix('\u{feff}').unwrap_or(text);
        let without = match redact_json::redacted(plain, &self.paths, secrets) {
            Ok(changed) => changed,
            // What begins like JSON and cannot be read, as what broke off, may hold what a path or a name means.
            Err(redact_json::NotJson) if looks_like_json(plain) => Some(REDACTED.to_owned()),
            Err(redact_json::NotJson) => secrets.and_then(|within| {
                if looks_like_xml(plain) {
                    return redact_xml::redacted(plain, within).unwrap_or_else(|_| Some(REDACTED.to_owned()));
                }
                without_tokens(plain)
            }),
        };
        without.map(|without| text[..text.len() - plain.len()].to_owned() + &without)
    }
}

/// How deep a text stands in others: JSON in a text of JSON, in one of XML.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Within(u8);

impl Within {
    /// Deeper ones are not looked into.
    const DEEPEST: u8 = 4;

    /// A text that stands in another, without the secrets in it; `None` where it has none.
    pub(crate) fn text(self, text: &str) -> Option<String> {
        let (is_json, is_xml) = (looks_like_json(text), looks_like_xml(text));
        if self.0 == Self::DEEPEST && (is_json || is_xml) {
            return Some(REDACTED.to_owned());
        }
        let inner = Self(self.0 + 1);
        if is_json && let Ok(without) = redact_json::redacted(text, &[], Some(inner)) {
            return without;
        }
        if is_xml && let Ok(without) = redact_xml::redacted(text, inner) {
            return without;
        }
        // What a person writes may begin so too.
        if (is_json && text.contains('"')) || (is_xml && redact_xml::has_secret_tag(text)) {
            return Some(REDACTED.to_owned());
        }
        without_tokens(text)
    }
}

/// Whether what is wrong with a request shows in its body, so that its head can be read.
fn is_of_body(code: &str) -> bool {
    code.starts_with("body") || code.starts_with("trailer") || code == "chunk"
}

/// Trailers without their secrets.
fn without_secrets(trailers: &Bytes) -> Bytes {
    let pairs = trailer_pairs(trailers);
    let lines = pairs
        .iter()
        .map(header)
        .flat_map(|(name, value)| [name.as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    lines.collect::<Vec<u8>>().into()
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

/// A path over HTTP/2, which is among the headers, with the secrets of its query taken out.
fn path((name, value): (&str, &HeaderValue)) -> (String, HeaderValue) {
    let parts = value.as_str().filter(|_| name == ":path").and_then(|path| path.split_once('?'));
    let shown = parts.map(|(path, query)| HeaderValue::from(format!("{path}?{}", pairs(query))));
    (name.to_owned(), shown.unwrap_or_else(|| value.clone()))
}

/// A query or a form, with its secrets taken out.
pub(crate) fn pairs(query: &str) -> String {
    let piece = |piece: &str| {
        let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
        let (plain_name, plain_value) = form_urlencoded::parse(piece.as_bytes()).next().unwrap_or_default();
        if value.is_empty() {
            without_tokens(&plain_name).map_or_else(|| piece.to_owned(), |_| REDACTED.to_owned())
        } else if is_secret_name(&plain_name) || Within::default().text(&plain_value).is_some() {
            format!("{name}={REDACTED}")
        } else {
            piece.to_owned()
        }
    };
    query.split('&').map(piece).collect::<Vec<_>>().join("&")
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
    fn xml_is_redacted_by_the_same_names() {
        let all = Redaction::new(true, []).unwrap();
        let xml = |kind: &str, body: &str| redacted(message(kind, body), &all).body;
        for kind in ["application/xml", "text/xml; charset=utf-8", "application/soap+xml", "text/plain"] {
            let body = "\u{feff}<a><x:password>xml1</x:password><b/></a>";
            assert_eq!(xml(kind, body), "\u{feff}<a><x:password>[redacted]</x:password><b/></a>", "{kind}");
        }
        // What breaks off, as what breaks off of JSON.
        assert_eq!(xml("application/xml", "<a><password>xml1</pass"), REDACTED);
        assert_eq!(xml("application/xml", "<a><n>1</n></a>"), "<a><n>1</n></a>");
        let paths = Redaction::new(false, ["to"]).unwrap();
        let kept = redacted(message("application/xml", "<a><password>p</password></a>"), &paths);
        assert_eq!(kept.body, "<a><password>p</password></a>", "nobody asked for secrets");
    }

    #[test]
    fn texts_that_hold_json_or_xml_are_looked_into() {
        let all = Redaction::new(true, []).unwrap();
        let json = |body: &str| redacted(message("application/json", body), &all).body;
        assert_eq!(
            json(r#"{"Message": "{\"password\": \"p1\", \"n\": 1}", "x": "<a><token>t1</token></a>"}"#),
            r#"{"Message": "{\"password\": \"[redacted]\", \"n\": 1}", "x": "<a><token>[redacted]</token></a>"}"#
        );
        let plain = r#"{"a": "[INFO] done", "b": "<@U1> said {x}", "c": "<p>a<br>b</p>", "d": "{\"a\": 1}"}"#;
        assert_eq!(json(plain), plain);
        assert_eq!(json(r#"["{\"password\": \"p1", "<a><password>p1"]"#), r#"["[redacted]", "[redacted]"]"#);
        // As deep as somebody likes.
        let deep = (0..9).fold("1".to_owned(), |text, _| serde_json::json!([text]).to_string());
        assert!(json(&deep).ends_with(b"]"));
        assert_eq!(json("\u{feff}{\"password\": \"p1\"}"), "\u{feff}{\"password\": \"[redacted]\"}");
    }

    #[test]
    fn what_stood_on_the_wire_does_not_say_it_again() {
        let all = Redaction::new(true, []).unwrap();
        let mut exact = message("application/json", r#"{"token": "x"}"#);
        exact.wire = WireRecord {
            head: Some("POST / HTTP/1.1\r\nauthorization: Bearer abc\r\n\r\n".into()),
            trailers: "X-Token: t1\r\nX-N: 1\r\n".into(),
            chunks: Some(hookbench_model::ChunkRecord::default()),
            ..WireRecord::default()
        };
        let mut broken = exact.clone();
        let wire = redacted(exact, &all).wire;
        assert_eq!((wire.head, wire.chunks), (None, None));
        assert_eq!(wire.trailers, "X-Token: [redacted]\r\nX-N: 1\r\n");
        let fault = |code: &str| hookbench_model::RequestFault {
            code: code.to_owned(),
            message: String::new(),
            at: None,
        };
        broken.fault = Some(fault("host_twice"));
        broken.body = "GET / HTTP/1.1\r\nX-Pass: hunter2\r\n\r\n".into();
        assert_eq!(redacted(broken.clone(), &all).body, REDACTED);
        broken.fault = Some(fault("body_broken_off"));
        broken.body = "hello".into();
        assert_eq!(redacted(broken, &all).body, "hello");
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
        let coded = |coding: &str| {
            format!("--b\r\n{coding}\r\nContent-Disposition: form-data; name=a\r\n\r\nczNjcjN0\r\n--b--\r\n")
        };
        for (coding, goes) in
            [("Content-Transfer-Encoding: Base64", true), ("Content-Transfer-Encoding: 8bit", false)]
        {
            let without = redacted(message("multipart/form-data; boundary=b", &coded(coding)), &all).body;
            assert_eq!(without != coded(coding), goes, "{coding}");
        }
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
