//! What a diagnosis can name.

use crate::scheme::Scheme;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a cause is about: the part of a receiver where it is mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// The bytes of the body.
    Body,
    /// The secret, and how it becomes a key.
    Secret,
    /// The algorithm, and how its result is written.
    Digest,
    /// What is put together to be signed.
    Content,
    /// The time of signing.
    Time,
    /// The URL, where it is signed.
    Url,
    /// The headers that carry signature, time and id.
    Header,
    /// The scheme as a whole.
    Scheme,
}

impl Topic {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Body,
        Self::Secret,
        Self::Digest,
        Self::Content,
        Self::Time,
        Self::Url,
        Self::Header,
        Self::Scheme,
    ];

    /// The word that programs see.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Secret => "secret",
            Self::Digest => "digest",
            Self::Content => "content",
            Self::Time => "time",
            Self::Url => "url",
            Self::Header => "header",
            Self::Scheme => "scheme",
        }
    }
}

/// Declares the codes once: variant, the word that programs see, its topic, its meaning.
macro_rules! codes {
    ($($variant:ident = $word:literal, $topic:ident, $meaning:literal;)*) => {
        /// A cause that can be proven, by its code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum CauseCode {
            $(#[doc = $meaning] $variant,)*
        }

        impl CauseCode {
            /// All of them, by topic.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word that programs see.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// What it is about.
            pub const fn topic(self) -> Topic {
                match self {
                    $(Self::$variant => Topic::$topic,)*
                }
            }
        }
    };
}

codes! {
    BodyNewlineAdded = "body_newline_added", Body, "The body ends with a line break that was not signed.";
    BodyNewlineLost = "body_newline_lost", Body, "A line break was signed at the body's end, and is not there.";
    BodyBom = "body_bom", Body, "A byte order mark stands before the body, or was signed and is gone.";
    BodyReserialized = "body_reserialized", Body, "The same JSON, with other white space between its parts.";
    BodyKeysSorted = "body_keys_sorted", Body, "The same JSON, with its keys in another order.";
    BodyUnicodeEscaped = "body_unicode_escaped", Body, "The same JSON, with characters escaped otherwise.";
    BodySlashEscaped = "body_slash_escaped", Body, "The same JSON, with slashes escaped otherwise.";
    BodyLatin1 = "body_latin1", Body, "The text was written in another character encoding than was signed.";
    BodyLineEndings = "body_line_endings", Body, "Line breaks were changed between CRLF, LF and CR.";
    BodyCompressed = "body_compressed", Body, "The body is compressed, and its content was signed.";
    BodyBase64 = "body_base64", Body, "The body and what was signed differ by one base64.";
    BodyFormReencoded = "body_form_reencoded", Body, "The same form fields, written otherwise.";
    BodyNumberRewritten = "body_number_rewritten", Body, "The same JSON, with numbers written otherwise.";
    BodyEmpty = "body_empty", Body, "An empty body was signed, or a body was signed and none is here.";
    SecretWhitespace = "secret_whitespace", Secret, "White space or quotes round one side's secret.";
    SecretPrefix = "secret_prefix", Secret, "The secret's prefix is kept on one side and dropped on the other.";
    SecretEncoding = "secret_encoding", Secret, "The secret is decoded on one side otherwise than on the other.";
    SecretOtherEndpoint = "secret_other_endpoint", Secret, "Another endpoint's or inbox's secret signed it.";
    SecretRotated = "secret_rotated", Secret, "A secret that was replaced signed it.";
    DigestEncoding = "digest_encoding", Digest, "The signature is right, and spelt in another encoding.";
    DigestCase = "digest_case", Digest, "The signature is right, and in capitals.";
    DigestPrefix = "digest_prefix", Digest, "The signature is right, and what stands round it is not.";
    DigestAlgorithm = "digest_algorithm", Digest, "Another algorithm made the signature.";
    DigestTruncated = "digest_truncated", Digest, "The signature is the beginning of the right one.";
    DigestPlainHash = "digest_plain_hash", Digest, "A plain hash stands where an HMAC should.";
    ContentTimestamp = "content_timestamp", Content, "The time was left out of the signed content, or put in.";
    ContentId = "content_id", Content, "The id was left out of the signed content, or put in.";
    ContentSeparator = "content_separator", Content, "The parts of the signed content are written or joined otherwise.";
    ContentOrder = "content_order", Content, "The parts of the signed content stand in another order.";
    ContentBodyOnly = "content_body_only", Content, "The body alone was signed.";
    TimeStale = "time_stale", Time, "The signature is right and too old.";
    TimeFuture = "time_future", Time, "The signature is right and from the future.";
    TimeUnit = "time_unit", Time, "The time is written in another unit than the scheme's.";
    UrlScheme = "url_scheme", Url, "The URL was signed with https, and http is seen, or the reverse.";
    UrlPort = "url_port", Url, "The URL was signed with another port, or without one.";
    UrlTrailingSlash = "url_trailing_slash", Url, "The URL was signed with a slash at its end, or without.";
    UrlHost = "url_host", Url, "The URL was signed with another host.";
    UrlQuery = "url_query", Url, "The URL was signed with another query, or without a fragment (#…).";
    UrlEncoding = "url_encoding", Url, "The URL was signed with other percent-encoding.";
    UrlPrefix = "url_prefix", Url, "The URL was signed with another beginning of its path.";
    HeaderMissing = "header_missing", Header, "A header that the scheme needs is not there.";
    HeaderRenamed = "header_renamed", Header, "A header is there under another name.";
    HeaderWrongOne = "header_wrong_one", Header, "The right signature stands in another header.";
    HeaderJoined = "header_joined", Header, "Several values were joined into one header.";
    WrongScheme = "wrong_scheme", Scheme, "The request is signed by another scheme.";
    Unexplained = "unexplained", Scheme, "Nothing could be proven.";
}

impl CauseCode {
    /// The code of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == name)
    }
}

impl fmt::Display for CauseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A proven cause of a verification that fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Its code.
    pub code: CauseCode,
    /// What happened, as a sentence.
    pub explanation: String,
    /// What mends it, as a sentence.
    pub fix: String,
    /// What it is about.
    pub topic: Topic,
    /// The id of the scheme that it is signed by, where that is another one.
    pub scheme: Option<String>,
}

impl Cause {
    pub(super) fn new(code: CauseCode, explanation: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { code, explanation: explanation.into(), fix: fix.into(), topic: code.topic(), scheme: None }
    }

    /// The same, naming the scheme that signed instead.
    pub(super) fn by(self, scheme: &Scheme) -> Self {
        Self { scheme: Some(scheme.id().to_owned()), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_their_serialised_words_and_come_once() {
        for (at, code) in CauseCode::ALL.iter().enumerate() {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
            assert_eq!(CauseCode::from_name(code.as_str()), Some(*code));
            assert!(!CauseCode::ALL[at + 1..].contains(code));
        }
        assert_eq!(CauseCode::ALL.len(), 46);
        for topic in Topic::ALL {
            assert_eq!(serde_json::to_value(topic).unwrap(), topic.as_str());
        }
    }
}
