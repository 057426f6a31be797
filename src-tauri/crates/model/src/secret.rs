use hookbench_signing::Secret;

use crate::Timestamp;

/// A signing secret of an endpoint or an inbox, with the time over which it holds.
#[derive(Clone, Debug)]
pub struct StoredSecret {
    /// The secret itself; its `Debug` form shows nothing of it.
    pub secret: Secret,
    /// Since when it holds.
    pub created_at: Timestamp,
    /// When it stops to sign and to verify; `None` for the current one.
    pub expires_at: Option<Timestamp>,
}

impl StoredSecret {
    /// How long one that holds no more is kept, in milliseconds: 30 days. It neither signs nor verifies then;
    /// only that an old secret was used can still be told from an unknown one.
    pub const REMEMBERED_MS: i64 = 30 * 24 * 3600 * 1000;

    /// Whether it is kept, holding or not.
    pub fn is_remembered_at(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end.plus_ms(Self::REMEMBERED_MS))
    }

    /// Whether it still signs and verifies.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// What somebody looked at that is hidden otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevealedPart {
    /// An endpoint's signing secret.
    Secret,
    /// The credentials among an endpoint's own headers.
    Headers,
    /// An inbox's token for subscriptions.
    VerifyToken,
    /// What came as a secret with a captured request.
    Request,
}

impl RevealedPart {
    /// Its name where it is kept.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Headers => "headers",
            Self::VerifyToken => "verify_token",
            Self::Request => "request",
        }
    }
}

/// That somebody looked at a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reveal {
    /// When.
    pub at: Timestamp,
    /// At what.
    pub what: RevealedPart,
}
