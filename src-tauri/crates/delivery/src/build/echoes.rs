//! What an answer tells again of what is hidden of its request: a redirect repeats the query that it got.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hookbench_model::{HeaderPairs, HeaderValue, VEIL, veiled};
use http::HeaderMap;
use percent_encoding::percent_decode;
use zeroize::Zeroizing;

use super::credentials::HiddenParameter;

/// Secrets shorter than this are not looked for just anywhere, in bytes: they are found by chance.
const SHORTEST_SOUGHT: usize = 8;

/// How often an answer is decoded to look for what it holds: a URL in a URL in a URL.
const DECODED: usize = 3;

/// What stands between the parts of a URL's query, and around the URL in a header.
const BETWEEN: &[u8] = b"?&#;,<>\"' ";

/// What is hidden of a request, in the spellings in which an answer may repeat it.
pub(super) struct Echoes<'a> {
    parameters: &'a [HiddenParameter],
    headers: Vec<(&'a str, HeaderValue)>,
    /// Longest first, so that none is taken out of the middle of another.
    spellings: Vec<Zeroizing<Vec<u8>>>,
}

impl<'a> Echoes<'a> {
    /// Of a request with these headers, of which the sensitive ones are hidden; `None` where nothing is.
    pub(super) fn of(headers: &'a HeaderMap, parameters: &'a [HiddenParameter]) -> Option<Self> {
        let hidden = headers.iter().filter(|(_, value)| value.is_sensitive() && !value.is_empty());
        let headers: Vec<(&str, HeaderValue)> = hidden
            .map(|(name, value)| (name.as_str(), bytes::Bytes::copy_from_slice(value.as_bytes()).into()))
            .collect();
        if headers.is_empty() && parameters.is_empty() {
            return None;
        }
        let mut spellings: Vec<Zeroizing<Vec<u8>>> = Vec::new();
        for (name, value) in &headers {
            of_header(name, value.as_bytes(), &mut spellings);
        }
        for parameter in parameters {
            of_parameter(&parameter.real, &mut spellings);
        }
        let encoded: Vec<_> =
            spellings.iter().map(|secret| Zeroizing::new(STANDARD.encode(secret).into_bytes())).collect();
        spellings.retain(|secret| secret.len() >= SHORTEST_SOUGHT);
        spellings.extend(encoded.into_iter().filter(|secret| secret.len() > SHORTEST_SOUGHT));
        spellings.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Some(Self { parameters, headers, spellings })
    }

    /// The headers of the answer as they are shown and recorded.
    pub(super) fn hidden_in(&self, answer: &HeaderPairs) -> HeaderPairs {
        answer.iter().map(|(name, value)| (name.to_owned(), self.shown(name, value))).collect()
    }

    fn shown(&self, name: &str, value: &HeaderValue) -> HeaderValue {
        if self.headers.iter().any(|(sent, hidden)| sent.eq_ignore_ascii_case(name) && hidden == value) {
            return veiled(name, value);
        }
        let mut shown = self.without_parameters(value.as_bytes());
        for secret in &self.spellings {
            shown = replaced(&shown, secret);
        }
        if self.is_spelt_otherwise(&shown) {
            return HeaderValue::from(VEIL);
        }
        HeaderValue::from(bytes::Bytes::from(shown))
    }

    /// With the request's hidden parameters as they are shown there, whatever their length.
    fn without_parameters(&self, value: &[u8]) -> Vec<u8> {
        let mut shown = Vec::with_capacity(value.len());
        for part in value.split_inclusive(|byte| BETWEEN.contains(byte)) {
            let (end, piece) = part.split_last().filter(|(end, _)| BETWEEN.contains(end)).unzip();
            let piece = piece.unwrap_or(part);
            let hidden = self.parameters.iter().find(|parameter| parameter.real.as_bytes() == piece);
            shown.extend_from_slice(hidden.map_or(piece, |parameter| parameter.shown.as_bytes()));
            shown.extend(end);
        }
        shown
    }

    /// Whether a secret stands there still, encoded as a URL has it: where, cannot be said, so all of it is hidden.
    fn is_spelt_otherwise(&self, value: &[u8]) -> bool {
        let mut text = Zeroizing::new(value.to_vec());
        for _ in 0..DECODED {
            let spaced = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
            let decoded = Zeroizing::new(percent_decode(&text).collect::<Vec<u8>>());
            let is_told = |text: &[u8]| {
                let holds =
                    |secret: &Zeroizing<Vec<u8>>| text.windows(secret.len()).any(|part| part == **secret);
                self.spellings.iter().any(holds) || self.without_parameters(text) != text
            };
            if is_told(&Zeroizing::<Vec<u8>>::new(spaced)) || is_told(&decoded) {
                return true;
            }
            if *decoded == *text {
                return false;
            }
            text = decoded;
        }
        false
    }
}

/// A header's value, and what of it is the secret: behind the word that names its kind, and in cookies behind their
/// names.
fn of_header(name: &str, value: &[u8], spellings: &mut Vec<Zeroizing<Vec<u8>>>) {
    spellings.push(Zeroizing::new(value.to_vec()));
    if name.eq_ignore_ascii_case("cookie") {
        let cookies = value.split(|byte| *byte == b';').filter_map(|cookie| after(cookie, b'='));
        spellings.extend(cookies.map(|value| Zeroizing::new(value.to_vec())));
    } else if let Some(rest) = after(value, b' ') {
        spellings.push(Zeroizing::new(rest.to_vec()));
        // A user name and a password.
        let pair = STANDARD.decode(rest).map(Zeroizing::new).unwrap_or_default();
        if let Some(password) = after(&pair, b':') {
            spellings.push(Zeroizing::new(password.to_vec()));
            spellings.push(pair);
        }
    }
}

/// A parameter's value as it went out, and as it reads.
fn of_parameter(real: &str, spellings: &mut Vec<Zeroizing<Vec<u8>>>) {
    let value = real.split_once('=').map_or(real, |(_, value)| value);
    spellings.push(Zeroizing::new(value.as_bytes().to_vec()));
    let spaced = Zeroizing::new(value.replace('+', " "));
    for read in [value, &spaced] {
        let read: Vec<u8> = percent_decode(read.as_bytes()).collect();
        if read != value.as_bytes() {
            spellings.push(Zeroizing::new(read));
        }
    }
}

fn after(text: &[u8], mark: u8) -> Option<&[u8]> {
    let at = text.iter().position(|byte| *byte == mark)?;
    Some(&text[at + 1..])
}

fn replaced(text: &[u8], secret: &[u8]) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::with_capacity(text.len()), text);
    while let Some(at) = rest.windows(secret.len()).position(|part| part == secret) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(VEIL.as_bytes());
        rest = &rest[at + secret.len()..];
    }
    out.extend_from_slice(rest);
    out
}
