//! The checks, told what must not be: each has to say so.

mod alerts;

use hookbench_model::{
    Breaker, BreakerState, DeliveryStatus, EndedBecause, Endpoint, EndpointId, OrderOnFailure, Outcome,
    RateLimit, RetryPolicy, Timestamp,
};

use super::{Checker, Seen, SeenEndpoint, Snapshot};
use crate::record::{Line, Moment, Said, What};
use crate::scenario::{Deed, Kind, NOW, Parcel, id_bytes};

/// A run that is told by hand: one endpoint, and time that is said.
struct Told {
    checker: Checker,
    lines: Vec<Line>,
    after: Snapshot,
    passed: i64,
    /// When the first happened of what the next alert counts, where that was not just now.
    counted_since: Option<Timestamp>,
}

impl Told {
    fn of(edit: impl FnOnce(&mut Endpoint)) -> Self {
        let id = EndpointId::from_bytes(id_bytes(NOW, 0));
        let url = "http://e0.test/".parse().unwrap();
        let mut endpoint = Endpoint::new(id, "Handler", url, "generic".parse().unwrap());
        endpoint.retry = Some(RetryPolicy::of([1_000]));
        edit(&mut endpoint);
        Self::with(&[endpoint])
    }

    fn with(endpoints: &[Endpoint]) -> Self {
        let seen = |number| SeenEndpoint {
            number,
            enabled: true,
            reason: None,
            failures: 0,
            since: None,
            breaker: BreakerState::default(),
        };
        let seen = (0..endpoints.len()).map(seen).collect();
        let after = Snapshot { endpoints: seen, ..Snapshot::default() };
        Self { checker: Checker::new(endpoints), lines: Vec::new(), after, passed: 0, counted_since: None }
    }

    fn now(&self) -> Timestamp {
        NOW.plus_ms(self.passed)
    }

    fn line(&mut self, what: What) {
        let at = Moment { wall: self.now(), passed: self.passed };
        self.lines.push(Line { at, what });
    }

    fn accept(&mut self, number: usize) -> &mut Self {
        let parcel = Parcel { number, kind: Kind::Usual, endpoint: Some(0), ttl_ms: None };
        self.line(What::Deed { deed: Deed::Accept(parcel), done: true });
        let seen = Seen {
            status: DeliveryStatus::Pending,
            because: None,
            attempts: 0,
            automatic: 0,
            most: 2,
            next: Some(self.now()),
            first: None,
            expires: None,
            outcome: None,
        };
        self.after.deliveries.insert(number, seen);
        self
    }

    fn starts(&mut self, number: usize) -> &mut Self {
        self.line(What::Starts { delivery: number, endpoint: Some(0) });
        let seen = self.seen(number);
        (seen.status, seen.next) = (DeliveryStatus::InFlight, None);
        self
    }

    /// It ends with that status, and stands as `edit` says.
    fn ends(&mut self, number: usize, status: u16, edit: impl FnOnce(&mut Seen, Timestamp)) -> &mut Self {
        let said = Said { status: Some(status), word: false, after: None, broke: None };
        self.line(What::Ends { delivery: number, said });
        let now = self.now();
        let seen = self.seen(number);
        (seen.attempts, seen.automatic) = (seen.attempts + 1, seen.automatic + 1);
        (seen.first, seen.outcome) = (seen.first.or(Some(now)), Some(Outcome::HttpError));
        edit(seen, now);
        if status >= 400 {
            let endpoint = &mut self.after.endpoints[0];
            (endpoint.failures, endpoint.since) = (endpoint.failures + 1, endpoint.since.or(Some(now)));
        }
        self
    }

    fn fails(&mut self, number: usize) -> &mut Self {
        self.ends(number, 500, |seen, now| {
            (seen.status, seen.next) = (DeliveryStatus::Retrying, Some(now.plus_ms(1_000)));
        })
    }

    fn seen(&mut self, number: usize) -> &mut Seen {
        self.after.deliveries.get_mut(&number).unwrap()
    }

    /// All of that was one step; the next comes so much later.
    fn step(&mut self, later_ms: i64) -> &mut Self {
        let now = self.now();
        self.checker.step(&std::mem::take(&mut self.lines), &self.after, now);
        self.passed += later_ms;
        self
    }

    #[track_caller]
    fn says(&mut self, words: &str) {
        self.step(0);
        let wrong = &self.checker.wrong;
        assert!(wrong.iter().any(|wrong| wrong.contains(words)), "{wrong:?}");
    }

    #[track_caller]
    fn says_nothing(&mut self) {
        self.step(0);
        assert!(self.checker.wrong.is_empty(), "{:?}", self.checker.wrong);
    }
}

#[test]
fn a_delivery_that_fails_and_is_tried_again_in_time_is_fine() {
    let mut told = Told::of(|_| {});
    told.accept(1).step(0).starts(1).step(5).fails(1).step(1_000).starts(1).step(5);
    told.ends(1, 500, |seen, _| {
        (seen.status, seen.because) = (DeliveryStatus::Failed, Some(EndedBecause::Exhausted));
    });
    told.says_nothing();
}

#[test]
fn what_is_lost_is_missed() {
    let mut told = Told::of(|_| {});
    told.accept(1).step(0);
    told.after.deliveries.clear();
    told.says("accepted and is lost");
}

#[test]
fn what_was_refused_must_not_be_there() {
    let mut told = Told::of(|_| {});
    told.accept(1);
    told.lines.clear();
    told.says("was refused and is there");
}

#[test]
fn a_delivery_has_one_attempt_under_way() {
    let mut told = Told::of(|_| {});
    told.accept(1).step(0).starts(1).starts(1);
    told.says("under way twice");
}

#[test]
fn an_attempt_goes_out_when_it_is_planned() {
    for (later, words) in [(999, "goes out before"), (1_001, "goes out after")] {
        let mut told = Told::of(|_| {});
        told.accept(1).step(0).starts(1).step(5).fails(1).step(later).starts(1);
        told.says(words);
    }
}

#[test]
fn a_wait_is_as_long_as_the_policy_says() {
    let mut told = Told::of(|_| {});
    told.accept(1).step(0).starts(1).step(5).ends(1, 500, |seen, now| {
        (seen.status, seen.next) = (DeliveryStatus::Retrying, Some(now.plus_ms(1_001)));
    });
    told.says("is allowed");
}

#[test]
fn the_plan_has_an_end() {
    let mut told = Told::of(|_| {});
    told.accept(1).step(0).starts(1).step(5).fails(1).step(1_000).starts(1).step(5).fails(1);
    told.says("is allowed");
}

#[test]
fn what_has_ended_goes_out_no_more() {
    let mut told = Told::of(|_| {});
    told.accept(1).step(0).starts(1).step(5).ends(1, 200, |seen, _| {
        (seen.status, seen.because) = (DeliveryStatus::Delivered, Some(EndedBecause::Delivered));
        seen.outcome = Some(Outcome::Delivered);
    });
    told.step(5).starts(1);
    told.says("goes out and has ended");
}

#[test]
fn an_attempt_that_nobody_made_is_not_recorded() {
    let mut told = Told::of(|_| {});
    told.accept(1).step(5);
    told.seen(1).attempts = 1;
    told.seen(1).automatic = 1;
    told.says("never made is recorded");
}

#[test]
fn the_limits_hold() {
    let mut told = Told::of(|endpoint| endpoint.max_in_flight = Some(1));
    told.accept(1).accept(2).step(0).starts(1).starts(2);
    told.says("2 are under way");
    let mut told =
        Told::of(|endpoint| endpoint.rate_limit = Some(RateLimit { per_second: 1.0, burst: None }));
    told.accept(1).accept(2).step(0).starts(1).step(999).starts(2);
    told.says("too fast");
    let mut told =
        Told::of(|endpoint| endpoint.rate_limit = Some(RateLimit { per_second: 1.0, burst: None }));
    told.accept(1).accept(2).step(0).starts(1).step(1_000).starts(2);
    told.says_nothing();
}

#[test]
fn the_order_holds() {
    let mut told = Told::of(|endpoint| endpoint.ordered = true);
    told.accept(1).accept(2).step(0).starts(2);
    told.says("goes out before 1 has ended");
    let mut told = Told::of(|endpoint| {
        (endpoint.ordered, endpoint.order_on_failure) = (true, OrderOnFailure::Block);
        endpoint.retry = Some(RetryPolicy::of([]));
    });
    told.accept(1).accept(2).step(0).starts(1).step(5).ends(1, 500, |seen, _| {
        (seen.status, seen.because) = (DeliveryStatus::Failed, Some(EndedBecause::Exhausted));
    });
    told.step(5).starts(2);
    told.says("1 holds the queue");
}

#[test]
fn a_breaker_lets_nothing_through_and_then_one() {
    let rule = Breaker { failures: 1, open_ms: 500, max_open_ms: 500 };
    let tripped = |later: i64| {
        let mut told = Told::of(|endpoint| endpoint.breaker = Some(rule));
        told.accept(1).accept(2).accept(3).step(0).starts(1).step(5).fails(1);
        let now = told.now();
        told.after.endpoints[0].breaker = BreakerState {
            failures: 1,
            opened_at: Some(now),
            open_for_ms: 500,
            probe_at: Some(now.plus_ms(500)),
        };
        told.step(later);
        told
    };
    tripped(499).starts(2).says("the breaker is open");
    tripped(500).starts(2).says_nothing();
    tripped(500).starts(2).starts(3).says("beside the breaker's probe");
}

#[test]
fn an_endpoint_is_disabled_by_its_rule_and_by_nothing_else() {
    let mut told = Told::of(|_| {});
    told.accept(1).step(0).starts(1).step(5).fails(1);
    told.after.endpoints[0].enabled = false;
    told.says("by the rules");
    let mut told = Told::of(|_| {});
    told.accept(1).step(0).starts(1).step(5).ends(1, 410, |seen, now| {
        (seen.status, seen.next) = (DeliveryStatus::Retrying, Some(now.plus_ms(1_000)));
    });
    told.says("by the rules");
}

#[test]
fn what_arrived_is_recorded() {
    let mut told = Told::of(|_| {});
    told.checker.check_records(1, &[Outcome::HttpError, Outcome::Interrupted], 1);
    told.checker.check_records(1, &[Outcome::HttpError, Outcome::Interrupted], 2);
    told.says_nothing();
    told.checker.check_records(1, &[Outcome::HttpError], 2);
    told.says("arrived 2 times");
}
