//! What is taken out of requests before they are handed on.

use bytes::Bytes;
use hookbench_model::{HeaderPairs, HeaderValue, WireRecord, trailer_pairs};

use crate::redact_json::{self, Path};
use crate::redact_lines::{self, Place};
use crate::redact_names::{is_secret_header, is_secret_name};
use crate::redact_tokens::without_tokens;
use crate::redact_xml::{self, looks_like_xml};
use crate::{Message, Outgoing, headers, redact_form, text};

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
            let within = Within::default();
            message.query = message.query.as_deref().map(|query| within.pairs(query));
            let Message { note, path, method, http_version, addressed, .. } = message;
            for text in
                message.tags.iter_mut().chain([note, path, method]).chain(http_version).chain(addressed)
            {
                if let Some(without) = within.text(text) {
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
        let Some(text) = text::of(body).filter(|text| !coded && is_written(text)) else {
            return Some(Bytes::from_static(REDACTED.as_bytes()));
        };
        let kind = headers.get_str("content-type").unwrap_or_default().trim_start();
        let without = match Kind::of(kind, text) {
            Kind::Form => self.secrets.then(|| Within::default().pairs(text)),
            Kind::Parts => redact_form::parts(text, kind, |content| self.text(content), self.secrets),
            Kind::SecretTable => self.secrets.then(|| REDACTED.to_owned()),
            Kind::Other => self.text(text),
        };
        without.map(Bytes::from)
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
                redact_lines::redacted(plain, Place::Body, within)
            }),
        };
        without.map(|without| text[..text.len() - plain.len()].to_owned() + &without)
    }
}

/// How a body is read.
enum Kind {
    Form,
    Parts,
    /// A table with a column that is named like a secret.
    SecretTable,
    Other,
}

impl Kind {
    /// As its content type says; but what sends JSON says often enough that it were a form, which is what `curl` says
    /// unless told otherwise.
    fn of(content_type: &str, text: &str) -> Self {
        let is = |wanted: &str| {
            content_type.get(..wanted.len()).is_some_and(|kind| kind.eq_ignore_ascii_case(wanted))
        };
        if is("application/x-www-form-urlencoded") {
            let is_other = (looks_like_json(text) && text.contains('"')) || looks_like_xml(text);
            if is_other { Self::Other } else { Self::Form }
        } else if is("multipart/") {
            Self::Parts
        } else if (is("text/csv") || is("text/tab-separated-values")) && has_secret_column(text) {
            Self::SecretTable
        } else {
            Self::Other
        }
    }
}

/// Whether a text is one that somebody can read. The bytes of what is none may be those of a text by chance, as where
/// fields are told by numbers, and its names and values stand in no order that is looked for.
fn is_written(text: &str) -> bool {
    // With the tabulator, line ends, the form feed, and what begins the colours of a terminal.
    !text.bytes().any(|byte| byte < b' ' && !b"\t\n\r\x0c\x1b".contains(&byte))
}

fn has_secret_column(table: &str) -> bool {
    let heads = table.lines().next().unwrap_or_default();
    heads.split([',', ';', '\t']).any(|name| is_secret_name(name.trim_matches(['"', ' ', '\u{feff}'])))
}

/// How deep a text stands in others: JSON in a text of JSON, in one of XML.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Within(u8);

impl Within {
    /// Deeper ones are not looked into.
    const DEEPEST: u8 = 4;

    /// Whether no text in it is looked into any more.
    pub(crate) const fn is_too_deep(self) -> bool {
        self.0 > Self::DEEPEST
    }

    /// A text that stands in another, without the secrets in it; `None` where it has none.
    pub(crate) fn text(self, text: &str) -> Option<String> {
        let (is_json, is_xml) = (looks_like_json(text), looks_like_xml(text));
        if self.0 >= Self::DEEPEST && (is_json || is_xml) {
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
        redact_lines::redacted(text, Place::Value, inner)
    }

    /// The bytes of an event that stand in its JSON as base64 (`CloudEvents`, `data_base64`), without the secrets in
    /// them and in base64 again; `None` where they have none. What is no text cannot be looked into.
    pub(crate) fn base64(self, base64: &str, content_type: &str) -> Option<String> {
        let bytes = headers::decoded(base64, "data").ok();
        let content_type = content_type.trim_start();
        let without = match bytes.as_deref().and_then(text::of).filter(|text| is_written(text)) {
            Some(text) => self.typed(text, content_type)?,
            None => REDACTED.to_owned(),
        };
        Some(data_encoding::BASE64.encode(without.as_bytes()))
    }

    /// A text that is read as its content type says; `None` where it has no secrets.
    fn typed(self, text: &str, content_type: &str) -> Option<String> {
        let inner = Self(self.0 + 1);
        match Kind::of(content_type, text) {
            Kind::Form => Some(inner.pairs(text)).filter(|without| without != text),
            Kind::Parts => redact_form::parts(text, content_type, |content| inner.text(content), true),
            Kind::SecretTable => Some(REDACTED.to_owned()),
            Kind::Other if looks_like_json(text) || looks_like_xml(text) => inner.text(text),
            Kind::Other => redact_lines::redacted(text, Place::Body, inner),
        }
    }

    /// A query or a form, with its secrets taken out.
    pub(crate) fn pairs(self, query: &str) -> String {
        let inner = Self(self.0 + 1);
        let holds = |text: &str| self.0 <= Self::DEEPEST && inner.text(text).is_some();
        let piece = |piece: &str| {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            let (plain_name, plain_value) =
                form_urlencoded::parse(piece.as_bytes()).next().unwrap_or_default();
            if value.is_empty() {
                return if holds(&plain_name) { REDACTED.to_owned() } else { piece.to_owned() };
            }
            let shown = if without_tokens(&plain_name).is_some() { REDACTED } else { name };
            if shown != name || is_secret_name(&plain_name) || holds(&plain_value) {
                format!("{shown}={REDACTED}")
            } else {
                piece.to_owned()
            }
        };
        query.split('&').map(piece).collect::<Vec<_>>().join("&")
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

pub(crate) fn looks_like_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

fn header((name, value): (&str, &HeaderValue)) -> (String, HeaderValue) {
    let shown = if is_secret_header(name) { Some(REDACTED.to_owned()) } else { without_secrets_in(value) };
    (name.to_owned(), shown.map_or_else(|| value.clone(), HeaderValue::from))
}

/// A header's value without the secrets in it; one that is no text goes as a whole where it has some.
fn without_secrets_in(value: &HeaderValue) -> Option<String> {
    let within = Within::default();
    match value.as_str() {
        Some(text) => within.text(text),
        None => within.text(&String::from_utf8_lossy(value.as_bytes())).map(|_| REDACTED.to_owned()),
    }
}

#[cfg(test)]
mod tests;
