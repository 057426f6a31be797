use serde::{Deserialize, Serialize};

/// How fast an endpoint may be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Attempts a second, more than 0; fractions are allowed (0.5 is one every two seconds).
    pub per_second: f64,
    /// How many may go at once after a pause; `None` for a tenth of a second's worth, and at least one.
    #[serde(default)]
    pub burst: Option<u32>,
}

/// Why a rate limit is refused: the field below `rate_limit`, and what it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RateLimitError {
    /// No rate, or one that no machine keeps.
    #[error("must be more than 0 and at most {max}", max = RateLimit::HIGHEST)]
    PerSecond,
    /// A burst of nothing, or of more than is ever sent.
    #[error("must lie between 1 and {max}", max = RateLimit::MOST_BURST)]
    Burst,
}

impl RateLimit {
    /// The highest rate, a second.
    pub const HIGHEST: f64 = 100_000.0;
    /// The largest burst.
    pub const MOST_BURST: u32 = 100_000;

    /// So many a second, with the usual burst.
    pub const fn per_second(per_second: f64) -> Self {
        Self { per_second, burst: None }
    }

    /// Checks the bounds.
    pub fn validate(&self) -> Result<(), RateLimitError> {
        if !(self.per_second > 0.0 && self.per_second <= Self::HIGHEST) {
            return Err(RateLimitError::PerSecond);
        }
        if self.burst.is_some_and(|burst| !(1..=Self::MOST_BURST).contains(&burst)) {
            return Err(RateLimitError::Burst);
        }
        Ok(())
    }
}

impl RateLimitError {
    /// The field that is refused, as the contract names it below `rate_limit`.
    pub const fn field(self) -> &'static str {
        match self {
            Self::PerSecond => "per_second",
            Self::Burst => "burst",
        }
    }
}
