use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Names a provider profile: lower-case letters, digits, `-` and `_`, at most 64.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProviderId(String);

/// Why a text cannot name a provider profile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot name a provider: 1 to 64 lower-case letters, digits, `-` and `_` can")]
pub struct ProviderIdError(String);

impl ProviderId {
    /// The profile for senders without one of their own: Standard Webhooks.
    pub fn generic() -> Self {
        Self("generic".to_owned())
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ProviderId {
    type Err = ProviderIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-' || c == b'_';
        if text.is_empty() || text.len() > 64 || !text.bytes().all(fits) {
            return Err(ProviderIdError(text.chars().take(80).collect()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for ProviderId {
    type Error = ProviderIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ProviderId> for String {
    fn from(id: ProviderId) -> Self {
        id.0
    }
}

impl fmt::Display for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// When a failed attempt is tried again.
///
/// `delays_ms[n]` is the wait after failed attempt `n + 1`, counted from the end of that attempt; an
/// empty list means a single attempt. So there are at most `delays_ms.len() + 1` attempts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetryPolicy {
    /// The waits, in milliseconds.
    pub delays_ms: Vec<u64>,
    /// How far a wait may be off at random, as a share of it: 0.1 means up to 10 % longer or shorter.
    #[serde(default)]
    pub jitter: f64,
}

/// Why a retry policy is refused.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum RetryPolicyError {
    /// More waits than any plan needs.
    #[error("delays_ms may hold at most {max} delays, not {given}", max = RetryPolicy::MAX_DELAYS)]
    TooMany {
        /// How many were given.
        given: usize,
    },
    /// A wait longer than 30 days.
    #[error("a delay may be at most {max} ms (30 days), not {given}", max = RetryPolicy::MAX_DELAY_MS)]
    TooLong {
        /// The wait, in milliseconds.
        given: u64,
    },
    /// A jitter that is not a share.
    #[error("jitter must lie between 0 and 1, not {given}")]
    Jitter {
        /// What was given.
        given: f64,
    },
}

impl RetryPolicy {
    /// The most waits a policy may hold.
    pub const MAX_DELAYS: usize = 100;
    /// The longest wait: 30 days, in milliseconds.
    pub const MAX_DELAY_MS: u64 = 30 * 24 * 3600 * 1000;

    /// Checks the bounds.
    pub fn validate(&self) -> Result<(), RetryPolicyError> {
        if self.delays_ms.len() > Self::MAX_DELAYS {
            return Err(RetryPolicyError::TooMany { given: self.delays_ms.len() });
        }
        if let Some(&given) = self.delays_ms.iter().find(|&&delay| delay > Self::MAX_DELAY_MS) {
            return Err(RetryPolicyError::TooLong { given });
        }
        if !(0.0..=1.0).contains(&self.jitter) {
            return Err(RetryPolicyError::Jitter { given: self.jitter });
        }
        Ok(())
    }

    /// How many attempts a delivery gets at most, the first included.
    pub fn max_attempts(&self) -> u32 {
        u32::try_from(self.delays_ms.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// The wait after so many failed automatic attempts; `None` where none is left.
    ///
    /// `chance` lies in 0..1 and spreads the wait by the jitter; 0.5 gives it as planned.
    pub fn delay_after(&self, failed_attempts: u32, chance: f64) -> Option<Duration> {
        let index = usize::try_from(failed_attempts.checked_sub(1)?).ok()?;
        let planned = Duration::from_millis(*self.delays_ms.get(index)?);
        let factor = 1.0 + self.jitter * (2.0 * chance - 1.0);
        Some(planned.mul_f64(factor.max(0.0)))
    }
}

/// What answer counts as delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum SuccessRule {
    /// Any status from 200 to 299.
    #[default]
    Any2xx,
    /// One of these statuses.
    Statuses {
        /// The statuses that count.
        statuses: Vec<u16>,
    },
}

impl SuccessRule {
    /// Whether an answer with this status counts as delivered.
    pub fn accepts(&self, status: u16) -> bool {
        match self {
            Self::Any2xx => (200..300).contains(&status),
            Self::Statuses { statuses } => statuses.contains(&status),
        }
    }

    /// What a receiver that is content answers: 200 where that counts, else the first status that does.
    pub fn usual_status(&self) -> u16 {
        match self {
            Self::Statuses { statuses } if !self.accepts(200) => statuses.first().copied().unwrap_or(200),
            _ => 200,
        }
    }
}

/// When a provider stops sending to an endpoint that keeps failing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum DisableRule {
    /// Never on its own.
    #[default]
    Never,
    /// After so many failures in a row, with no success between them.
    ConsecutiveFailures {
        /// How many.
        count: u32,
        /// Whether every failed attempt counts, or only deliveries that failed for good.
        counting: FailureCount,
    },
    /// After failing, with no success between, for so long.
    FailingFor {
        /// How long, in milliseconds.
        duration_ms: u64,
    },
}

/// What a rule on consecutive failures counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureCount {
    /// Every failed attempt.
    Attempts,
    /// Every delivery that failed for good.
    Deliveries,
}

impl FailureCount {
    /// Its name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Attempts => "attempts",
            Self::Deliveries => "deliveries",
        }
    }

    /// The count of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Attempts, Self::Deliveries].into_iter().find(|count| count.as_str() == name)
    }
}

/// How fast an endpoint may be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Attempts a second, more than 0; fractions are allowed (0.5 is one every two seconds).
    pub per_second: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_ends_after_its_last_delay() {
        let policy = RetryPolicy { delays_ms: vec![4_000, 16_000, 64_000], jitter: 0.0 };
        assert_eq!(policy.max_attempts(), 4);
        assert_eq!(policy.delay_after(1, 0.5), Some(Duration::from_secs(4)));
        assert_eq!(policy.delay_after(3, 0.9), Some(Duration::from_secs(64)));
        assert_eq!(policy.delay_after(4, 0.5), None);
        assert_eq!(policy.delay_after(0, 0.5), None);
    }

    #[test]
    fn jitter_spreads_to_both_sides_and_no_further() {
        let policy = RetryPolicy { delays_ms: vec![10_000], jitter: 0.1 };
        assert_eq!(policy.delay_after(1, 0.0), Some(Duration::from_secs(9)));
        assert_eq!(policy.delay_after(1, 1.0), Some(Duration::from_secs(11)));
    }

    #[test]
    fn policies_out_of_bounds_are_refused() {
        let refused = |delays_ms, jitter| RetryPolicy { delays_ms, jitter }.validate().is_err();
        assert!(refused(vec![1; 101], 0.0));
        assert!(refused(vec![RetryPolicy::MAX_DELAY_MS + 1], 0.0));
        assert!(refused(vec![1], 1.5));
        assert!(refused(vec![1], f64::NAN));
        assert!(!refused(vec![], 1.0));
    }

    #[test]
    fn provider_names_are_checked() {
        assert!("pulsewave".parse::<ProviderId>().is_ok());
        for bad in ["", "Pulse", "a b", "é", &"x".repeat(65)] {
            assert!(bad.parse::<ProviderId>().is_err(), "{bad}");
        }
    }
}
