//! What has been written since the store was opened, counted in memory for whoever monitors it.
//!
//! The counts begin at zero with each start, as monitoring expects of counters. A transaction counts for itself, and
//! only its commit adds that to the sum: what was rolled back was never there.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hookbench_model::{DurationCounts, EndedBecause, Outcome, Tallied, VerificationStatus};

use crate::codes::Coded as _;

/// The bounds of the classes of durations, in microseconds: from what one machine needs to the longest timeouts.
const BOUNDS: [u64; 16] = [
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    5_000_000, 10_000_000, 30_000_000, 60_000_000,
];

/// The sums.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    accepted: AtomicU64,
    ended: [AtomicU64; EndedBecause::ALL.len()],
    attempts: [AtomicU64; Outcome::ALL.len()],
    attempt_durations: Durations,
    captured: [AtomicU64; VerificationStatus::ALL.len()],
    captured_bytes: AtomicU64,
    writes: Durations,
    commits: AtomicU64,
}

/// What one transaction adds.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    accepted: u64,
    ended: [u64; EndedBecause::ALL.len()],
    attempts: Vec<(Outcome, Duration)>,
    captured: [u64; VerificationStatus::ALL.len()],
    captured_bytes: u64,
}

impl Counted {
    pub(crate) fn accepted(&mut self, deliveries: usize) {
        self.accepted += deliveries as u64;
    }

    pub(crate) fn ended(&mut self, because: EndedBecause, deliveries: u64) {
        bump(&mut self.ended, because.code(), deliveries);
    }

    pub(crate) fn attempt(&mut self, outcome: Outcome, duration_ms: u64) {
        self.attempts.push((outcome, Duration::from_millis(duration_ms)));
    }

    pub(crate) fn captured(&mut self, status: VerificationStatus, bytes: u64) {
        bump(&mut self.captured, status.code(), 1);
        self.captured_bytes += bytes;
    }
}

fn bump(counts: &mut [u64], code: i64, more: u64) {
    if let Some(count) = usize::try_from(code).ok().and_then(|code| counts.get_mut(code)) {
        *count += more;
    }
}

impl Tally {
    /// A transaction was committed.
    pub(crate) fn commit(&self, counted: Counted) {
        let Counted { accepted, ended, attempts, captured, captured_bytes } = counted;
        add(&self.commits, 1);
        add(&self.accepted, accepted);
        self.ended.iter().zip(ended).for_each(|(sum, more)| add(sum, more));
        self.captured.iter().zip(captured).for_each(|(sum, more)| add(sum, more));
        add(&self.captured_bytes, captured_bytes);
        for (outcome, duration) in attempts {
            if let Some(sum) = usize::try_from(outcome.code()).ok().and_then(|code| self.attempts.get(code)) {
                add(sum, 1);
            }
            self.attempt_durations.add(duration);
        }
    }

    /// Somebody waited so long for a write.
    pub(crate) fn waited(&self, duration: Duration) {
        self.writes.add(duration);
    }

    pub(crate) fn read(&self) -> Tallied {
        Tallied {
            accepted: get(&self.accepted),
            ended: words(EndedBecause::ALL, &self.ended, |because| because.code()),
            attempts: words(Outcome::ALL, &self.attempts, |outcome| outcome.code()),
            attempt_durations: self.attempt_durations.read(),
            captured: words(VerificationStatus::ALL, &self.captured, |status| status.code()),
            captured_bytes: get(&self.captured_bytes),
            writes: self.writes.read(),
            commits: get(&self.commits),
        }
    }
}

fn words<W: Copy, const N: usize>(all: [W; N], sums: &[AtomicU64; N], code: fn(&W) -> i64) -> Vec<(W, u64)> {
    let sum = |word: &W| usize::try_from(code(word)).ok().and_then(|code| sums.get(code)).map_or(0, get);
    all.iter().map(|word| (*word, sum(word))).collect()
}

fn add(sum: &AtomicU64, more: u64) {
    if more > 0 {
        sum.fetch_add(more, Ordering::Relaxed);
    }
}

fn get(sum: &AtomicU64) -> u64 {
    sum.load(Ordering::Relaxed)
}

/// Durations by class. The last class has no bound.
#[derive(Debug, Default)]
struct Durations {
    classes: [AtomicU64; BOUNDS.len() + 1],
    sum_us: AtomicU64,
}

impl Durations {
    fn add(&self, duration: Duration) {
        let us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        add(&self.classes[BOUNDS.partition_point(|bound| *bound < us)], 1);
        add(&self.sum_us, us);
    }

    fn read(&self) -> DurationCounts {
        let mut count = 0;
        let mut up_to = |class: &AtomicU64| {
            count += get(class);
            count
        };
        let bounds = BOUNDS.iter().map(|us| Duration::from_micros(*us).as_secs_f64());
        let buckets = bounds.zip(self.classes.iter().map(&mut up_to)).collect();
        up_to(&self.classes[BOUNDS.len()]);
        let sum_seconds = Duration::from_micros(get(&self.sum_us)).as_secs_f64();
        DurationCounts { buckets, count, sum_seconds }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_counts_up_to_its_bound_and_in_every_higher_class() {
        let durations = Durations::default();
        for ms in [0, 1, 2, 60_000, 60_001] {
            durations.add(Duration::from_millis(ms));
        }
        let read = durations.read();
        let at = |seconds: f64| read.buckets.iter().find(|(bound, _)| *bound >= seconds).unwrap().1;
        assert_eq!([at(0.0005), at(0.001), at(0.0025), at(30.0), at(60.0)], [1, 2, 3, 3, 4]);
        assert_eq!(read.count, 5);
        assert!((read.sum_seconds - 120.004).abs() < 1e-9);
        assert!(read.buckets.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1));
    }

    #[test]
    fn every_word_has_a_place() {
        let tally = Tally::default();
        let mut counted = Counted::default();
        for because in EndedBecause::ALL {
            counted.ended(because, 1);
        }
        for outcome in Outcome::ALL {
            counted.attempt(outcome, 1);
        }
        for status in VerificationStatus::ALL {
            counted.captured(status, 2);
        }
        tally.commit(counted);
        let read = tally.read();
        assert_eq!(read.ended, EndedBecause::ALL.map(|because| (because, 1)));
        assert_eq!(read.attempts, Outcome::ALL.map(|outcome| (outcome, 1)));
        assert_eq!(read.captured, VerificationStatus::ALL.map(|status| (status, 1)));
        assert_eq!((read.captured_bytes, read.commits), (10, 1));
    }
}
