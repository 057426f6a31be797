//! Deliveries that were paused go on one after the other, rather than all at once.

use hookbench_model::Timestamp;

/// How much time paused deliveries are given when their endpoint is enabled again.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Spread {
    /// So much that ten go out in a second, or as many as the endpoint's rate allows; but no more than an hour
    /// where there is no rate.
    #[default]
    Usual,
    /// So many milliseconds; 0 for all at once.
    Over(u64),
}

/// What went on when an endpoint was enabled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resumed {
    /// How many deliveries.
    pub count: u64,
    /// When the last of those that were overdue is due; `None` where none was.
    pub until: Option<Timestamp>,
}

impl Spread {
    /// So few go on at once: nobody would call that a flood.
    pub const FEW: u64 = 20;
    /// How many go out in a second where nothing else is said.
    pub const PER_SECOND: f64 = 10.0;
    /// The longest spread where nothing else is said, in milliseconds.
    pub const LONGEST_MS: f64 = 3_600_000.0;

    /// The time from one of so many deliveries to the next, in milliseconds.
    pub(super) fn gap_ms(self, count: u64, per_second: Option<f64>) -> f64 {
        match self {
            Self::Over(_) | Self::Usual if count <= 1 => 0.0,
            Self::Over(ms) => ms as f64 / (count - 1) as f64,
            Self::Usual => match per_second {
                Some(rate) if rate < Self::PER_SECOND => 1000.0 / rate,
                _ if count <= Self::FEW => 0.0,
                Some(rate) => {
                    (1000.0 / Self::PER_SECOND).min((Self::LONGEST_MS / count as f64).max(1000.0 / rate))
                }
                None => (1000.0 / Self::PER_SECOND).min(Self::LONGEST_MS / count as f64),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_go_out_in_a_second_unless_the_rate_or_a_person_says_otherwise() {
        let gap = |spread: Spread, count, rate| spread.gap_ms(count, rate);
        assert!((gap(Spread::Usual, 1000, None) - 100.0).abs() < 1e-9);
        assert!((gap(Spread::Usual, 20, None)).abs() < 1e-9, "few go at once");
        assert!((gap(Spread::Usual, 1000, Some(2.0)) - 500.0).abs() < 1e-9);
        assert!((gap(Spread::Usual, 20, Some(2.0)) - 500.0).abs() < 1e-9);
        assert!((gap(Spread::Usual, 1000, Some(50.0)) - 100.0).abs() < 1e-9);
        // No longer than an hour, but never faster than the rate.
        assert!((gap(Spread::Usual, 3_600_000, None) - 1.0).abs() < 1e-9);
        assert!((gap(Spread::Usual, 3_600_000, Some(50.0)) - 20.0).abs() < 1e-9);
        assert!((gap(Spread::Over(9_000), 10, Some(2.0)) - 1000.0).abs() < 1e-9);
        assert!((gap(Spread::Over(0), 10, None)).abs() < 1e-9);
        assert!((gap(Spread::Over(9_000), 1, None)).abs() < 1e-9);
    }
}
