//! Making up for what has been due for long: bit by bit, rather than all at once.

use std::time::Duration;

use hookbench_model::{RateLimit, Timestamp};
use hookbench_store::{Overdue, Spread};

use super::bucket::TokenBucket;

/// What has been due for longer than that when Hookbench wakes was not sent because it slept.
pub(super) const LONG: Duration = Duration::from_mins(1);

/// An endpoint's overdue deliveries, and how fast they go out.
#[derive(Clone, Copy, Debug)]
pub(super) struct CatchUp {
    /// Those that were due by then.
    until: Timestamp,
    /// How many are left.
    left: u64,
    per_second: f64,
    bucket: TokenBucket,
}

impl CatchUp {
    /// How so many overdue deliveries are made up for; `None` where they are few. A jump of the clock may be noticed
    /// more than once: what is made up for already goes on at its pace.
    pub(super) fn new(before: Option<Self>, until: Timestamp, count: u64, now: Timestamp) -> Option<Self> {
        if count == 0 || (before.is_none() && count <= Spread::FEW) {
            return None;
        }
        let per_second = spread_rate(count);
        let bucket = TokenBucket::new(RateLimit::per_second(per_second), now);
        let bucket = bucket.or_less_than(before.map(|before| before.bucket).as_ref());
        Some(Self { until, left: count, per_second, bucket })
    }

    /// What of it may go out now.
    pub(super) fn room(&mut self, now: Timestamp) -> Overdue {
        Overdue { until: self.until, most: self.bucket.available(now) }
    }

    /// So many went out, the last ones with `all`; true where it is over.
    pub(super) fn took(&mut self, count: usize, all: bool, now: Timestamp) -> bool {
        for _ in 0..count {
            self.bucket.take(now);
        }
        self.left = self.left.saturating_sub(count as u64);
        all || self.left == 0
    }

    /// When the next may go out.
    pub(super) fn next_at(&mut self, now: Timestamp) -> Timestamp {
        self.bucket.next_at(now)
    }

    /// How many are left, and how many of them go out in a second.
    pub(super) fn pace(&self) -> (u64, f64) {
        (self.left, self.per_second)
    }
}

/// How fast so many deliveries go out that have waited for one endpoint, as those do that were paused: ten a second, and
/// faster where that would take more than an hour.
pub(super) fn spread_rate(count: u64) -> f64 {
    (count as f64 * 1000.0 / Spread::LONGEST_MS).max(Spread::PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: i64) -> Timestamp {
        Timestamp::from_unix_ms(ms)
    }

    #[test]
    fn few_go_at_once_and_many_one_after_the_other() {
        assert!(CatchUp::new(None, ms(0), 20, ms(0)).is_none());
        let mut many = CatchUp::new(None, ms(0), 100, ms(0)).unwrap();
        let (mut taken, mut now) = (0, ms(0));
        loop {
            let most = many.room(now).most;
            taken += most;
            if many.took(most, false, now) {
                break;
            }
            now = many.next_at(now);
        }
        assert_eq!((taken, now), (100, ms(9_900)));
    }

    #[test]
    fn what_is_noticed_twice_goes_no_faster() {
        let mut once = CatchUp::new(None, ms(0), 21, ms(0));
        assert!(!once.as_mut().unwrap().took(1, false, ms(0)));
        let mut twice = CatchUp::new(once, ms(0), 20, ms(0)).unwrap();
        assert_eq!((twice.room(ms(0)).most, twice.next_at(ms(0)), twice.pace().0), (0, ms(100), 20));
    }

    #[test]
    fn very_many_take_no_longer_than_an_hour() {
        let (left, per_second) = CatchUp::new(None, ms(0), 1_000_000, ms(0)).unwrap().pace();
        assert!((left as f64 / per_second - 3600.0).abs() < 1e-6);
    }
}
