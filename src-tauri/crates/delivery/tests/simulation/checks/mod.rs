//! What has to hold. Raised what happened and what the store shows after each step, it works out by itself what the
//! rules allow, and says what is otherwise.

mod alerts;
mod fate;
mod seen;
mod sleep;
mod standing;
mod starts;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use hookbench_delivery::{Policy, policy_of};
use hookbench_model::{DeliveryStatus, EndedBecause, Endpoint, Outcome, Timestamp};
use hookbench_providers::Library;

use crate::record::{Line, Said, What};
use crate::scenario::{Deed, Kind, Parcel};
use alerts::{Happened, Happening, Tellings};
pub(crate) use fate::Window;
use fate::{Allowed, Tried};
pub(crate) use seen::{Seen, SeenEndpoint, Snapshot};
use sleep::Slept;
pub(crate) use standing::Standing;

/// Who makes an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Plan,
    Probe,
    Hand,
}

/// An exchange that has ended in this step.
#[derive(Clone, Debug)]
struct Ended {
    delivery: usize,
    outcome: Outcome,
    /// Whether a person asked for it.
    manual: bool,
    allowed: Allowed,
    /// How its endpoint stood before, and which that is.
    before: Option<(usize, Standing)>,
}

pub(crate) struct Checker {
    /// What the endpoints are held to, and last plain URLs.
    policies: Vec<Policy>,
    /// In the order in which they were accepted.
    parcels: Vec<Parcel>,
    last: Snapshot,
    /// When a delivery that waits is due, and whether that is known to the millisecond.
    due: BTreeMap<usize, (Timestamp, bool)>,
    /// When those that are paused would have gone on.
    paused: BTreeMap<usize, Window>,
    /// Those whose next attempt a person asked for.
    by_hand: BTreeSet<usize>,
    /// Those that had ended when a person asked for another attempt.
    over: BTreeSet<usize>,
    /// What is under way: who made it go, and when by the clock on the wall.
    live: BTreeMap<usize, (By, Timestamp)>,
    standings: Vec<Standing>,
    /// By endpoint, when attempts began since the bucket was last full for certain.
    begun: Vec<Vec<i64>>,
    /// By endpoint, what was slept through.
    slept: BTreeMap<usize, Slept>,
    /// How many attempts may be under way at once.
    pub(crate) places: usize,
    /// Nothing could go out before: this life began then, or the clock was set.
    awake_since: Timestamp,
    /// The clock was set back and a crash came before that was taken into account: the next life notices as much of it
    /// as it can tell.
    lost_jump: bool,
    /// What was under way when the clock was set back: its time to live is known there as it was before, and it ends
    /// when it is claimed the next time.
    set_back: BTreeSet<usize>,
    ended: Option<Ended>,
    deeds: Vec<Deed>,
    tellings: Tellings,
    began: bool,
    crashed: bool,
    pub(crate) wrong: Vec<String>,
}

impl Checker {
    pub(crate) fn new(endpoints: &[Endpoint]) -> Self {
        let library = Library::builtin();
        let policies = endpoints.iter().map(Some).chain([None]).map(|endpoint| {
            let generic = "generic".parse().unwrap();
            let provider = endpoint.map_or(&generic, |endpoint| &endpoint.provider);
            policy_of(endpoint, &library.profile(provider).unwrap())
        });
        Self {
            policies: policies.collect(),
            parcels: Vec::new(),
            last: Snapshot::default(),
            due: BTreeMap::new(),
            paused: BTreeMap::new(),
            by_hand: BTreeSet::new(),
            over: BTreeSet::new(),
            live: BTreeMap::new(),
            standings: vec![Standing::default(); endpoints.len()],
            begun: vec![Vec::new(); endpoints.len()],
            slept: BTreeMap::new(),
            places: usize::MAX,
            awake_since: crate::scenario::NOW,
            lost_jump: false,
            set_back: BTreeSet::new(),
            ended: None,
            deeds: Vec::new(),
            tellings: Tellings::of(endpoints),
            began: false,
            crashed: false,
            wrong: Vec::new(),
        }
    }

    pub(crate) fn say(&mut self, what: &str) {
        self.wrong.push(what.to_owned());
    }

    /// What happened since the last step, and how it stands now that everything is still.
    pub(crate) fn step(&mut self, lines: &[Line], after: &Snapshot, now: Timestamp) {
        (self.ended, self.began, self.crashed) = (None, false, false);
        self.deeds.clear();
        self.tellings.begin_step(&self.standings);
        for line in lines {
            if let What::Raised(told) = line.what {
                self.is_told(told, after);
            }
        }
        for line in lines {
            match line.what {
                What::Starts { delivery, endpoint } => self.starts(delivery, endpoint, line.at, after),
                What::Ends { delivery, said } => self.ends(delivery, said, line.at.wall, after),
                What::Deed { deed, done: true } => {
                    self.did(deed, line.at.wall);
                    if matches!(deed, Deed::Jump(_)) {
                        self.wakes(line.at);
                    }
                }
                What::Crash(_) => self.crashes(after),
                What::Life => {
                    self.begins(line.at.wall);
                    self.wakes(line.at);
                }
                What::Raised(told) => self.check_quiet(&told, line.at.passed),
                What::Deed { done: false, .. } | What::Heals => {}
            }
        }
        for number in
            after.deliveries.keys().filter(|number| self.parcel(**number).is_none()).collect::<Vec<_>>()
        {
            self.wrong.push(format!("delivery {number} was refused and is there"));
        }
        for parcel in self.parcels.clone() {
            match after.deliveries.get(&parcel.number) {
                Some(seen) => self.moved(parcel, seen, now),
                None => self.wrong.push(format!("delivery {} was accepted and is lost", parcel.number)),
            }
        }
        self.check_spread(after, now);
        self.check_alerts(now);
        for (number, seen) in after.endpoints.iter().enumerate() {
            if self.lost_jump {
                self.standings[number].lost_jump(seen);
            }
            if let Some(what) = self.standings[number].differs(seen) {
                self.wrong.push(format!("endpoint {number}: {what}"));
            }
        }
        self.lost_jump &= self.crashed || !self.began;
        self.remember(after);
    }

    fn remember(&mut self, after: &Snapshot) {
        self.due.clear();
        self.slept.values_mut().for_each(|slept| slept.keep_waiting(after));
        for (number, seen) in &after.deliveries {
            if let Some(at) = seen.next {
                self.due.insert(*number, (at, true));
            }
            if seen.status != DeliveryStatus::Paused {
                self.paused.remove(number);
            }
        }
        self.last = after.clone();
    }

    fn parcel(&self, number: usize) -> Option<Parcel> {
        self.parcels.iter().find(|parcel| parcel.number == number).copied()
    }

    fn policy(&self, parcel: Parcel) -> &Policy {
        &self.policies[parcel.endpoint.unwrap_or(self.policies.len() - 1)]
    }

    fn is_in_order(&self, parcel: Parcel) -> bool {
        !matches!(parcel.kind, Kind::Test | Kind::Elsewhere) && self.policy(parcel).ordered
    }

    fn did(&mut self, deed: Deed, now: Timestamp) {
        self.deeds.push(deed);
        match deed {
            Deed::Accept(parcel) => {
                self.parcels.push(parcel);
                self.due.insert(parcel.number, (now, true));
            }
            Deed::Retry(number) => {
                self.by_hand.insert(number);
                if self.last.deliveries.get(&number).is_some_and(|before| before.status.is_final()) {
                    self.over.insert(number);
                }
                self.due.insert(number, (now, true));
            }
            Deed::Skip(number) | Deed::Cancel(number) => {
                if let Some(endpoint) = self.parcel(number).and_then(|parcel| parcel.endpoint) {
                    self.standings[endpoint].lets_go(number);
                }
            }
            Deed::Disable(endpoint) => {
                self.standings[endpoint].is_disabled("by hand");
                self.tellings.sees(&self.standings);
            }
            Deed::Enable(endpoint, _) => {
                self.standings[endpoint].is_enabled();
                self.tellings.sees(&self.standings);
                for parcel in self.parcels.iter().filter(|parcel| parcel.endpoint == Some(endpoint)) {
                    if self.paused.contains_key(&parcel.number) {
                        self.due.insert(parcel.number, (now, false));
                    }
                }
            }
            Deed::Jump(by_ms) => self.jumped(by_ms, now),
        }
    }

    /// The clock on the wall shows `now`, since somebody has set it.
    fn jumped(&mut self, by_ms: i64, now: Timestamp) {
        self.awake_since = now;
        self.begun.iter_mut().for_each(Vec::clear);
        self.tellings.jumped(by_ms, now);
        if by_ms < 0 {
            self.set_back.extend(self.live.keys());
            let waiting = self.due.values_mut().filter(|(at, _)| *at > now);
            waiting.for_each(|(at, _)| *at = at.plus_ms(by_ms));
            self.paused.values_mut().for_each(|window| *window = window.moved(by_ms, now));
        }
        self.standings.iter_mut().for_each(|standing| standing.jumped(by_ms, now));
    }

    /// Nothing of what was not written has happened.
    fn crashes(&mut self, after: &Snapshot) {
        self.crashed = true;
        self.lost_jump |= self.deeds.iter().any(|deed| matches!(deed, Deed::Jump(by_ms) if *by_ms < 0));
        if let Some(Ended { before: Some((endpoint, before)), .. }) = self.ended.take_if(|ended| {
            let attempts = |of: &Snapshot| of.deliveries.get(&ended.delivery).map(|seen| seen.attempts);
            attempts(after) == attempts(&self.last)
        }) {
            self.standings[endpoint] = before;
        }
        self.live.clear();
        self.standings.iter_mut().for_each(Standing::crashed);
        self.tellings.is_vague |= self.lost_jump;
    }

    fn begins(&mut self, now: Timestamp) {
        self.began = true;
        if self.lost_jump {
            self.due.clear();
        }
        self.awake_since = now;
    }

    /// An exchange is over.
    fn ends(&mut self, delivery: usize, said: Said, now: Timestamp, after: &Snapshot) {
        let (by, begun) = self.live.remove(&delivery).unwrap_or((By::Plan, now));
        let Some(parcel) = self.parcel(delivery) else { return };
        let (policy, before) = (self.policy(parcel), self.last.deliveries.get(&delivery));
        let outcome = fate::outcome(said, policy);
        let manual = self.by_hand.contains(&delivery);
        let over = self.over.contains(&delivery);
        let tried = Tried { kind: parcel.kind, outcome, said, manual, over, begun, now };
        let mut allowed = fate::allowed(&tried, policy, before);
        if self.set_back.contains(&delivery) {
            let endless = before.map(|before| Seen { expires: None, ..before.clone() });
            allowed = allowed.or(fate::allowed(&tried, policy, endless.as_ref()));
        }
        let recorded = after
            .deliveries
            .get(&delivery)
            .filter(|seen| seen.attempts > before.map_or(0, |before| before.attempts));
        let failed = recorded.map_or(allowed.only_ends(), |seen| seen.status == DeliveryStatus::Failed);
        let policy = policy.clone();
        let judged = parcel.lane();
        let before = judged.map(|endpoint| (endpoint, self.standings[endpoint].clone()));
        if let Some(endpoint) = judged {
            let seen = recorded.and_then(|_| after.endpoints.get(endpoint));
            self.standings[endpoint].hears(&tried, failed, by, &policy, seen);
        }
        if let Some(endpoint) = parcel.endpoint.filter(|_| judged.is_none()) {
            self.standings[endpoint].is_muddled();
        }
        if let Some((endpoint, before)) = before.as_ref().filter(|_| recorded.is_some()) {
            let what = Happened::between(before, &self.standings[*endpoint], outcome);
            self.tellings.happens(what.map(|what| Happening { about: Some(*endpoint), by: delivery, what }));
        }
        let because = recorded.and_then(|seen| seen.because);
        if let Some(endpoint) = parcel.lane() {
            self.standings[endpoint].probing &= by != By::Probe;
            let holds =
                self.is_in_order(parcel) && policy.order_on_failure == hookbench_model::OrderOnFailure::Block;
            self.standings[endpoint].landed(delivery, because, holds);
        }
        if recorded.is_some() {
            // The plan's next attempt may go out in this same step.
            self.by_hand.remove(&delivery);
        }
        self.ended = Some(Ended { delivery, outcome, manual, allowed, before });
    }

    /// A delivery has failed for good, and nobody was watching.
    fn fails_for_good(&mut self, parcel: Parcel, manual: bool) {
        let is_told = !manual && !matches!(parcel.kind, Kind::Test | Kind::Alert);
        let happening = Happening { about: parcel.lane(), by: parcel.number, what: Happened::Exhausted };
        self.tellings.happens(is_told.then_some(happening));
    }

    /// How a delivery has come from where it stood to where it stands.
    fn moved(&mut self, parcel: Parcel, seen: &Seen, now: Timestamp) {
        let number = parcel.number;
        let before = self.last.deliveries.get(&number).cloned().unwrap_or_else(|| Seen::new(seen));
        if !seen.status.is_final()
            && seen.status != DeliveryStatus::InFlight
            && seen.expires.is_some_and(|at| at <= now)
            && !self.set_back.contains(&number)
            && !self.crashed
        {
            self.wrong.push(format!("delivery {number} waits beyond its time to live"));
        }
        if seen.status == DeliveryStatus::Paused && self.is_enabled(parcel) && !self.crashed {
            self.wrong.push(format!("delivery {number} is paused and its endpoint is enabled"));
        }
        let what = match seen.attempts - before.attempts {
            0 => self.was_moved(parcel, &before, seen),
            1 => self.was_tried(parcel, &before, seen, now),
            more => Some(format!("{more} attempts in one step")),
        };
        if let Some(what) = what {
            self.wrong.push(format!("delivery {number}: {what}; it was {before:?} and is {seen:?}"));
        }
    }

    fn is_enabled(&self, parcel: Parcel) -> bool {
        parcel.lane().is_none_or(|endpoint| self.standings[endpoint].enabled)
    }

    /// Whether its endpoint was enabled when this step began.
    fn was_enabled(&self, parcel: Parcel) -> bool {
        let endpoint = parcel.lane().and_then(|endpoint| self.last.endpoints.get(endpoint));
        endpoint.is_none_or(|endpoint| endpoint.enabled)
    }

    /// An attempt was recorded.
    fn was_tried(&mut self, parcel: Parcel, before: &Seen, seen: &Seen, now: Timestamp) -> Option<String> {
        let number = parcel.number;
        let ended = self.ended.as_ref().filter(|ended| ended.delivery == number);
        let manual = ended.map_or_else(|| self.by_hand.remove(&number), |ended| ended.manual);
        if seen.automatic != before.automatic + u32::from(!manual) {
            return Some("an attempt is counted wrong".to_owned());
        }
        let (outcome, allowed) = match ended {
            Some(Ended { outcome, allowed, .. }) => (*outcome, allowed.clone()),
            None if !self.began => return Some("an attempt that was never made is recorded".to_owned()),
            None => {
                let said = Said { status: None, word: false, after: None, broke: Some(Outcome::Interrupted) };
                let outcome = Outcome::Interrupted;
                let over = self.over.contains(&number);
                let tried = Tried { kind: parcel.kind, outcome, said, manual, over, begun: now, now };
                let allowed = fate::allowed(&tried, self.policy(parcel), Some(before));
                self.lands(parcel, seen.because);
                (Outcome::Interrupted, allowed)
            }
        };
        if seen.outcome != Some(outcome) {
            return Some(format!("{outcome:?} is recorded as {:?}", seen.outcome));
        }
        if seen.status == DeliveryStatus::Failed {
            self.fails_for_good(parcel, manual);
        }
        let enabled = self.is_enabled(parcel);
        if let (Some(window), DeliveryStatus::Paused) = (allowed.retry, seen.status) {
            self.paused.insert(number, window);
        }
        let stopped = self.deeds.iter().any(|deed| deed.ends(number));
        (!stopped && !self.lost_jump && !allowed.holds(seen, enabled))
            .then(|| format!("after {outcome:?} {allowed:?} is allowed"))
    }

    fn lands(&mut self, parcel: Parcel, because: Option<EndedBecause>) {
        let holds = self.is_in_order(parcel)
            && self.policy(parcel).order_on_failure == hookbench_model::OrderOnFailure::Block;
        if let Some(endpoint) = parcel.endpoint {
            self.standings[endpoint].landed(parcel.number, because, holds);
        }
    }

    /// No attempt was recorded: it stands where it stood, or there is a cause.
    fn was_moved(&mut self, parcel: Parcel, before: &Seen, seen: &Seen) -> Option<String> {
        use DeliveryStatus::{Cancelled, Failed, InFlight, Paused, Pending, Retrying};
        let number = parcel.number;
        let number_deed = self.deeds.iter().find(|deed| deed.is_about(number));
        let fine = match (number_deed, before.status, seen.status) {
            (Some(Deed::Retry(_)), _, status) => matches!(status, Pending | Retrying | InFlight),
            (Some(Deed::Cancel(_)), _, status) => {
                (status, seen.because) == (Cancelled, Some(EndedBecause::Cancelled))
            }
            (Some(Deed::Skip(_)), _, status) => {
                matches!(status, Cancelled | Failed) && seen.because == Some(EndedBecause::Skipped)
            }
            (Some(Deed::Accept(_)), ..) => true,
            (_, _, Failed) if before.status != Failed => {
                self.standings_let_go(parcel);
                self.fails_for_good(parcel, self.by_hand.contains(&number));
                !before.status.is_final()
                    && seen.because == Some(EndedBecause::Expired)
                    && before.expires.is_some()
            }
            // It may have been claimed before its endpoint was disabled.
            (_, Pending | Retrying, InFlight) => self.is_enabled(parcel) || self.was_enabled(parcel),
            (_, InFlight, Pending | Retrying) => self.is_enabled(parcel),
            (_, Pending | Retrying | InFlight, Paused) => !self.is_enabled(parcel),
            // What a crash has left of those that go on goes on with the next life.
            (_, Paused, Pending | Retrying | InFlight) => {
                let enables =
                    |deed: &Deed| matches!(deed, Deed::Enable(at, _) if Some(*at) == parcel.endpoint);
                self.deeds.iter().any(enables) || (self.began && self.was_enabled(parcel))
            }
            (_, one, other) => {
                let due = self.due.get(&number).map(|(at, _)| *at);
                one == other
                    && before.because == seen.because
                    && (due == seen.next || self.crashed || self.lost_jump)
            }
        };
        if seen.status == Paused && before.status != Paused {
            let at = before.next.or(seen.next).map(Window::at);
            at.map(|window| self.paused.insert(number, window));
        }
        (!fine).then(|| "it has moved without a cause".to_owned())
    }

    fn standings_let_go(&mut self, parcel: Parcel) {
        if let Some(endpoint) = parcel.endpoint {
            self.standings[endpoint].lets_go(parcel.number);
        }
    }

    /// Those that were paused and overdue go on one after the other, as far apart as was asked for.
    fn check_spread(&mut self, after: &Snapshot, now: Timestamp) {
        let enabled = self.deeds.iter().find_map(|deed| match deed {
            Deed::Enable(endpoint, over) => Some((*endpoint, *over)),
            _ => None,
        });
        let Some((endpoint, over)) = enabled.filter(|_| !self.crashed && !self.began) else { return };
        if self.policies[endpoint].ordered {
            // They wait for each other anyhow.
            return;
        }
        let mut times = Vec::new();
        for parcel in self.parcels.iter().filter(|parcel| parcel.endpoint == Some(endpoint)) {
            let (number, was) = (parcel.number, self.last.deliveries.get(&parcel.number));
            if was.is_none_or(|was| was.status != DeliveryStatus::Paused) {
                continue;
            }
            let Some(window) = self.paused.get(&number).copied() else { return };
            let next = after.deliveries.get(&number).and_then(|seen| seen.next);
            if window.first > now {
                if next.is_some_and(|at| !window.holds(at)) {
                    self.wrong.push(format!("delivery {number} was due {window:?} and goes on at {next:?}"));
                }
            } else if window.last <= now {
                times.push(next.unwrap_or(now));
            } else {
                return;
            }
        }
        times.sort_unstable();
        let gap = standing::gap_ms(over, times.len(), self.policies[endpoint].rate_limit);
        for (place, at) in times.iter().enumerate() {
            let wanted = gap * place as f64;
            if (at.ms_since(now) as f64 - wanted).abs() > 1.0 {
                self.wrong.push(format!("endpoint {endpoint} goes on at {times:?}, not every {gap} ms"));
                return;
            }
        }
    }

    /// At the end: what was recorded of a delivery, and how often it arrived.
    pub(crate) fn check_records(&mut self, number: usize, outcomes: &[Outcome], arrived: usize) {
        let made = outcomes.iter().filter(|outcome| **outcome != Outcome::Interrupted).count();
        if arrived > outcomes.len() || arrived < made {
            self.wrong.push(format!("delivery {number} arrived {arrived} times, recorded are {outcomes:?}"));
        }
        if outcomes.contains(&Outcome::Blocked) {
            self.wrong.push(format!("delivery {number} could not be built"));
        }
    }
}

impl Deed {
    fn is_about(&self, delivery: usize) -> bool {
        match self {
            Self::Accept(Parcel { number, .. })
            | Self::Retry(number)
            | Self::Cancel(number)
            | Self::Skip(number) => *number == delivery,
            Self::Disable(_) | Self::Enable(..) | Self::Jump(_) => false,
        }
    }

    fn ends(&self, delivery: usize) -> bool {
        matches!(self, Self::Cancel(number) | Self::Skip(number) if *number == delivery)
    }
}
