//! An endpoint's circuit breaker: what an attempt says to it, and where it stands then.
//!
//! Pure: no I/O and no clock. `closed` → (so many failures in a row) → `open` → (its wait is over) →
//! `half_open`, when one probe goes out → `closed` or, for twice as long, `open`.

use hookbench_model::{Breaker, BreakerState, Outcome, Timestamp};

/// What an attempt says about the receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It works: it answers, be it that it does not want this event.
    Works,
    /// It is in trouble: it cannot be reached, takes too long, or says so itself (5xx, 429).
    Trouble,
    /// Nothing: we stopped, or sent nothing.
    Nothing,
}

/// Who made an attempt, as far as the breaker cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The plan, while the breaker was closed.
    Plan,
    /// The breaker, to find out whether the receiver is well again.
    Probe,
    /// A person: a retry, or a test. It may close a breaker and never opens one.
    Hand,
}

/// What an attempt that ended so says, with the status of its answer where there is one.
pub fn heard(outcome: Outcome, status: Option<u16>) -> Heard {
    match outcome {
        Outcome::HttpError if status.is_some_and(|status| status >= 500 || status == 429) => Heard::Trouble,
        Outcome::Delivered | Outcome::Redirect | Outcome::HttpError => Heard::Works,
        Outcome::Interrupted | Outcome::Blocked => Heard::Nothing,
        _ => Heard::Trouble,
    }
}

/// Where a breaker stands once an attempt has ended at `at`.
pub fn after(state: BreakerState, rule: &Breaker, heard: Heard, by: By, at: Timestamp) -> BreakerState {
    match (heard, by) {
        (Heard::Nothing, _) | (Heard::Trouble, By::Hand) => state,
        (Heard::Works, _) => BreakerState::default(),
        (Heard::Trouble, By::Probe) => opened(state.failures, rule.longer(state.open_for_ms), at),
        // It went out before the breaker opened, and says nothing that is not known.
        (Heard::Trouble, By::Plan) if state.opened_at.is_some() => state,
        (Heard::Trouble, By::Plan) => {
            let failures = state.failures.saturating_add(1);
            if failures >= rule.failures {
                opened(failures, rule.open_ms.min(rule.max_open_ms), at)
            } else {
                BreakerState { failures, ..state }
            }
        }
    }
}

fn opened(failures: u32, open_for_ms: u64, at: Timestamp) -> BreakerState {
    let probe_at = at.plus(std::time::Duration::from_millis(open_for_ms));
    BreakerState { failures, opened_at: Some(at), open_for_ms, probe_at: Some(probe_at) }
}

/// The same breaker by a clock that was set back by so many milliseconds and shows `now`: only what is to come by it
/// goes back with it, as in the store, so that a breaker is the same before and after a crash.
pub fn set_back(state: BreakerState, by_ms: i64, now: Timestamp) -> BreakerState {
    let earlier = |at: Timestamp| if at > now { at.plus_ms(-by_ms) } else { at };
    BreakerState { opened_at: state.opened_at.map(earlier), probe_at: state.probe_at.map(earlier), ..state }
}

#[cfg(test)]
mod tests {
    use hookbench_model::BreakerPhase;

    use super::*;

    const RULE: Breaker = Breaker { failures: 3, open_ms: 1_000, max_open_ms: 3_000 };

    fn ms(ms: i64) -> Timestamp {
        Timestamp::from_unix_ms(ms)
    }

    fn tripped() -> BreakerState {
        (0..3).fold(BreakerState::default(), |state, n| after(state, &RULE, Heard::Trouble, By::Plan, ms(n)))
    }

    #[test]
    fn it_opens_after_so_many_failures_in_a_row_and_not_before() {
        let mut state = BreakerState::default();
        for n in 0..2 {
            state = after(state, &RULE, Heard::Trouble, By::Plan, ms(n));
            assert_eq!(state.phase(ms(n)), BreakerPhase::Closed);
        }
        state = after(state, &RULE, Heard::Works, By::Plan, ms(2));
        assert_eq!(state, BreakerState::default());
        let state = tripped();
        assert_eq!((state.opened_at, state.probe_at), (Some(ms(2)), Some(ms(1_002))));
        assert_eq!(state.phase(ms(1_001)), BreakerPhase::Open);
        assert_eq!(state.phase(ms(1_002)), BreakerPhase::HalfOpen);
    }

    #[test]
    fn each_failed_probe_doubles_the_wait_up_to_the_longest_and_a_good_one_closes() {
        let mut state = tripped();
        for wait in [2_000, 3_000, 3_000] {
            let at = state.probe_at.unwrap();
            state = after(state, &RULE, Heard::Trouble, By::Probe, at);
            assert_eq!(state.open_for_ms, wait);
            assert_eq!(state.probe_at, Some(at.plus_ms(i64::try_from(wait).unwrap())));
        }
        assert_eq!(after(state, &RULE, Heard::Works, By::Probe, ms(9_000)), BreakerState::default());
    }

    #[test]
    fn what_went_out_before_it_opened_does_not_prolong_it_but_may_close_it() {
        let state = tripped();
        assert_eq!(after(state, &RULE, Heard::Trouble, By::Plan, ms(900)), state);
        assert_eq!(after(state, &RULE, Heard::Works, By::Plan, ms(900)), BreakerState::default());
    }

    #[test]
    fn a_person_closes_it_and_never_opens_it() {
        let nearly = BreakerState { failures: 2, ..BreakerState::default() };
        assert_eq!(after(nearly, &RULE, Heard::Trouble, By::Hand, ms(5)), nearly);
        assert_eq!(after(tripped(), &RULE, Heard::Trouble, By::Hand, ms(5_000)), tripped());
        assert_eq!(after(tripped(), &RULE, Heard::Works, By::Hand, ms(5)), BreakerState::default());
    }

    #[test]
    fn only_trouble_of_the_receiver_counts() {
        for (outcome, status, expected) in [
            (Outcome::Delivered, Some(200), Heard::Works),
            (Outcome::HttpError, Some(404), Heard::Works),
            (Outcome::HttpError, Some(410), Heard::Works),
            (Outcome::Redirect, Some(301), Heard::Works),
            (Outcome::HttpError, Some(429), Heard::Trouble),
            (Outcome::HttpError, Some(503), Heard::Trouble),
            (Outcome::Timeout, None, Heard::Trouble),
            (Outcome::ConnectionRefused, None, Heard::Trouble),
            (Outcome::ConnectionReset, Some(200), Heard::Trouble),
            (Outcome::DnsFailure, None, Heard::Trouble),
            (Outcome::TlsFailure, None, Heard::Trouble),
            (Outcome::InvalidResponse, None, Heard::Trouble),
            (Outcome::Interrupted, None, Heard::Nothing),
            (Outcome::Blocked, None, Heard::Nothing),
        ] {
            assert_eq!(heard(outcome, status), expected, "{outcome:?} {status:?}");
        }
        assert_eq!(after(tripped(), &RULE, Heard::Nothing, By::Probe, ms(5_000)), tripped());
    }

    #[test]
    fn a_clock_that_is_set_back_takes_its_times_along() {
        let state = set_back(tripped(), 1_000_000, ms(10 - 1_000_000));
        assert_eq!(state.phase(ms(2 - 1_000_000)), BreakerPhase::Open);
        assert_eq!(state.phase(ms(1_002 - 1_000_000)), BreakerPhase::HalfOpen);
        // By so little that it opened before by the new time too.
        let state = set_back(tripped(), 100, ms(10));
        assert_eq!((state.opened_at, state.probe_at), (Some(ms(2)), Some(ms(902))));
    }
}
