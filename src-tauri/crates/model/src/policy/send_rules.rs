use serde::{Deserialize, Serialize};

/// What becomes of an ordered endpoint's queue when a delivery in it has failed for good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderOnFailure {
    /// The next one goes.
    #[default]
    Skip,
    /// It holds the queue until a person retries it with success, skips it or deletes it.
    Block,
}

impl OrderOnFailure {
    /// Its name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Block => "block",
        }
    }

    /// The word of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Skip, Self::Block].into_iter().find(|known| known.as_str() == name)
    }
}

/// The HTTP version that an endpoint is spoken to in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HttpVersion {
    /// What the two sides agree on over TLS (ALPN); HTTP/1.1 in clear.
    #[default]
    Auto,
    /// HTTP/1.1 alone.
    Http1,
    /// HTTP/2 alone; in clear with prior knowledge.
    Http2,
}

impl HttpVersion {
    /// Its name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Http1 => "http1",
            Self::Http2 => "http2",
        }
    }

    /// The version of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Auto, Self::Http1, Self::Http2].into_iter().find(|known| known.as_str() == name)
    }
}
