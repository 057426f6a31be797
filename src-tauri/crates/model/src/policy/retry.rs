use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::StatusRange;

/// When a failed attempt is tried again.
///
/// `delays_ms[n]` is the wait after failed attempt `n + 1`, counted from the end of that attempt; an
/// empty list means a single attempt. So there are at most `delays_ms.len() + 1` attempts. A policy that grows
/// exponentially holds the waits that come of it there too, once [`Self::filled`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetryPolicy {
    /// The waits, in milliseconds.
    #[serde(default)]
    pub delays_ms: Vec<u64>,
    /// How far a wait may be off at random, as a share of it: 0.1 means up to 10 % longer or shorter.
    #[serde(default)]
    pub jitter: f64,
    /// What the waits are computed from, where they grow exponentially.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exponential: Option<Exponential>,
    /// How long after the first attempt the last may be made, in milliseconds; `None` for no such end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_total_ms: Option<u64>,
    /// How a receiver's `Retry-After` is followed; `None` for the usual way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<RetryAfter>,
    /// The statuses that are tried again; `None` for every one that is no success. What got no answer is
    /// tried again whatever stands here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_on: Option<Vec<StatusRange>>,
    /// Statuses that end the delivery at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub no_retry: Vec<StatusRange>,
}

/// Waits that grow by a factor, up to a cap.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exponential {
    /// The first wait, in milliseconds.
    pub first_ms: u64,
    /// How many times as long each is as the one before, at least 1.
    pub factor: f64,
    /// The longest wait, in milliseconds.
    pub cap_ms: u64,
    /// How many attempts there are, the first included.
    pub max_attempts: u32,
}

/// How a receiver's `Retry-After` is followed: it puts the next attempt off, and never brings it forward.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetryAfter {
    /// The statuses whose `Retry-After` counts; none for never.
    pub statuses: Vec<u16>,
    /// The longest that an attempt is put off by it, in milliseconds; one that asks for longer gets this.
    pub max_ms: u64,
}

impl Default for RetryAfter {
    /// On 429 and 503, an hour at most.
    fn default() -> Self {
        Self { statuses: vec![429, 503], max_ms: 3_600_000 }
    }
}

impl RetryAfter {
    /// Whether it is followed on an answer with this status.
    pub fn holds_on(&self, status: u16) -> bool {
        self.statuses.contains(&status)
    }
}

/// Why a retry policy is refused.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum RetryPolicyError {
    /// More waits than any plan needs.
    #[error("may hold at most {max} delays, not {given}", max = RetryPolicy::MAX_DELAYS)]
    TooMany {
        /// How many were given.
        given: usize,
    },
    /// A wait longer than 30 days.
    #[error("may be at most {max} (30 days), not {given}", max = RetryPolicy::MAX_DELAY_MS)]
    TooLong {
        /// Which wait, from 0.
        at: usize,
        /// The wait, in milliseconds.
        given: u64,
    },
    /// A jitter that is not a share.
    #[error("must lie between 0 and 1, not {given}")]
    Jitter {
        /// What was given.
        given: f64,
    },
    /// Waits, and something else to compute them from.
    #[error("goes without `exponential`, which it is computed from: leave one of them out")]
    Both,
    /// A number out of its bounds.
    #[error("must lie between {least} and {most}, not {given}")]
    Number {
        /// The field, below `retry`.
        field: &'static str,
        /// The least it may be.
        least: u64,
        /// The most it may be.
        most: u64,
        /// What was given.
        given: u64,
    },
    /// A factor that does not grow, or grows out of hand.
    #[error("must lie between 1 and {max}, not {given}", max = Exponential::MAX_FACTOR)]
    Factor {
        /// What was given.
        given: f64,
    },
    /// More statuses than there are kinds of answer.
    #[error("may hold at most {max} statuses, not {given}", max = RetryPolicy::MAX_STATUSES)]
    TooManyStatuses {
        /// The field, below `retry`.
        field: &'static str,
        /// How many were given.
        given: usize,
    },
    /// No status at all would be tried again.
    #[error("must name a status; leave it out for every one that is no success")]
    NoStatus,
    /// A number that is no status.
    #[error("{given} is no status: 100 to 599 are")]
    Status {
        /// What was given.
        given: u16,
    },
}

impl RetryPolicyError {
    /// The field that is refused, as the contract names it below `retry`.
    pub fn field(&self) -> String {
        match self {
            Self::TooMany { .. } | Self::Both => "delays_ms".to_owned(),
            Self::TooLong { at, .. } => format!("delays_ms[{at}]"),
            Self::Jitter { .. } => "jitter".to_owned(),
            Self::Factor { .. } => "exponential.factor".to_owned(),
            Self::Number { field, .. } | Self::TooManyStatuses { field, .. } => (*field).to_owned(),
            Self::NoStatus => "retry_on".to_owned(),
            Self::Status { .. } => "retry_after.statuses".to_owned(),
        }
    }
}

impl Exponential {
    /// The largest factor.
    pub const MAX_FACTOR: f64 = 100.0;

    /// The waits that come of it.
    pub fn delays_ms(&self) -> Vec<u64> {
        let retries = (self.max_attempts.saturating_sub(1) as usize).min(RetryPolicy::MAX_DELAYS);
        let cap = self.cap_ms as f64;
        let grown = (0..retries).scan(self.first_ms as f64, |wait, _| {
            let now = wait.min(cap);
            *wait = now * self.factor;
            Some(now)
        });
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to the cap")]
        let whole = |wait: f64| wait.round() as u64;
        grown.map(whole).collect()
    }
}

impl RetryPolicy {
    /// The most waits a policy may hold.
    pub const MAX_DELAYS: usize = 100;
    /// The longest wait: 30 days, in milliseconds.
    pub const MAX_DELAY_MS: u64 = 30 * 24 * 3600 * 1000;
    /// The longest that a plan may take in all: a year, in milliseconds.
    pub const MAX_TOTAL_MS: u64 = 365 * 24 * 3600 * 1000;
    /// The most statuses that a list of them may hold.
    pub const MAX_STATUSES: usize = 50;

    /// These waits, and nothing else.
    pub fn of(delays_ms: impl Into<Vec<u64>>) -> Self {
        Self { delays_ms: delays_ms.into(), ..Self::default() }
    }

    /// With the waits that its exponential growth gives, where it has one.
    #[must_use]
    pub fn filled(mut self) -> Self {
        if let Some(exponential) = &self.exponential {
            self.delays_ms = exponential.delays_ms();
        }
        self
    }

    /// How `Retry-After` is followed.
    pub fn retry_after(&self) -> RetryAfter {
        self.retry_after.clone().unwrap_or_default()
    }

    /// Whether an answer with this status is tried again, where it is no success.
    pub fn retries(&self, status: u16) -> bool {
        let within = |ranges: &[StatusRange]| ranges.iter().any(|range| range.contains(status));
        !within(&self.no_retry) && self.retry_on.as_deref().is_none_or(within)
    }

    /// Checks the bounds.
    pub fn validate(&self) -> Result<(), RetryPolicyError> {
        self.check_waits()?;
        if !(0.0..=1.0).contains(&self.jitter) {
            return Err(RetryPolicyError::Jitter { given: self.jitter });
        }
        if let Some(total) = self.max_total_ms {
            within("max_total_ms", total, 0, Self::MAX_TOTAL_MS)?;
        }
        if let Some(rule) = &self.retry_after {
            within("retry_after.max_ms", rule.max_ms, 0, Self::MAX_DELAY_MS)?;
            few("retry_after.statuses", rule.statuses.len())?;
            if let Some(&given) = rule.statuses.iter().find(|status| !(100..600).contains(*status)) {
                return Err(RetryPolicyError::Status { given });
            }
        }
        if self.retry_on.as_ref().is_some_and(Vec::is_empty) {
            return Err(RetryPolicyError::NoStatus);
        }
        few("retry_on", self.retry_on.as_ref().map_or(0, Vec::len))?;
        few("no_retry", self.no_retry.len())
    }

    fn check_waits(&self) -> Result<(), RetryPolicyError> {
        if let Some(growth) = &self.exponential {
            within("exponential.first_ms", growth.first_ms, 1, Self::MAX_DELAY_MS)?;
            within("exponential.cap_ms", growth.cap_ms, growth.first_ms, Self::MAX_DELAY_MS)?;
            let most = Self::MAX_DELAYS as u64 + 1;
            within("exponential.max_attempts", growth.max_attempts.into(), 1, most)?;
            if !(1.0..=Exponential::MAX_FACTOR).contains(&growth.factor) {
                return Err(RetryPolicyError::Factor { given: growth.factor });
            }
            if !self.delays_ms.is_empty() && self.delays_ms != growth.delays_ms() {
                return Err(RetryPolicyError::Both);
            }
        }
        if self.delays_ms.len() > Self::MAX_DELAYS {
            return Err(RetryPolicyError::TooMany { given: self.delays_ms.len() });
        }
        match self.delays_ms.iter().enumerate().find(|(_, delay)| **delay > Self::MAX_DELAY_MS) {
            Some((at, &given)) => Err(RetryPolicyError::TooLong { at, given }),
            None => Ok(()),
        }
    }

    /// How many attempts a delivery gets at most, the first included: as many as there are waits that end
    /// within the total, if every attempt fails at once.
    pub fn max_attempts(&self) -> u32 {
        let total = self.max_total_ms.unwrap_or(u64::MAX);
        let within = self.delays_ms.iter().scan(0_u64, |at, delay| {
            *at = at.saturating_add(*delay);
            Some(*at)
        });
        let retries = within.take_while(|at| *at <= total).count();
        u32::try_from(retries).unwrap_or(u32::MAX).saturating_add(1)
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

fn within(field: &'static str, given: u64, least: u64, most: u64) -> Result<(), RetryPolicyError> {
    if (least..=most).contains(&given) {
        Ok(())
    } else {
        Err(RetryPolicyError::Number { field, least, most, given })
    }
}

fn few(field: &'static str, given: usize) -> Result<(), RetryPolicyError> {
    if given > RetryPolicy::MAX_STATUSES {
        return Err(RetryPolicyError::TooManyStatuses { field, given });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_ends_after_its_last_delay() {
        let policy = RetryPolicy::of([4_000, 16_000, 64_000]);
        assert_eq!(policy.max_attempts(), 4);
        assert_eq!(policy.delay_after(1, 0.5), Some(Duration::from_secs(4)));
        assert_eq!(policy.delay_after(3, 0.9), Some(Duration::from_secs(64)));
        assert_eq!(policy.delay_after(4, 0.5), None);
        assert_eq!(policy.delay_after(0, 0.5), None);
    }

    #[test]
    fn the_plan_ends_where_its_total_does() {
        let within = |total| {
            let max_total_ms = Some(total);
            RetryPolicy { max_total_ms, ..RetryPolicy::of([4_000, 16_000, 64_000]) }.max_attempts()
        };
        assert_eq!([0, 3_999, 4_000, 20_000, 83_999, 84_000].map(within), [1, 1, 2, 3, 3, 4]);
    }

    #[test]
    fn jitter_spreads_to_both_sides_and_no_further() {
        let policy = RetryPolicy { jitter: 0.1, ..RetryPolicy::of([10_000]) };
        assert_eq!(policy.delay_after(1, 0.0), Some(Duration::from_secs(9)));
        assert_eq!(policy.delay_after(1, 1.0), Some(Duration::from_secs(11)));
    }

    #[test]
    fn exponential_waits_grow_to_their_cap() {
        let grown = |first_ms, factor, cap_ms, max_attempts| {
            let exponential = Some(Exponential { first_ms, factor, cap_ms, max_attempts });
            RetryPolicy { exponential, ..RetryPolicy::default() }.filled().delays_ms
        };
        assert_eq!(grown(5_000, 2.0, 30_000, 6), [5_000, 10_000, 20_000, 30_000, 30_000]);
        assert_eq!(grown(1_000, 1.5, 60_000, 4), [1_000, 1_500, 2_250]);
        assert_eq!(grown(1_000, 2.0, 1_000, 1), Vec::<u64>::new());
        assert_eq!(grown(1, 100.0, RetryPolicy::MAX_DELAY_MS, 101).len(), 100);
    }

    #[test]
    fn statuses_say_what_is_tried_again() {
        let ranges = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<_>>();
        let usual = RetryPolicy::of([1]);
        assert!(usual.retries(404) && usual.retries(500));
        let but = RetryPolicy { no_retry: ranges(&["406"]), ..usual.clone() };
        assert!(!but.retries(406) && but.retries(405));
        let only = RetryPolicy { retry_on: Some(ranges(&["5xx"])), no_retry: ranges(&["501"]), ..usual };
        assert!(only.retries(503) && !only.retries(501) && !only.retries(404));
    }

    #[test]
    fn policies_out_of_bounds_are_refused_by_field() {
        let growth = Exponential { first_ms: 5_000, factor: 2.0, cap_ms: 60_000, max_attempts: 5 };
        let with = |growth| RetryPolicy { exponential: Some(growth), ..RetryPolicy::default() };
        let base = || RetryPolicy::of([1]);
        let after =
            |statuses, max_ms| RetryPolicy { retry_after: Some(RetryAfter { statuses, max_ms }), ..base() };
        let long = RetryPolicy::MAX_DELAY_MS + 1;
        for (policy, field) in [
            (RetryPolicy { jitter: 1.0, ..RetryPolicy::default() }, ""),
            (RetryPolicy::of([1; 101]), "delays_ms"),
            (RetryPolicy::of([1, long]), "delays_ms[1]"),
            (RetryPolicy { jitter: 1.5, ..base() }, "jitter"),
            (RetryPolicy { jitter: f64::NAN, ..base() }, "jitter"),
            (with(growth), ""),
            (with(growth).filled(), ""),
            (RetryPolicy { exponential: Some(growth), ..base() }, "delays_ms"),
            (with(Exponential { first_ms: 0, ..growth }), "exponential.first_ms"),
            (with(Exponential { cap_ms: 4_999, ..growth }), "exponential.cap_ms"),
            (with(Exponential { cap_ms: long, ..growth }), "exponential.cap_ms"),
            (with(Exponential { max_attempts: 0, ..growth }), "exponential.max_attempts"),
            (with(Exponential { max_attempts: 102, ..growth }), "exponential.max_attempts"),
            (with(Exponential { factor: 0.9, ..growth }), "exponential.factor"),
            (with(Exponential { factor: f64::NAN, ..growth }), "exponential.factor"),
            (RetryPolicy { max_total_ms: Some(RetryPolicy::MAX_TOTAL_MS + 1), ..base() }, "max_total_ms"),
            (after(vec![429], 60_000), ""),
            (after(Vec::new(), 0), ""),
            (after(vec![429], long), "retry_after.max_ms"),
            (after(vec![42], 1), "retry_after.statuses"),
            (RetryPolicy { retry_on: Some(Vec::new()), ..base() }, "retry_on"),
            (RetryPolicy { no_retry: vec![StatusRange::one(406); 51], ..base() }, "no_retry"),
        ] {
            let found = policy.validate().err().map(|error| error.field()).unwrap_or_default();
            assert_eq!(found, field, "{policy:?}");
        }
    }
}
