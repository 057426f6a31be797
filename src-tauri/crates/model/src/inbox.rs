use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use hookbench_signing::Secret;
use serde::{Deserialize, Serialize};

use crate::{
    AllowList, AnswerRule, HeaderPairs, InboxAccess, InboxId, InboxRelay, ProviderId, StoredSecret, Timestamp,
};

/// The first path segment of an inbox's URL: lower-case letters, digits and `-`, 1 to 64.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

/// Why a text is no slug.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no slug: 1 to 64 lower-case letters, digits and `-`, beginning with a letter or digit")]
pub struct SlugError(String);

impl Slug {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The slug that a name suggests (`My Inbox!` → `my-inbox`); `None` where nothing fit remains.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut slug = String::new();
        for c in name.chars() {
            if c.is_ascii_alphanumeric() {
                slug.push(c.to_ascii_lowercase());
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        slug.truncate(48);
        slug.trim_end_matches('-').parse().ok()
    }
}

impl FromStr for Slug {
    type Err = SlugError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
        if text.is_empty() || text.len() > 64 || text.starts_with('-') || !text.bytes().all(fits) {
            return Err(SlugError(text.chars().take(80).collect()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for Slug {
    type Error = SlugError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an inbox answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxResponse {
    /// The status, 200 to 599.
    pub status: u16,
    /// The headers.
    pub headers: HeaderPairs,
    /// The body.
    pub body: Bytes,
    /// How long the answer waits after the request is stored, in milliseconds.
    pub delay_ms: u64,
}

impl InboxResponse {
    /// The longest delay, in milliseconds: two minutes.
    pub const MAX_DELAY_MS: u64 = 120_000;
    /// The largest body, in bytes: 1 MiB.
    pub const MAX_BODY: usize = 1 << 20;
}

impl Default for InboxResponse {
    fn default() -> Self {
        Self { status: 200, headers: HeaderPairs::new(), body: Bytes::new(), delay_ms: 0 }
    }
}

/// How long an inbox keeps what it captured; pinned requests stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxRetention {
    /// The most requests that are kept; `None` for all.
    pub max_requests: Option<u64>,
    /// How old a request may get, in milliseconds; `None` for any age.
    pub max_age_ms: Option<u64>,
}

/// A local URL that captures whatever arrives.
#[derive(Clone, Debug)]
pub struct Inbox {
    /// Its id.
    pub id: InboxId,
    /// The first segment of its path.
    pub slug: Slug,
    /// What people call it.
    pub name: String,
    /// The profile by which arrivals are verified; `None` for none.
    pub provider: Option<ProviderId>,
    /// The scheme by which arrivals are verified, a built-in one or one's own; `None` for the profile's.
    pub scheme: Option<String>,
    /// Whether it answers the handshakes of its profile; they then come before what it is told to answer.
    pub handshakes: bool,
    /// The token that a subscription has to name in such a handshake; `None` where any will do. Not a secret
    /// that signs: it arrives in clear.
    pub verify_token: Option<Secret>,
    /// What it answers, where no rule takes the request.
    pub response: InboxResponse,
    /// What it answers before that, by rules: the first that takes a request answers it.
    pub rules: Vec<AnswerRule>,
    /// Who else gets what it captures; `None` for nobody.
    pub relay: Option<InboxRelay>,
    /// What a sender has to show to it; `None` for nothing.
    pub access: Option<InboxAccess>,
    /// Which addresses may send to it, this machine's included.
    pub allow: AllowList,
    /// How long it keeps things.
    pub retention: InboxRetention,
    /// The secrets by which arrivals are verified, newest first.
    pub secrets: Vec<StoredSecret>,
    /// When it was made.
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_suggests_a_slug() {
        assert_eq!(Slug::from_name("  My Inbox!! (2) ").unwrap().as_str(), "my-inbox-2");
        assert_eq!(Slug::from_name("日本"), None);
    }

    #[test]
    fn what_is_no_slug_is_refused() {
        for bad in ["", "A", "a/b", "-a", "a b", "..", &"a".repeat(65)] {
            assert!(bad.parse::<Slug>().is_err(), "{bad}");
        }
    }
}
