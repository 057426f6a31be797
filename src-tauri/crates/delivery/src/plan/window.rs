//! The attempts of the last while, counted: what a rule on the share of failures is judged by.

use std::collections::VecDeque;

use hookbench_model::Timestamp;

/// Into how many slices the window is cut: it forgets one at a time.
const SLICES: u64 = 60;
/// The most slices that are kept: those of a window that was cut otherwise before an edit count too.
const MOST: usize = 240;

/// What was attempted in the last while. It holds at most [`MOST`] counts, however much is attempted.
///
/// A slice is forgotten when its beginning lies further back than the window, so the window is at most a
/// sixtieth shorter than asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailureWindow {
    slices: VecDeque<Slice>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slice {
    start: Timestamp,
    recent: Recent,
}

/// How many attempts there were in a window, and how many of them failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recent {
    /// All of them.
    pub attempts: u32,
    /// Those that failed.
    pub failures: u32,
}

impl Recent {
    /// One attempt.
    pub const fn one(failed: bool) -> Self {
        Self { attempts: 1, failures: if failed { 1 } else { 0 } }
    }

    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            attempts: self.attempts.saturating_add(other.attempts),
            failures: self.failures.saturating_add(other.failures),
        }
    }

    /// The share that failed; 0 of none.
    pub fn share(self) -> f64 {
        if self.attempts == 0 { 0.0 } else { f64::from(self.failures) / f64::from(self.attempts) }
    }
}

impl FailureWindow {
    /// Counts what was attempted at that time.
    pub fn add(&mut self, at: Timestamp, counted: Recent, window_ms: u64) {
        self.forget(at, window_ms);
        let length = i64::try_from(window_ms / SLICES).unwrap_or(i64::MAX).max(1);
        let start = Timestamp::from_unix_ms(at.unix_ms().div_euclid(length).saturating_mul(length));
        self.push(Slice { start, recent: counted });
    }

    /// Adds what was counted later than what is in here.
    pub fn append(&mut self, later: &Self) {
        for slice in &later.slices {
            self.push(*slice);
        }
    }

    fn push(&mut self, slice: Slice) {
        match self.slices.back_mut() {
            Some(newest) if newest.start >= slice.start => newest.recent = newest.recent.and(slice.recent),
            _ => self.slices.push_back(slice),
        }
        while self.slices.len() > MOST {
            self.slices.pop_front();
        }
    }

    /// What was attempted in the window that ends at `at`.
    pub fn counted(&mut self, at: Timestamp, window_ms: u64) -> Recent {
        self.forget(at, window_ms);
        self.slices.iter().fold(Recent::default(), |sum, slice| sum.and(slice.recent))
    }

    fn forget(&mut self, at: Timestamp, window_ms: u64) {
        let since = at.plus_ms(-i64::try_from(window_ms).unwrap_or(i64::MAX));
        // A clock that was set back leaves slices of the future behind, which would never grow old.
        self.slices.retain(|slice| slice.start >= since && slice.start <= at);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR_MS: u64 = 3_600_000;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_unix_ms(1_763_699_700_000 + ms)
    }

    #[test]
    fn what_lies_further_back_is_forgotten() {
        let mut window = FailureWindow::default();
        for minute in 0..90 {
            window.add(at(minute * 60_000), Recent::one(minute % 2 == 0), HOUR_MS);
        }
        let recent = window.counted(at(89 * 60_000), HOUR_MS);
        assert_eq!((recent.attempts, recent.failures), (61, 30));
        assert_eq!(window.counted(at(200 * 60_000), HOUR_MS), Recent::default());
    }

    #[test]
    fn a_clock_that_was_set_back_leaves_nothing_behind_that_never_ages() {
        let mut window = FailureWindow::default();
        window.add(at(86_400_000), Recent::one(true), HOUR_MS);
        assert_eq!(window.counted(at(0), HOUR_MS), Recent::default());
    }

    #[test]
    fn a_window_that_is_edited_keeps_what_it_knows() {
        let mut window = FailureWindow::default();
        for second in 0..60 {
            window.add(at(second * 1000), Recent::one(true), 60_000);
        }
        assert_eq!(window.counted(at(59_000), HOUR_MS).attempts, 60);
        window.add(at(60_000), Recent::one(false), HOUR_MS);
        assert_eq!(window.counted(at(60_000), HOUR_MS).attempts, 61);
    }

    #[test]
    fn what_was_counted_later_is_laid_over_what_was_counted_before() {
        let counted = |seconds: &[i64]| {
            let mut window = FailureWindow::default();
            for second in seconds {
                window.add(at(second * 1000), Recent::one(true), HOUR_MS);
            }
            window
        };
        let (mut before, later) = (counted(&[0, 60, 90]), counted(&[61, 120]));
        before.append(&later);
        assert_eq!(before.counted(at(120_000), HOUR_MS).attempts, 5);
        assert_eq!(before.counted(at(3_719_000), HOUR_MS).attempts, 1);
    }

    proptest! {
        #[test]
        fn it_counts_what_a_list_of_all_would_and_stays_small(
            steps in prop::collection::vec((0_i64..200_000, any::<bool>()), 1..300),
            window_ms in 1_000_u64..10_000_000,
        ) {
            let (mut window, mut all, mut now) = (FailureWindow::default(), Vec::new(), 0);
            for (step, failed) in steps {
                now += step;
                window.add(at(now), Recent::one(failed), window_ms);
                all.push((now, failed));
                let within = |ms: u64| {
                    let since = now - i64::try_from(ms).unwrap();
                    all.iter().filter(|(made, _)| *made >= since).count()
                };
                let counted = window.counted(at(now), window_ms).attempts as usize;
                let least = within(window_ms - window_ms / SLICES - 1);
                prop_assert!(least <= counted && counted <= within(window_ms), "{least} {counted}");
                prop_assert!(window.slices.len() <= MOST);
            }
        }
    }
}
