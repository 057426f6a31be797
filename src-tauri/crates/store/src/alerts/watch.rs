//! What is remembered of the alerts of one endpoint, and what that says of the next. Pure.

use hookbench_model::{Alert, Subscriptions, Timestamp};

/// What somebody wants to be told of that which may have to wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    failing: bool,
    exhausted: bool,
}

impl Wanted {
    /// By what an endpoint that takes alerts subscribes to.
    pub(crate) fn by(subscriptions: &Subscriptions) -> Self {
        Self {
            failing: subscriptions.matches(Alert::EndpointFailing.as_str()),
            exhausted: subscriptions.matches(Alert::DeliveryExhausted.as_str()),
        }
    }

    /// What either wants.
    pub(super) const fn or(self, other: Self) -> Self {
        Self { failing: self.failing || other.failing, exhausted: self.exhausted || other.exhausted }
    }
}

/// What was told of an endpoint, and what waits to be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Watch {
    /// When the run of failures began that was told of, or that the endpoint was disabled by, while its end has not
    /// been told.
    pub(crate) told: Option<Timestamp>,
    /// When a run of failures was told of last.
    pub(crate) failing_told_at: Option<Timestamp>,
    /// The newest failed delivery (its seq) of a run that waits to be told.
    pub(crate) failing_by: Option<i64>,
    /// When a delivery that failed for good was told of last.
    pub(crate) exhausted_told_at: Option<Timestamp>,
    /// How many have failed for good since then.
    pub(crate) exhausted: u64,
    /// When the first of them did.
    pub(crate) exhausted_since: Option<Timestamp>,
    /// The newest of them, its seq.
    pub(crate) exhausted_by: Option<i64>,
}

/// Deliveries that failed for good, to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exhausted {
    pub(crate) count: u64,
    pub(crate) since: Timestamp,
    /// The newest of them.
    pub(crate) by: i64,
}

impl Watch {
    /// An attempt failed. Gives whether that is to be told: once a run, and not soon after the run before.
    pub(crate) fn failed(&mut self, since: Timestamp, by: i64, at: Timestamp) -> bool {
        if self.told.is_some() {
            return false;
        }
        if is_quiet(self.failing_told_at, at) {
            self.failing_by = Some(by);
            return false;
        }
        self.told = Some(since);
        (self.failing_told_at, self.failing_by) = (Some(at), None);
        true
    }

    /// An attempt succeeded. Gives since when the endpoint had failed, where that had been told.
    pub(crate) fn succeeded(&mut self) -> Option<Timestamp> {
        self.failing_by = None;
        self.told.take()
    }

    /// It was disabled, which is told at once, and ends by a success like a run that was told of.
    pub(crate) fn disabled(&mut self, since: Timestamp) {
        self.failing_by = None;
        self.told.get_or_insert(since);
    }

    /// A delivery failed for good.
    pub(crate) fn exhausted(&mut self, by: i64, at: Timestamp) {
        self.exhausted += 1;
        self.exhausted_since.get_or_insert(at);
        self.exhausted_by = Some(by);
    }

    /// The deliveries that failed for good and are to be told of now.
    pub(crate) fn take_exhausted(&mut self, at: Timestamp) -> Option<Exhausted> {
        let (since, by) = (self.exhausted_since?, self.exhausted_by?);
        if is_quiet(self.exhausted_told_at, at) {
            return None;
        }
        let taken = Exhausted { count: self.exhausted, since, by };
        self.exhausted_told_at = Some(at);
        (self.exhausted, self.exhausted_since, self.exhausted_by) = (0, None, None);
        Some(taken)
    }

    /// Forgets what waits to be told: nobody is there to be told.
    pub(crate) fn forget_waiting(&mut self) {
        *self = Self {
            told: self.told,
            failing_told_at: self.failing_told_at,
            exhausted_told_at: self.exhausted_told_at,
            ..Self::default()
        };
    }

    /// When something that waits is to be told, or forgotten where nobody is there to be told; `None` where nothing
    /// waits.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.told_at(Wanted { failing: true, exhausted: true }, true)
    }

    /// When something that waits is told to those that want so much, as long as the endpoint still fails, or does not.
    pub(crate) fn told_at(&self, wanted: Wanted, still_fails: bool) -> Option<Timestamp> {
        let after = |told: Option<Timestamp>| told.unwrap_or(Timestamp::EPOCH).plus(QUIET);
        let (failing_by, exhausted_by) = (
            self.failing_by.filter(|_| wanted.failing && still_fails),
            self.exhausted_by.filter(|_| wanted.exhausted),
        );
        let failing = failing_by.map(|_| after(self.failing_told_at));
        let exhausted = exhausted_by.map(|_| after(self.exhausted_told_at));
        [failing, exhausted].into_iter().flatten().min()
    }

    /// The clock was set back: what lies later than it shows goes back with it.
    pub(crate) fn set_back(&mut self, by_ms: i64, now: Timestamp) {
        let times = [
            &mut self.told,
            &mut self.failing_told_at,
            &mut self.exhausted_told_at,
            &mut self.exhausted_since,
        ];
        for time in times.into_iter().flatten() {
            if *time > now {
                *time = time.plus_ms(-by_ms);
            }
        }
    }
}

/// How long it is quiet after an alert.
const QUIET: std::time::Duration = std::time::Duration::from_millis(Alert::QUIET_MS);

/// Whether an alert at `at` comes too soon after the one before.
fn is_quiet(told: Option<Timestamp>, at: Timestamp) -> bool {
    // One that lies ahead was told by a clock that has been set back since.
    told.is_some_and(|told| told <= at && at < told.plus(QUIET))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(seconds: i64) -> Timestamp {
        Timestamp::from_unix_ms(1_763_699_700_000 + seconds * 1000)
    }

    #[test]
    fn a_run_of_failures_is_told_once_and_so_is_its_end() {
        let mut watch = Watch::default();
        assert!(watch.failed(s(0), 1, s(0)));
        assert!(!watch.failed(s(0), 2, s(9000)), "the same run, however long");
        assert_eq!(watch.succeeded(), Some(s(0)));
        assert_eq!(watch.succeeded(), None);
        assert!(watch.failed(s(9100), 3, s(9100)), "another run");
    }

    #[test]
    fn an_endpoint_that_flaps_is_told_of_once_in_five_minutes() {
        let mut watch = Watch::default();
        let (mut failing, mut recovered) = (0, 0);
        for second in 0..3600 {
            if second % 2 == 0 {
                failing += u32::from(watch.failed(s(second), second, s(second)));
            } else {
                recovered += u32::from(watch.succeeded().is_some());
            }
        }
        assert_eq!((failing, recovered), (12, 12));
    }

    #[test]
    fn what_fails_again_soon_and_goes_on_failing_is_due_after_the_quiet() {
        let mut watch = Watch::default();
        assert!(watch.failed(s(0), 1, s(0)));
        watch.succeeded();
        assert!(!watch.failed(s(10), 2, s(10)));
        assert_eq!(watch.due(), Some(s(300)));
        assert!(!watch.failed(s(10), 3, s(299)));
        assert!(watch.failed(s(10), 3, s(300)));
        assert_eq!(watch.due(), None);
        // One that has recovered in the meantime was never told of, and never is.
        let mut watch = Watch { told: None, ..watch };
        assert!(!watch.failed(s(310), 4, s(310)));
        assert_eq!((watch.succeeded(), watch.due()), (None, None));
    }

    #[test]
    fn what_waits_is_told_only_where_somebody_wants_it_and_it_still_holds() {
        let mut watch = Watch::default();
        assert!(watch.failed(s(0), 1, s(0)));
        watch.succeeded();
        watch.failed(s(10), 2, s(10));
        watch.exhausted(3, s(20));
        watch.take_exhausted(s(20));
        watch.exhausted(4, s(30));
        let wants = |events: &[&str]| {
            let patterns = events.iter().map(|event| event.parse().unwrap()).collect::<Vec<_>>();
            Wanted::by(&Subscriptions::new(patterns))
        };
        let all = Wanted::by(&Subscriptions::all());
        let (failing, exhausted) = (wants(&["endpoint.failing"]), wants(&["delivery.exhausted"]));
        assert_eq!(failing.or(exhausted), all);
        assert_eq!((watch.due(), watch.told_at(all, true)), (Some(s(300)), Some(s(300))));
        assert_eq!(watch.told_at(failing, true), Some(s(300)));
        assert_eq!((watch.told_at(exhausted, true), watch.told_at(all, false)), (Some(s(320)), Some(s(320))));
        assert_eq!((watch.told_at(failing, false), watch.told_at(Wanted::default(), true)), (None, None));
    }

    #[test]
    fn a_storm_is_one_alert_at_once_and_one_each_five_minutes() {
        let mut watch = Watch::default();
        watch.exhausted(1, s(0));
        assert_eq!(watch.take_exhausted(s(0)), Some(Exhausted { count: 1, since: s(0), by: 1 }));
        for seq in 2..=100_000 {
            watch.exhausted(seq, s(1));
            assert_eq!(watch.take_exhausted(s(1)), None);
        }
        assert_eq!(watch.due(), Some(s(300)));
        let told = Exhausted { count: 99_999, since: s(1), by: 100_000 };
        assert_eq!(watch.take_exhausted(s(300)), Some(told));
        assert_eq!((watch.due(), watch.take_exhausted(s(900))), (None, None));
    }

    #[test]
    fn disabling_ends_by_a_success_and_begins_no_second_alert() {
        let mut watch = Watch::default();
        watch.disabled(s(5));
        assert!(!watch.failed(s(5), 1, s(6)), "what was under way when it was disabled");
        assert_eq!(watch.succeeded(), Some(s(5)));
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_nothing_quiet_for_long() {
        let mut watch = Watch::default();
        assert!(watch.failed(s(1000), 1, s(1000)));
        watch.exhausted(1, s(1000));
        watch.take_exhausted(s(1000));
        watch.exhausted(2, s(1000));
        watch.set_back(900_000, s(100));
        assert_eq!((watch.told, watch.due()), (Some(s(100)), Some(s(400))));
        // Nobody said so: an alert that lies ahead keeps nothing quiet.
        let mut unsaid = Watch { exhausted_told_at: Some(s(5000)), ..watch };
        assert!(unsaid.take_exhausted(s(200)).is_some());
    }
}
