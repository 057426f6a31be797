use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// A circuit breaker: after so many failures in a row nothing is sent for a while, then one probe goes out.
/// Its success closes the breaker; its failure doubles the wait, up to the longest.
///
/// Waiting for it costs a delivery no attempt of its plan. What counts is what says that the receiver is in
/// trouble: connections that fail, timeouts, 5xx and 429.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Breaker {
    /// How many failures in a row open it.
    pub failures: u32,
    /// How long it stays open at first, in milliseconds.
    pub open_ms: u64,
    /// How long at most, in milliseconds.
    pub max_open_ms: u64,
}

/// Why a breaker is refused: the field below `breaker`, and what it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must lie between {least} and {most}, not {given}")]
pub struct BreakerError {
    /// The field.
    pub field: &'static str,
    /// The least it may be.
    pub least: u64,
    /// The most it may be.
    pub most: u64,
    /// What was given.
    pub given: u64,
}

impl Breaker {
    /// The most failures that it may wait for.
    pub const MOST_FAILURES: u32 = 1000;
    /// The shortest time that it may be open, in milliseconds.
    pub const SHORTEST_MS: u64 = 100;
    /// The longest: a day, in milliseconds.
    pub const LONGEST_MS: u64 = 24 * 3600 * 1000;

    /// Checks the bounds.
    pub fn validate(&self) -> Result<(), BreakerError> {
        let within = |field, given: u64, least, most| {
            if (least..=most).contains(&given) {
                Ok(())
            } else {
                Err(BreakerError { field, least, most, given })
            }
        };
        within("failures", self.failures.into(), 1, Self::MOST_FAILURES.into())?;
        within("open_ms", self.open_ms, Self::SHORTEST_MS, Self::LONGEST_MS)?;
        within("max_open_ms", self.max_open_ms, self.open_ms, Self::LONGEST_MS)
    }

    /// How long it stays open after a probe that failed, where it was open for `before` milliseconds.
    pub fn longer(&self, before: u64) -> u64 {
        before.max(1).saturating_mul(2).min(self.max_open_ms).max(self.open_ms.min(self.max_open_ms))
    }
}

/// Where a breaker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerPhase {
    /// Deliveries go out.
    Closed,
    /// Nothing goes out.
    Open,
    /// The probe is due or under way.
    HalfOpen,
}

impl BreakerPhase {
    /// Its name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// What is kept of an endpoint's breaker; it survives a restart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BreakerState {
    /// Failures in a row that count for it.
    pub failures: u32,
    /// Since when it is open; `None` where it is closed.
    pub opened_at: Option<Timestamp>,
    /// How long it stays open, in milliseconds; 0 where it is closed.
    pub open_for_ms: u64,
    /// When the probe goes out; `None` where it is closed.
    pub probe_at: Option<Timestamp>,
}

impl BreakerState {
    /// Where it stands at `now`.
    pub fn phase(&self, now: Timestamp) -> BreakerPhase {
        match (self.opened_at, self.probe_at) {
            (None, _) => BreakerPhase::Closed,
            (Some(_), Some(probe_at)) if now < probe_at => BreakerPhase::Open,
            (Some(_), _) => BreakerPhase::HalfOpen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BREAKER: Breaker = Breaker { failures: 5, open_ms: 30_000, max_open_ms: 100_000 };

    #[test]
    fn the_wait_doubles_up_to_the_longest() {
        assert_eq!(BREAKER.longer(30_000), 60_000);
        assert_eq!(BREAKER.longer(60_000), 100_000);
        assert_eq!(BREAKER.longer(u64::MAX), 100_000);
        // It was edited while it was open: the new bounds hold.
        assert_eq!(BREAKER.longer(10), 30_000);
    }

    #[test]
    fn breakers_out_of_bounds_are_refused_by_field() {
        let field = |breaker: Breaker| breaker.validate().err().map(|error| error.field);
        assert_eq!(field(BREAKER), None);
        assert_eq!(field(Breaker { failures: 0, ..BREAKER }), Some("failures"));
        assert_eq!(field(Breaker { open_ms: 99, ..BREAKER }), Some("open_ms"));
        assert_eq!(field(Breaker { max_open_ms: 29_999, ..BREAKER }), Some("max_open_ms"));
        assert_eq!(field(Breaker { max_open_ms: 86_400_001, ..BREAKER }), Some("max_open_ms"));
    }

    #[test]
    fn its_phase_follows_the_clock() {
        let at = Timestamp::from_unix_ms;
        let open =
            BreakerState { failures: 5, opened_at: Some(at(0)), open_for_ms: 1000, probe_at: Some(at(1000)) };
        assert_eq!(BreakerState::default().phase(at(0)), BreakerPhase::Closed);
        assert_eq!(open.phase(at(999)), BreakerPhase::Open);
        assert_eq!(open.phase(at(1000)), BreakerPhase::HalfOpen);
    }
}
