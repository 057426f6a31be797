//! What has to hold. Raised what happened and what the store shows after each step, it works out by itself what the
//! rules allow, and says what is otherwise.

mod alerts;
mod attempts;
mod fate;
mod moves;
mod people;
mod seen;
mod sleep;
mod standing;
mod starts;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use hookbench_delivery::{Policy, policy_of, relayed};
use hookbench_model::{DeliveryStatus, Endpoint, Outcome, Timestamp};
use hookbench_providers::Library;

use crate::record::{Line, What};
use crate::scenario::{Deed, Kind, Parcel};
use alerts::Tellings;
use fate::Allowed;
pub(crate) use fate::Window;
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
    /// Those of them that held no queue then: they go beside it.
    beside: BTreeSet<usize>,
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
            let profile = library.profile(provider).unwrap();
            // To a plain URL only what a relay passes on is tried more than once.
            endpoint.map_or_else(|| relayed(&profile), |_| policy_of(endpoint, &profile))
        });
        Self {
            policies: policies.collect(),
            parcels: Vec::new(),
            last: Snapshot::default(),
            due: BTreeMap::new(),
            paused: BTreeMap::new(),
            by_hand: BTreeSet::new(),
            over: BTreeSet::new(),
            beside: BTreeSet::new(),
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
        let is_apart =
            matches!(parcel.kind, Kind::Test | Kind::Elsewhere) || self.beside.contains(&parcel.number);
        !is_apart && self.policy(parcel).ordered
    }

    /// Whether what a person asked for, and came to nothing, is tried again as such: the plan goes by the queue.
    fn goes_on_beside(&self, parcel: Parcel, seen: &Seen) -> bool {
        let is_beside = self.policy(parcel).ordered && self.beside.contains(&parcel.number);
        is_beside && parcel.kind != Kind::Test && !seen.status.is_final()
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
