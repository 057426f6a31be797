//! What has to be told of what happens, and to whom: each alert once, few in a storm, none of those that take them.

use std::collections::BTreeMap;

use hookbench_model::{Alert, Endpoint, Outcome, Subscriptions, Timestamp};

use super::{Checker, Parcel, Snapshot, Standing};
use crate::record::Raised;
use crate::scenario::Kind;

/// For how long, in milliseconds, it is quiet after an alert of the same kind.
const QUIET: i64 = 5 * 60_000;

/// What of it somebody may want to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Happened {
    Fails { since: Timestamp },
    Works,
    IsDisabled { since: Timestamp },
    Exhausted,
}

impl Happened {
    /// What an attempt made of an endpoint that stood so before and stands so after it.
    pub(super) fn between(before: &Standing, after: &Standing, outcome: Outcome) -> Option<Self> {
        if outcome == Outcome::Delivered {
            return before.enabled.then_some(Self::Works);
        }
        let since = after.since?;
        if before.enabled && !after.enabled {
            return Some(Self::IsDisabled { since });
        }
        (after.failures > before.failures).then_some(Self::Fails { since })
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Happening {
    /// The endpoint; `None` for plain URLs.
    pub(super) about: Option<usize>,
    /// The delivery.
    pub(super) by: usize,
    pub(super) what: Happened,
}

/// What of one endpoint has been told, and what waits to be.
#[derive(Clone, Debug, Default)]
struct Telling {
    /// When the run of failures began that was told and whose end was not.
    run: Option<Timestamp>,
    /// When a run was told last.
    failing_at: Option<Timestamp>,
    /// The newest failure of a run that came too soon after the one before.
    waits: Option<usize>,
    /// When deliveries that failed for good were told last.
    exhausted_at: Option<Timestamp>,
    /// Those that have failed since.
    untold: Vec<(usize, Timestamp)>,
}

/// How it stands with one endpoint and with those that take alerts: as the step began, or as it ended.
#[derive(Clone, Debug, Default)]
struct View {
    failing: Vec<Option<Timestamp>>,
    hears: Vec<bool>,
}

impl View {
    fn of(standings: &[Standing]) -> Self {
        let failing = standings.iter().map(|standing| standing.since.filter(|_| standing.enabled));
        let hears = standings.iter().map(|standing| standing.enabled);
        Self { failing: failing.collect(), hears: hears.collect() }
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Tellings {
    /// What those want that take alerts.
    takers: BTreeMap<usize, Subscriptions>,
    /// By endpoint, `None` for plain URLs.
    of: BTreeMap<Option<usize>, Telling>,
    /// What was told in this step.
    told: Vec<Raised>,
    happened: Vec<Happening>,
    view: View,
    /// By alert and endpoint, when it was told last, by the time that nobody sets; and when each delivery of an
    /// alert was made.
    last: BTreeMap<(Alert, Option<usize>), i64>,
    made: BTreeMap<usize, Timestamp>,
    /// The clock was set back and a crash came before that was taken into account: nobody knows what is quiet.
    pub(super) is_vague: bool,
}

/// When what has waited is told, in a step in which something else happens too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sweep {
    Before,
    After,
    /// A crash came before it.
    Never,
}

impl Tellings {
    pub(super) fn of(endpoints: &[Endpoint]) -> Self {
        let takers = endpoints.iter().enumerate().filter(|(_, endpoint)| endpoint.provider.tells_alerts());
        let takers = takers.map(|(number, endpoint)| (number, endpoint.enabled_events.clone()));
        Self { takers: takers.collect(), ..Self::default() }
    }

    pub(super) fn begin_step(&mut self, standings: &[Standing]) {
        self.sees(standings);
        self.told.clear();
        self.happened.clear();
    }

    /// What happens from here on happens to endpoints that stand so.
    pub(super) fn sees(&mut self, standings: &[Standing]) {
        self.view = View::of(standings);
    }

    pub(super) fn happens(&mut self, happening: Option<Happening>) {
        // What happens to those that take alerts is told to nobody.
        let told = happening
            .filter(|happening| happening.about.is_none_or(|about| !self.takers.contains_key(&about)));
        self.happened.extend(told);
    }

    /// What is to come goes back with the clock, which shows `now`.
    pub(super) fn jumped(&mut self, by_ms: i64, now: Timestamp) {
        self.last.clear();
        if by_ms > 0 {
            return;
        }
        for telling in self.of.values_mut() {
            let times = [&mut telling.run, &mut telling.failing_at, &mut telling.exhausted_at];
            let times = times.into_iter().flatten().chain(telling.untold.iter_mut().map(|(_, at)| at));
            times.filter(|at| **at > now).for_each(|at| *at = at.plus_ms(by_ms));
        }
    }

    /// Two deliveries of alerts that were written together: which goes first is nobody's business.
    pub(super) fn are_of_one_moment(&self, one: usize, other: usize) -> bool {
        self.made.get(&one).is_some_and(|made| self.made.get(&other) == Some(made))
    }

    fn hear(&self, view: &View, alert: Alert) -> Vec<usize> {
        let takers = self
            .takers
            .iter()
            .filter(|(number, wants)| view.hears[**number] && wants.matches(alert.as_str()));
        takers.map(|(number, _)| *number).collect()
    }
}

/// An alert that is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Due {
    alert: Alert,
    by: usize,
    count: usize,
    since: Option<Timestamp>,
    failing_since: Option<Timestamp>,
    to: Vec<usize>,
}

/// One endpoint in one step.
struct Follow<'a> {
    tellings: &'a Tellings,
    about: Option<usize>,
    telling: Telling,
    now: Timestamp,
    due: Vec<Due>,
}

fn is_quiet(told: Option<Timestamp>, now: Timestamp) -> bool {
    told.is_some_and(|told| now.ms_since(told) < QUIET)
}

impl Follow<'_> {
    fn tell(&mut self, view: &View, mut due: Due) {
        due.to = self.tellings.hear(view, due.alert);
        if !due.to.is_empty() {
            self.due.push(due);
        }
    }

    fn is_heard(&self, view: &View) -> bool {
        self.tellings.takers.keys().any(|taker| view.hears[*taker])
    }

    fn tell_run(&mut self, view: &View, alert: Alert, by: usize, since: Timestamp) {
        let due = Due { alert, by, count: 1, since: None, failing_since: Some(since), to: Vec::new() };
        self.tell(view, due);
    }

    fn fails(&mut self, view: &View, by: usize, since: Timestamp) {
        if self.telling.run.is_some() {
            return;
        }
        if is_quiet(self.telling.failing_at, self.now) {
            self.telling.waits = Some(by);
        } else {
            (self.telling.run, self.telling.failing_at) = (Some(since), Some(self.now));
            self.telling.waits = None;
            self.tell_run(view, Alert::EndpointFailing, by, since);
        }
    }

    fn happens(&mut self, view: &View, happened: &[Happening]) {
        if !self.is_heard(view) {
            return;
        }
        let untold = self.telling.untold.len();
        for Happening { by, what, .. } in happened {
            match *what {
                Happened::Fails { since } => self.fails(view, *by, since),
                Happened::Works => {
                    self.telling.waits = None;
                    if let Some(since) = self.telling.run.take() {
                        self.tell_run(view, Alert::EndpointRecovered, *by, since);
                    }
                }
                Happened::IsDisabled { since } => {
                    self.telling.waits = None;
                    self.telling.run.get_or_insert(since);
                    self.tell_run(view, Alert::EndpointDisabled, *by, since);
                }
                Happened::Exhausted => self.telling.untold.push((*by, self.now)),
            }
        }
        if self.telling.untold.len() > untold && !is_quiet(self.telling.exhausted_at, self.now) {
            self.tell_exhausted(view, self.telling.untold.len() - untold);
        }
    }

    /// Of those that failed in this same step some may be told and the others wait: which, is seen.
    fn tell_exhausted(&mut self, view: &View, together: usize) {
        let all = self.telling.untold.len();
        let told = |told: &&Raised| (told.alert, told.about) == (Alert::DeliveryExhausted, self.about);
        let told = self.tellings.told.iter().find(told).filter(|_| together > 1);
        let count = told.and_then(|told| usize::try_from(told.count).ok());
        let count = count.filter(|count| (all + 1 - together..=all).contains(count)).unwrap_or(all);
        let newest = &self.telling.untold[all - together.max(1)..];
        let by = told.map(|told| told.by).filter(|by| newest.iter().any(|(untold, _)| untold == by));
        let (by, since) = (by.unwrap_or(self.telling.untold[count - 1].0), self.telling.untold[0].1);
        self.telling.untold.drain(..count);
        self.telling.exhausted_at = Some(self.now);
        let alert = Alert::DeliveryExhausted;
        let due = Due { alert, by, count, since: Some(since), failing_since: None, to: Vec::new() };
        self.tell(view, due);
    }

    /// What has waited for the quiet to be over.
    fn sweep(&mut self, view: &View) {
        let over = |at: Option<Timestamp>| at.is_none_or(|at| self.now.ms_since(at) >= QUIET);
        let exhausted = !self.telling.untold.is_empty() && over(self.telling.exhausted_at);
        let failing = self.telling.waits.is_some() && over(self.telling.failing_at);
        if !exhausted && !failing {
            return;
        }
        if !self.is_heard(view) {
            self.telling.untold.clear();
            self.telling.waits = None;
            return;
        }
        if exhausted {
            self.tell_exhausted(view, 0);
        }
        let since = self.about.and_then(|about| view.failing[about]);
        match (self.telling.waits, since) {
            (Some(by), Some(since)) => self.fails(view, by, since),
            (_, None) => self.telling.waits = None,
            (None, Some(_)) => {}
        }
    }
}

impl Checker {
    /// An alert was written: its deliveries are deliveries like any other.
    pub(super) fn is_told(&mut self, told: Raised, after: &Snapshot) {
        for (number, taker) in told.to.into_iter().flatten() {
            let policy = &self.policies[taker];
            let (expires, most) = (policy.expires_at(told.at), policy.retry.max_attempts());
            let seen = after.deliveries.get(&number);
            if seen.is_some_and(|seen| (seen.expires, seen.most) != (expires, most)) {
                self.wrong.push(format!("alert {number} is otherwise than its policy says: {seen:?}"));
            }
            self.parcels.push(Parcel { number, kind: Kind::Alert, endpoint: Some(taker), ttl_ms: None });
            self.due.insert(number, (told.at, true));
            self.tellings.made.insert(number, told.at);
        }
        self.tellings.told.push(told);
    }

    /// A storm is few alerts, whatever is known of it here.
    pub(super) fn check_quiet(&mut self, told: &Raised, passed: i64) {
        if matches!(told.alert, Alert::EndpointFailing | Alert::DeliveryExhausted) {
            let before = self.tellings.last.insert((told.alert, told.about), passed);
            if before.is_some_and(|before| passed - before < QUIET) && !self.tellings.is_vague {
                self.wrong.push(format!("{told} too soon after the one before"));
            }
        }
    }

    /// What was told in this step is what was to be told.
    pub(super) fn check_alerts(&mut self, now: Timestamp) {
        let after = View::of(&self.standings);
        let tellings = &self.tellings;
        if tellings.takers.is_empty() || tellings.is_vague {
            return;
        }
        let mut sweeps = vec![Sweep::After, Sweep::Before];
        sweeps.extend(self.crashed.then_some(Sweep::Never));
        let mut all = BTreeMap::new();
        for about in (0..self.standings.len()).map(Some).chain([None]) {
            let told: Vec<Due> =
                tellings.told.iter().filter(|told| told.about == about).map(Due::of).collect();
            let happened: Vec<Happening> =
                tellings.happened.iter().filter(|happening| happening.about == about).copied().collect();
            let mut other = None;
            let found = sweeps.iter().find_map(|sweep| {
                let telling = tellings.of.get(&about).cloned().unwrap_or_default();
                let mut follow = Follow { tellings, about, telling, now, due: Vec::new() };
                if *sweep == Sweep::Before {
                    follow.sweep(&tellings.view);
                }
                follow.happens(&after, &happened);
                if *sweep == Sweep::After {
                    follow.sweep(&after);
                }
                let same = is_same(&follow.due, &told);
                other.get_or_insert(follow.due);
                same.then_some(follow.telling)
            });
            match found {
                Some(telling) => drop(all.insert(about, telling)),
                None => self.wrong.push(format!(
                    "of {about:?} {told:?} was told, and by the rules {:?}, since {happened:?}",
                    other.unwrap_or_default()
                )),
            }
        }
        self.tellings.of = all;
    }
}

impl Due {
    fn of(told: &Raised) -> Self {
        let exhausted = told.alert == Alert::DeliveryExhausted;
        Self {
            alert: told.alert,
            by: told.by,
            count: usize::try_from(told.count).unwrap(),
            since: exhausted.then_some(told.since),
            failing_since: told.failing_since.filter(|_| !exhausted),
            to: told.to.iter().flatten().map(|(_, taker)| *taker).collect(),
        }
    }
}

/// In whatever order.
fn is_same(due: &[Due], told: &[Due]) -> bool {
    let sorted = |all: &[Due]| {
        let mut all = all.to_vec();
        all.sort_by_key(|due| due.alert);
        all
    };
    sorted(due) == sorted(told)
}
