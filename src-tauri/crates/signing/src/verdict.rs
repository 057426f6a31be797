//! What checking a signature gave.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The outcome of checking one request under one scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// The verdict.
    pub status: VerificationStatus,
    /// Id of the scheme that was applied.
    pub scheme: String,
    /// Why it is not valid; `None` when it is.
    pub reason: Option<Reason>,
    /// The verdict and its reason as a sentence.
    pub message: String,
    /// The bytes the signature should be over, as far as they could be put together, with `{secret}` in the
    /// place of a secret that is part of them.
    pub signed_content: Option<Vec<u8>>,
    /// The signature that would have been right under the newest usable secret.
    pub expected: Option<String>,
    /// The signatures the request carried, without prefixes.
    pub received: Vec<String>,
    /// Which of the given secrets made the signature, counted from 0; `None` where none did.
    pub secret: Option<usize>,
    /// The time of signing the request claims, in Unix milliseconds, where it could be read.
    pub signed_at: Option<i64>,
}

/// The verdict in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerificationStatus {
    /// The signature and the time are right.
    Valid,
    /// The signature or the time is wrong.
    Invalid,
    /// The request carries no signature.
    Unsigned,
    /// There is no secret to check with.
    NoSecret,
    /// It could not be checked, or nobody asked for it.
    NotChecked,
}

/// Why a verification is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The signature stands in the body, where the scheme has it there, and this body has none.
    SignatureMissing,
    /// A header that the scheme needs is not there.
    HeaderMissing,
    /// A header is there and not in the scheme's form.
    HeaderMalformed,
    /// A header came several times with different values where one was due.
    HeaderConflict,
    /// The signature is another than the secret gives.
    SignatureMismatch,
    /// The signature is right and too old.
    TimeStale,
    /// The signature is right and from the future.
    TimeFuture,
    /// The request carries no time of signing.
    TimestampMissing,
    /// The time of signing cannot be read.
    TimestampMalformed,
    /// No secret was given.
    SecretMissing,
    /// No secret is in the scheme's form.
    SecretMalformed,
    /// The scheme signs the URL and none was given.
    UrlMissing,
    /// The scheme reads the URL, and this one lacks what it needs.
    UrlMalformed,
    /// The scheme signs what stands in the body, and it is not there or of another kind.
    BodyMalformed,
}

impl Reason {
    /// The code that programs see.
    pub fn code(self) -> &'static str {
        match self {
            Self::SignatureMissing => "signature_missing",
            Self::HeaderMissing => "header_missing",
            Self::HeaderMalformed => "header_malformed",
            Self::HeaderConflict => "header_conflict",
            Self::SignatureMismatch => "signature_mismatch",
            Self::TimeStale => "time_stale",
            Self::TimeFuture => "time_future",
            Self::TimestampMissing => "timestamp_missing",
            Self::TimestampMalformed => "timestamp_malformed",
            Self::SecretMissing => "secret_missing",
            Self::SecretMalformed => "secret_malformed",
            Self::UrlMissing => "url_missing",
            Self::UrlMalformed => "url_malformed",
            Self::BodyMalformed => "body_malformed",
        }
    }
}

impl VerificationStatus {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Valid, Self::Invalid, Self::Unsigned, Self::NoSecret, Self::NotChecked];

    /// The word that programs see.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::Unsigned => "unsigned",
            Self::NoSecret => "no_secret",
            Self::NotChecked => "not_checked",
        }
    }

    /// The status of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for VerificationStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_the_serialised_words() {
        for reason in [
            Reason::SignatureMissing,
            Reason::HeaderMissing,
            Reason::HeaderMalformed,
            Reason::HeaderConflict,
            Reason::SignatureMismatch,
            Reason::TimeStale,
            Reason::TimeFuture,
            Reason::TimestampMissing,
            Reason::TimestampMalformed,
            Reason::SecretMissing,
            Reason::SecretMalformed,
            Reason::UrlMissing,
            Reason::UrlMalformed,
            Reason::BodyMalformed,
        ] {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.code());
        }
        for status in VerificationStatus::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
    }
}
