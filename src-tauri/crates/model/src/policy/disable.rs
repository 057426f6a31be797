use serde::{Deserialize, Serialize};

/// When a provider stops sending to an endpoint that keeps failing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
    /// When of the attempts of the last while so large a share has failed.
    FailureShare {
        /// The share, more than 0 and at most 1.
        share: f64,
        /// How far back, in milliseconds.
        window_ms: u64,
        /// How many attempts there must be in that time before anything is concluded from them.
        min_attempts: u32,
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

/// Why a disable rule is refused: the field below it, and what it may be.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum DisableRuleError {
    /// A number out of its bounds.
    #[error("must lie between {least} and {most}, not {given}")]
    Number {
        /// The field.
        field: &'static str,
        /// The least it may be.
        least: u64,
        /// The most it may be.
        most: u64,
        /// What was given.
        given: u64,
    },
    /// A share that is none.
    #[error("must be more than 0 and at most 1, not {given}")]
    Share {
        /// What was given.
        given: f64,
    },
}

impl DisableRuleError {
    /// The field that is refused, as the contract names it below `disable`.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Number { field, .. } => field,
            Self::Share { .. } => "share",
        }
    }
}

impl DisableRule {
    /// The most failures, or attempts, that a rule may count.
    pub const MOST_COUNTED: u32 = 10_000;
    /// The shortest time that a rule may look at, in milliseconds.
    pub const SHORTEST_MS: u64 = 1000;
    /// The longest time of nothing but failures: a year, in milliseconds.
    pub const LONGEST_MS: u64 = 365 * 24 * 3600 * 1000;
    /// The longest window of a share: a week, in milliseconds.
    pub const LONGEST_WINDOW_MS: u64 = 7 * 24 * 3600 * 1000;

    /// Checks the bounds.
    pub fn validate(&self) -> Result<(), DisableRuleError> {
        let within = |field, given: u64, least, most| {
            if (least..=most).contains(&given) {
                Ok(())
            } else {
                Err(DisableRuleError::Number { field, least, most, given })
            }
        };
        match *self {
            Self::Never => Ok(()),
            Self::ConsecutiveFailures { count, .. } => {
                within("count", count.into(), 1, Self::MOST_COUNTED.into())
            }
            Self::FailingFor { duration_ms } => {
                within("duration_ms", duration_ms, Self::SHORTEST_MS, Self::LONGEST_MS)
            }
            Self::FailureShare { share, .. } if !(share > 0.0 && share <= 1.0) => {
                Err(DisableRuleError::Share { given: share })
            }
            Self::FailureShare { window_ms, min_attempts, .. } => {
                within("window_ms", window_ms, Self::SHORTEST_MS, Self::LONGEST_WINDOW_MS)?;
                within("min_attempts", min_attempts.into(), 1, Self::MOST_COUNTED.into())
            }
        }
    }

    /// What its failures in a row are counted by.
    pub fn counting(&self) -> FailureCount {
        match self {
            Self::ConsecutiveFailures { counting, .. } => *counting,
            Self::Never | Self::FailingFor { .. } | Self::FailureShare { .. } => FailureCount::Attempts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_out_of_bounds_are_refused_by_field() {
        let share =
            |share, window_ms, min_attempts| DisableRule::FailureShare { share, window_ms, min_attempts };
        let row = |count| DisableRule::ConsecutiveFailures { count, counting: FailureCount::Attempts };
        for (rule, field) in [
            (DisableRule::Never, None),
            (row(10), None),
            (row(0), Some("count")),
            (row(10_001), Some("count")),
            (DisableRule::FailingFor { duration_ms: 999 }, Some("duration_ms")),
            (share(0.5, 60_000, 20), None),
            (share(1.0, 60_000, 1), None),
            (share(0.0, 60_000, 20), Some("share")),
            (share(1.1, 60_000, 20), Some("share")),
            (share(f64::NAN, 60_000, 20), Some("share")),
            (share(0.5, 999, 20), Some("window_ms")),
            (share(0.5, 604_800_001, 20), Some("window_ms")),
            (share(0.5, 60_000, 0), Some("min_attempts")),
        ] {
            assert_eq!(rule.validate().err().map(DisableRuleError::field), field, "{rule:?}");
        }
    }
}
