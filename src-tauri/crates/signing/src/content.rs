//! What is signed: the content template, read once and laid out for each message.

use crate::template::{TemplateError, Token, tokens};
use percent_encoding::percent_decode;
use std::borrow::Cow;
use url::Url;

const KNOWN: &str = "{id} {ts} {method} {url} {path} {body} {form_sorted} {secret}";

/// A content template, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Content(Vec<Segment>);

/// A part of a content template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    Literal(String),
    Id,
    Timestamp,
    Method,
    Url,
    Path,
    Body,
    FormSorted,
    Secret,
}

/// The values a content template is filled with. What a scheme does not use may be empty.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    pub(crate) id: &'a [u8],
    pub(crate) timestamp: &'a [u8],
    pub(crate) method: &'a str,
    pub(crate) url: &'a str,
    pub(crate) body: &'a [u8],
}

/// A content template filled for one message, except for the secret, which differs from key to key.
pub(crate) struct Laid<'a>(Vec<Part<'a>>);

enum Part<'a> {
    Bytes(Cow<'a, [u8]>),
    Secret,
}

impl Content {
    pub(crate) fn parse(template: &str) -> Result<Self, TemplateError> {
        tokens(template)?.into_iter().map(Segment::of).collect::<Result<_, _>>().map(Self)
    }

    pub(crate) fn has(&self, segment: &Segment) -> bool {
        self.0.contains(segment)
    }

    pub(crate) fn uses_timestamp(&self) -> bool {
        self.has(&Segment::Timestamp)
    }

    pub(crate) fn uses_url(&self) -> bool {
        self.has(&Segment::Url) || self.has(&Segment::Path)
    }

    pub(crate) fn lay<'a>(&'a self, fields: &Fields<'a>) -> Laid<'a> {
        Laid(self.0.iter().map(|segment| segment.fill(fields)).collect())
    }
}

impl Segment {
    fn of(token: Token<'_>) -> Result<Self, TemplateError> {
        Ok(match token {
            Token::Literal(text) => Self::Literal(text.to_owned()),
            Token::Placeholder("id") => Self::Id,
            Token::Placeholder("ts") => Self::Timestamp,
            Token::Placeholder("method") => Self::Method,
            Token::Placeholder("url") => Self::Url,
            Token::Placeholder("path") => Self::Path,
            Token::Placeholder("body") => Self::Body,
            Token::Placeholder("form_sorted") => Self::FormSorted,
            Token::Placeholder("secret") => Self::Secret,
            Token::Placeholder(name) => {
                return Err(TemplateError::Unknown { name: name.to_owned(), known: KNOWN });
            }
        })
    }

    fn fill<'a>(&'a self, fields: &Fields<'a>) -> Part<'a> {
        Part::Bytes(match self {
            Self::Literal(text) => Cow::Borrowed(text.as_bytes()),
            Self::Id => Cow::Borrowed(fields.id),
            Self::Timestamp => Cow::Borrowed(fields.timestamp),
            Self::Method => Cow::Owned(fields.method.to_ascii_uppercase().into_bytes()),
            Self::Url => Cow::Borrowed(fields.url.as_bytes()),
            Self::Path => Cow::Owned(path_of(fields.url)),
            Self::Body => Cow::Borrowed(fields.body),
            Self::FormSorted => Cow::Owned(form_sorted(fields.body)),
            Self::Secret => return Part::Secret,
        })
    }
}

impl Laid<'_> {
    /// The content in order, with the key where the template has `{secret}`.
    pub(crate) fn pieces<'b>(&'b self, key: &'b [u8]) -> Vec<&'b [u8]> {
        let piece = |part: &'b Part<'_>| match part {
            Part::Bytes(bytes) => bytes.as_ref(),
            Part::Secret => key,
        };
        self.0.iter().map(piece).collect()
    }

    /// The content as one run of bytes to show. Where the secret is part of it, its place holds the word
    /// `{secret}`: signed content is shown and stored, secrets are not.
    pub(crate) fn to_show(&self) -> Vec<u8> {
        self.pieces(b"{secret}").concat()
    }
}

/// The path of a URL without its query; of a bare path, the same.
pub(crate) fn path_of(url: &str) -> Vec<u8> {
    match Url::parse(url) {
        Ok(parsed) => parsed.path().as_bytes().to_vec(),
        Err(_) => url.split(['?', '#']).next().unwrap_or_default().as_bytes().to_vec(),
    }
}

/// A form's names and values, decoded, sorted by name and then by value and run together, each pair once:
/// the way Twilio and Mandrill sign a form.
pub(crate) fn form_sorted(body: &[u8]) -> Vec<u8> {
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> =
        body.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty()).map(form_pair).collect();
    pairs.sort();
    pairs.dedup();
    pairs.into_iter().flat_map(|(name, value)| name.into_iter().chain(value)).collect()
}

pub(crate) fn form_pair(pair: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut sides = pair.splitn(2, |&byte| byte == b'=').map(form_decoded);
    (sides.next().unwrap_or_default(), sides.next().unwrap_or_default())
}

fn form_decoded(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = text.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
    percent_decode(&spaced).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: Fields<'_> = Fields {
        id: b"msg_1",
        timestamp: b"17",
        method: "post",
        url: "https://h.example/a/b?c=d",
        body: b"\xff\x00",
    };

    fn laid(template: &str) -> Vec<u8> {
        Content::parse(template).unwrap().lay(&FIELDS).to_show()
    }

    #[test]
    fn every_placeholder_is_filled() {
        assert_eq!(
            laid("v1:{ts}|{method}|{url}|{path}|{id}|{body}"),
            b"v1:17|POST|https://h.example/a/b?c=d|/a/b|msg_1|\xff\x00"
        );
    }

    #[test]
    fn the_secret_is_hashed_and_never_shown() {
        let content = Content::parse("{secret}{body}").unwrap();
        let laid = content.lay(&FIELDS);
        assert_eq!(laid.pieces(b"hush").concat(), b"hush\xff\x00");
        assert_eq!(laid.to_show(), b"{secret}\xff\x00");
    }

    #[test]
    fn an_unknown_placeholder_is_refused_by_name() {
        let error = Content::parse("{ts}{nonce}").unwrap_err();
        assert!(error.to_string().starts_with("`{nonce}` is not one of {id}"), "{error}");
    }

    #[test]
    fn forms_are_decoded_and_sorted_whatever_their_bytes() {
        assert_eq!(form_sorted(b"b=2&a=1+x&a=%2B&a=%2B&&c"), b"a+a1 xb2c");
        assert_eq!(form_sorted(b"\xff=%ff%zz"), b"\xff\xff%zz");
    }

    #[test]
    fn the_path_of_a_bare_path_is_itself() {
        assert_eq!(path_of("/hooks/in?x=1"), b"/hooks/in");
    }
}
