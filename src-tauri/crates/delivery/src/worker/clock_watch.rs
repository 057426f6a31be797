//! Notices that the clock was set, or has gone on while nobody looked: the machine slept, or Hookbench was stopped.

use std::sync::{Mutex, MutexGuard, PoisonError};

use hookbench_model::Timestamp;

use super::catch_up::LONG;

/// A clock that is corrected by less than that was not set back, in milliseconds.
const CORRECTION_MS: i64 = 2000;

/// What was noticed and nobody has acted on yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Noticed {
    /// By how much the clock was set back, in milliseconds; 0 where it was not.
    pub(super) set_back_ms: i64,
    /// What was due by then was slept through, where anything was.
    pub(super) overdue_until: Option<Timestamp>,
}

/// Watches the clock.
#[derive(Debug, Default)]
pub(super) struct ClockWatch {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The newest time that was seen.
    seen: Option<Timestamp>,
    /// What of a set-back was noticed here before anybody said so, in milliseconds.
    ahead_of_word_ms: i64,
    noticed: Noticed,
}

impl ClockWatch {
    /// The work begins: what is due for long by now was due while Hookbench was stopped.
    pub(super) fn started(&self, now: Timestamp) {
        self.state().slept_until(now);
    }

    /// The newest time that the store knows of.
    pub(super) fn known(&self, newest: Timestamp) {
        let mut state = self.state();
        state.seen = state.seen.max(Some(newest));
    }

    /// A look at the clock; true where there is something to act on.
    pub(super) fn looked(&self, now: Timestamp) -> bool {
        let mut state = self.state();
        let back = state.seen.map_or(0, |seen| seen.ms_since(now));
        if back > CORRECTION_MS {
            state.noticed.set_back_ms += back;
            state.ahead_of_word_ms += back;
        }
        state.seen = Some(now);
        state.noticed != Noticed::default()
    }

    /// A sleep until `wanted` is over.
    pub(super) fn woke(&self, wanted: Option<Timestamp>, now: Timestamp) {
        if wanted.is_some_and(|wanted| now > wanted.plus(LONG)) {
            self.state().slept_until(now);
        }
    }

    /// Somebody says that the clock has jumped by so many milliseconds, back where that is less than 0.
    pub(super) fn told(&self, by_ms: i64, now: Timestamp) {
        let mut state = self.state();
        if by_ms >= 0 {
            state.slept_until(now);
            return;
        }
        // A part of it, or all, was noticed before by what the clock shows.
        let seen = state.seen.map_or(0, |seen| seen.ms_since(now).max(0));
        let noticed = state.ahead_of_word_ms + if seen > CORRECTION_MS { seen } else { 0 };
        let rest = by_ms.saturating_neg().saturating_sub(noticed).max(0);
        state.noticed.set_back_ms += rest + if seen > CORRECTION_MS { seen } else { 0 };
        state.ahead_of_word_ms = 0;
        state.seen = Some(now);
    }

    /// What there is to act on.
    pub(super) fn take(&self) -> Option<Noticed> {
        let noticed = std::mem::take(&mut self.state().noticed);
        (noticed != Noticed::default()).then_some(noticed)
    }

    /// It could not be acted on.
    pub(super) fn put_back(&self, noticed: Noticed) {
        let mut state = self.state();
        state.noticed.set_back_ms += noticed.set_back_ms;
        state.noticed.overdue_until = state.noticed.overdue_until.max(noticed.overdue_until);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn slept_until(&mut self, now: Timestamp) {
        let long_ms = i64::try_from(LONG.as_millis()).unwrap_or(i64::MAX);
        self.noticed.overdue_until = self.noticed.overdue_until.max(Some(now.plus_ms(-long_ms)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(s: i64) -> Timestamp {
        Timestamp::from_unix_ms(s * 1000)
    }

    #[test]
    fn a_clock_that_goes_on_is_not_noticed() {
        let watch = ClockWatch::default();
        assert!(!watch.looked(s(100)));
        // Nobody looked for an hour, as nothing was due.
        assert!(!watch.looked(s(3700)));
        watch.woke(Some(s(4000)), s(4000));
        watch.woke(Some(s(4000)), s(4060));
        assert!(!watch.looked(s(4059)), "a correction");
        assert_eq!(watch.take(), None);
    }

    #[test]
    fn a_sleep_that_lasted_too_long_is_noticed() {
        let watch = ClockWatch::default();
        watch.woke(Some(s(1000)), s(1061));
        assert!(watch.looked(s(1061)));
        let noticed = watch.take().unwrap();
        assert_eq!(noticed, Noticed { set_back_ms: 0, overdue_until: Some(s(1001)) });
        assert!(!watch.looked(s(1062)));
    }

    #[test]
    fn a_clock_that_is_set_back_is_noticed_once_whoever_says_so_first() {
        let watch = ClockWatch::default();
        watch.looked(s(10_000));
        assert!(watch.looked(s(1_000)));
        watch.told(-9_500_000, s(1_000));
        assert_eq!(watch.take().unwrap().set_back_ms, 9_500_000);

        watch.told(-500_000, s(500));
        assert_eq!(watch.take().unwrap().set_back_ms, 500_000);
        assert!(!watch.looked(s(501)));
    }

    #[test]
    fn what_could_not_be_done_is_noticed_again() {
        let watch = ClockWatch::default();
        watch.started(s(100));
        let noticed = watch.take().unwrap();
        watch.put_back(noticed);
        assert_eq!(watch.take(), Some(noticed));
    }
}
