//! Alerts that were not told, or should not have been.

use hookbench_model::{
    Alert, DeliveryStatus, EndedBecause, Endpoint, EndpointId, OrderOnFailure, ProviderId, RetryPolicy,
};

use super::Told;
use crate::checks::Seen;
use crate::record::{Raised, What};
use crate::scenario::{ALERTS, NOW, id_bytes};

/// An endpoint whose deliveries are tried once, and one that takes alerts.
fn with_taker() -> Told {
    let endpoint = |number: usize, provider| {
        let id = EndpointId::from_bytes(id_bytes(NOW, number));
        let url = format!("http://e{number}.test/").parse().unwrap();
        let mut endpoint = Endpoint::new(id, "Handler", url, provider);
        endpoint.retry = Some(RetryPolicy::of([]));
        endpoint.order_on_failure = OrderOnFailure::Skip;
        endpoint
    };
    Told::with(&[endpoint(0, "generic".parse().unwrap()), endpoint(1, ProviderId::hookbench())])
}

impl Told {
    /// A delivery to the first endpoint, accepted now, fails for good in five milliseconds.
    fn fails_for_good(&mut self, number: usize) -> &mut Self {
        self.accept(number).seen(number).most = 1;
        self.step(0).starts(number).step(5).ends(number, 500, |seen, _| {
            (seen.status, seen.because) = (DeliveryStatus::Failed, Some(EndedBecause::Exhausted));
        })
    }

    /// An alert of that is written, whose delivery waits.
    fn raises(&mut self, number: usize, alert: Alert, by: usize, count: u64) -> &mut Self {
        let (at, since) = (self.now(), self.after.endpoints[0].since);
        let to = [Some((ALERTS + number, 1)), None];
        let since_count = self.counted_since.unwrap_or(at);
        let raised =
            Raised { alert, about: Some(0), by, count, since: since_count, failing_since: since, at, to };
        self.line(What::Raised(raised));
        let seen = Seen { next: Some(at), most: 1, ..Seen::new(self.seen(by)) };
        self.after.deliveries.insert(ALERTS + number, seen);
        self
    }
}

#[test]
fn what_fails_is_told_once_and_what_fails_for_good_too() {
    let mut told = with_taker();
    told.fails_for_good(1).raises(0, Alert::EndpointFailing, 1, 1).raises(1, Alert::DeliveryExhausted, 1, 1);
    told.says_nothing();
    told.step(5).fails_for_good(2);
    told.says_nothing();
    told.step(5).raises(2, Alert::EndpointFailing, 2, 1);
    told.says("too soon after the one before");
}

#[test]
fn what_is_not_told_is_missed() {
    let mut told = with_taker();
    told.fails_for_good(1).raises(0, Alert::EndpointFailing, 1, 1);
    told.says("and by the rules");
    let mut told = with_taker();
    told.fails_for_good(1).raises(0, Alert::DeliveryExhausted, 1, 1);
    told.says("and by the rules");
}

#[test]
fn what_is_told_without_a_cause_is_seen() {
    for alert in Alert::ALL {
        let mut told = with_taker();
        told.accept(1).step(5).raises(0, alert, 1, 1);
        told.says("and by the rules []");
    }
}

#[test]
fn what_waited_for_the_quiet_is_counted() {
    for (later, count, is_fine) in [(300_000, 2, true), (300_000, 1, false), (300_001, 2, true)] {
        let mut told = with_taker();
        told.fails_for_good(1).raises(0, Alert::EndpointFailing, 1, 1).raises(
            1,
            Alert::DeliveryExhausted,
            1,
            1,
        );
        let quiet_until = told.passed + later;
        told.step(5).fails_for_good(2).step(5).fails_for_good(3);
        told.counted_since = Some(told.now().plus_ms(-10));
        let left = quiet_until - told.passed;
        told.step(left).raises(2, Alert::DeliveryExhausted, 3, count);
        if is_fine { told.says_nothing() } else { told.says("and by the rules") }
    }
}

#[test]
fn an_alert_that_waits_beyond_the_quiet_is_missed() {
    let mut told = with_taker();
    told.fails_for_good(1).raises(0, Alert::EndpointFailing, 1, 1).raises(1, Alert::DeliveryExhausted, 1, 1);
    told.step(5).fails_for_good(2).step(300_000);
    told.says("and by the rules");
}

#[test]
fn those_that_take_alerts_raise_none() {
    let mut told = with_taker();
    told.fails_for_good(1).raises(0, Alert::EndpointFailing, 1, 1).raises(1, Alert::DeliveryExhausted, 1, 1);
    let (at, to) = (told.now(), [Some((ALERTS + 7, 1)), None]);
    let alert = Alert::EndpointFailing;
    told.line(What::Raised(Raised {
        alert,
        about: Some(1),
        by: ALERTS,
        count: 1,
        since: at,
        failing_since: Some(at),
        at,
        to,
    }));
    told.says("of Some(1)");
}
