mod births;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hookbench_model::{
    BreakerPhase, BreakerState, DisableRule, Endpoint, EndpointId, EndpointStatus, Timestamp,
};
use hookbench_providers::Library;
use hookbench_store::{BreakerChange, EndpointEdits, EndpointEffect, Full, Room};

use super::bucket::TokenBucket;
use super::catch_up::CatchUp;
use super::lane::{AsOf, Known, Lane, Shut};
use super::slots::Slots;
use crate::breaker::{self, By, Heard};
use crate::plan::{Ended, EndpointHealth, FailureWindow, Recent, count, recent};
use crate::policy_of;
use births::Births;

/// Numbers the changes of breakers, in the order in which they happened.
static BREAKER_CHANGES: AtomicU64 = AtomicU64::new(1);

/// Every endpoint that is known: how it is configured, how it does, and what it has room for.
#[derive(Debug)]
pub(super) struct Lanes {
    library: Library,
    /// How often the library has become another one.
    edition: u64,
    edits: EndpointEdits,
    by_id: HashMap<EndpointId, Lane>,
    /// How many attempts are under way to endpoints and to plain URLs.
    in_flight: usize,
    /// How many of those to endpoints whose newest attempt failed.
    struggling: usize,
    /// The number of the newest look at what is due.
    look: u64,
    /// Whether that look found something due for which there was no place.
    places_wanted: bool,
    /// What is claimed as it is accepted.
    births: Births,
    /// Endpoints whose windows of attempts want to be filled from the store, with the windows' lengths.
    unrecalled: Vec<(EndpointId, u64)>,
    /// Endpoints with a rate that have become known, with how many milliseconds it takes to fill their buckets.
    unmeasured: Vec<(EndpointId, f64)>,
}

/// What an attempt meets at its endpoint's door.
#[derive(Debug)]
pub(super) enum Entry {
    /// It goes out, by this configuration; `None` where the endpoint is not there any more.
    Open(Option<Arc<Known>>, By),
    /// Not now.
    Shut(Shut),
    /// Not before the endpoint is read again: it has been edited since.
    Outdated,
}

/// What the engine knows of an endpoint and the store does not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EndpointStanding {
    /// Attempts under way.
    pub in_flight: usize,
    /// Where its breaker stands; `None` where it has none.
    pub breaker: Option<BreakerState>,
    /// How many attempts its rate allows now; `None` where it has no limit.
    pub rate_available: Option<usize>,
    /// How it has been doing.
    pub health: EndpointHealth,
}

/// How fast overdue deliveries are made up for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// How many are left.
    pub left: u64,
    /// How many go out in a second.
    pub per_second: f64,
}

impl Lanes {
    pub(super) fn new(library: Library, edits: EndpointEdits) -> Self {
        Self {
            library,
            edition: 0,
            edits,
            by_id: HashMap::new(),
            in_flight: 0,
            struggling: 0,
            look: 0,
            places_wanted: false,
            births: Births::default(),
            unrecalled: Vec::new(),
            unmeasured: Vec::new(),
        }
    }

    /// The library is another one: what is known of every endpoint is outdated.
    pub(super) fn take_library(&mut self) {
        self.edition += 1;
    }

    /// What an endpoint that is read after this is up to date with.
    pub(super) fn as_of(&self) -> AsOf {
        AsOf { edit: self.edits.newest(), edition: self.edition }
    }

    /// Takes over how an endpoint is configured now.
    ///
    /// Its health and its breaker are kept: this is the place where they change first, and the store follows. Only
    /// an endpoint that somebody enabled starts afresh, be it that nobody saw here that it was disabled.
    pub(super) fn learn(&mut self, endpoint: Endpoint, breaker: BreakerState, as_of: AsOf, now: Timestamp) {
        let profile = self.library.profile_or_generic(&endpoint.provider);
        let policy = policy_of(Some(&endpoint), &profile);
        let enabled = endpoint.status == EndpointStatus::Enabled;
        let stored = EndpointHealth {
            enabled,
            consecutive_failures: endpoint.consecutive_failures,
            failing_since: endpoint.failing_since,
            recent: Recent::default(),
        };
        let id = endpoint.id;
        let window = |rule: &DisableRule| match rule {
            DisableRule::FailureShare { window_ms, .. } => Some(*window_ms),
            _ => None,
        };
        let known_window = self.by_id.get(&id).and_then(|lane| window(&lane.known.policy.disable));
        let wanted_window = window(&policy.disable).filter(|ms| known_window < Some(*ms));
        self.unrecalled.extend(wanted_window.map(|ms| (id, ms)));
        let rate = policy.rate_limit;
        let known = Arc::new(Known { endpoint, profile, policy });
        let Some(lane) = self.by_id.get_mut(&id) else {
            let struggling = stored.consecutive_failures > 0;
            let bucket = rate.map(|rate| TokenBucket::new(rate, now));
            self.unmeasured.extend(bucket.map(|bucket| (id, bucket.fills_for_ms())));
            let lane = Lane {
                known,
                as_of,
                health: stored,
                window: FailureWindow::default(),
                in_flight: 0,
                kept: 0,
                bucket,
                sent_at: None,
                breaker,
                probing: false,
                struggling,
                catch_up: None,
                wanted: 0,
            };
            self.by_id.insert(id, lane);
            return;
        };
        if enabled && (!lane.health.enabled || self.edits.is_enabled_anew(id, lane.as_of.edit)) {
            (lane.health, lane.breaker) = (stored, breaker);
            lane.window = FailureWindow::default();
        }
        lane.health.enabled = enabled;
        if !enabled {
            // What is paused goes on as whoever enables it again wants.
            lane.catch_up = None;
        }
        if wanted_window.is_some() {
            // What is counted from here on is laid over what the store has counted until now.
            lane.window = FailureWindow::default();
        }
        if known.policy.breaker.is_none() {
            lane.breaker = BreakerState::default();
        }
        lane.bucket = rate.map(|rate| TokenBucket::new(rate, now).or_less_than(lane.bucket.as_ref()));
        (lane.known, lane.as_of) = (known, as_of);
    }

    /// Forgets an endpoint that is gone.
    pub(super) fn forget(&mut self, id: EndpointId) {
        self.keep(|known| known != id);
    }

    /// Forgets every other endpoint.
    pub(super) fn keep_only(&mut self, ids: &HashSet<EndpointId>) {
        self.keep(|id| ids.contains(&id));
    }

    fn keep(&mut self, keeps: impl Fn(EndpointId) -> bool) {
        let struggling = &mut self.struggling;
        self.by_id.retain(|id, lane| {
            let kept = keeps(*id);
            if !kept && lane.struggling {
                *struggling = struggling.saturating_sub(lane.in_flight);
            }
            kept
        });
    }

    pub(super) fn knows(&self, id: EndpointId) -> bool {
        self.by_id.contains_key(&id)
    }

    pub(super) fn get(&self, id: EndpointId) -> Option<Arc<Known>> {
        self.by_id.get(&id).map(|lane| Arc::clone(&lane.known))
    }

    /// The places for attempts, where there are `most`, and who has them.
    fn slots(&self, most: usize) -> Slots {
        Slots { most, taken: self.in_flight, struggling: self.struggling }
    }

    /// A look at what is due begins.
    pub(super) fn begin_look(&mut self) {
        self.look += 1;
        self.places_wanted = false;
        self.births.starving = false;
    }

    /// How many deliveries may be claimed of an endpoint, where `ready` are claimed and not sent yet.
    pub(super) fn room(
        &mut self,
        id: EndpointId,
        ready: usize,
        ahead: usize,
        most: usize,
        now: Timestamp,
    ) -> Room {
        let slots = self.slots(most);
        // One that is not known yet is read once something of it is claimed.
        let Some(lane) = self.by_id.get_mut(&id) else { return Room::ALL };
        let room = lane.room(ready + lane.kept, ahead, slots, now);
        if room.plan == 0 {
            lane.wanted = self.look;
            self.places_wanted |= room.by_hand > 0;
            self.births.starving |= room.by_hand > 0 && lane.breaker_phase(now) == BreakerPhase::Closed;
        }
        room
    }

    /// When the first of these endpoints has a turn by its rate, its breaker, or how it is slowed down.
    pub(super) fn next_turn<'a>(
        &mut self,
        full: impl Iterator<Item = &'a Full>,
        most: usize,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let slots = self.slots(most);
        full.filter_map(|full| self.by_id.get_mut(&full.endpoint)?.next_turn(full.by_hand, slots, now)).min()
    }

    /// An attempt wants to go out to a URL of its own, by an endpoint's configuration or by none; it counts as under
    /// way from here. Nothing of the endpoint keeps it back.
    pub(super) fn enter_elsewhere(&mut self, id: Option<EndpointId>) -> Entry {
        let lane = id.and_then(|id| self.by_id.get(&id));
        if lane.is_some_and(|lane| self.is_outdated(lane)) {
            return Entry::Outdated;
        }
        let known = lane.map(|lane| Arc::clone(&lane.known));
        self.in_flight += 1;
        Entry::Open(known, By::Plan)
    }

    /// Whether an endpoint has been edited, or its profile changed, since it was read: what a person has corrected is
    /// never sent as it was before.
    fn is_outdated(&self, lane: &Lane) -> bool {
        lane.as_of.edition < self.edition || self.edits.is_newer(lane.known.endpoint.id, lane.as_of.edit)
    }

    /// An attempt wants to go out; where it may, it counts as under way from here.
    pub(super) fn enter(
        &mut self,
        id: EndpointId,
        by_hand: bool,
        is_test: bool,
        most: usize,
        now: Timestamp,
    ) -> Entry {
        let slots = self.slots(most);
        if self.by_id.get(&id).is_some_and(|lane| self.is_outdated(lane)) {
            return Entry::Outdated;
        }
        let Some(lane) = self.by_id.get_mut(&id) else {
            self.in_flight += 1;
            return Entry::Open(None, By::Plan);
        };
        // A draft is sent its tests, and nothing else.
        let open = lane.health.enabled || (is_test && lane.known.endpoint.draft);
        if !open {
            return Entry::Shut(Shut::Later);
        }
        let by = match lane.door(by_hand, slots, now) {
            Ok(by) => by,
            Err(shut) => return Entry::Shut(shut),
        };
        lane.in_flight += 1;
        lane.sent_at = Some(now);
        lane.probing |= by == By::Probe;
        if let Some(bucket) = &mut lane.bucket {
            bucket.take(now);
        }
        self.in_flight += 1;
        self.struggling += usize::from(lane.struggling);
        Entry::Open(Some(Arc::clone(&lane.known)), by)
    }

    /// An attempt is over; true where that makes room for something that the newest look had to leave.
    pub(super) fn leave(&mut self, id: Option<EndpointId>, by: By) -> bool {
        self.in_flight = self.in_flight.saturating_sub(1);
        let Some(lane) = id.and_then(|id| self.by_id.get_mut(&id)) else { return self.places_wanted };
        lane.in_flight = lane.in_flight.saturating_sub(1);
        lane.probing &= by != By::Probe;
        if lane.struggling {
            self.struggling = self.struggling.saturating_sub(1);
        }
        self.places_wanted || lane.wanted == self.look
    }

    pub(super) fn health(&mut self, id: EndpointId, now: Timestamp) -> Option<EndpointHealth> {
        let lane = self.by_id.get_mut(&id)?;
        let recent = recent(&mut lane.window, now, &lane.known.policy.disable);
        Some(EndpointHealth { recent, ..lane.health })
    }

    /// The endpoints whose windows want to be filled, once each.
    pub(super) fn take_unrecalled(&mut self) -> Vec<(EndpointId, u64)> {
        std::mem::take(&mut self.unrecalled)
    }

    /// Takes over what was attempted before the endpoint was learned, for a rule that looks at a window; what was
    /// counted since is laid over it.
    pub(super) fn recall(&mut self, id: EndpointId, before: FailureWindow) {
        if let Some(lane) = self.by_id.get_mut(&id) {
            let since = std::mem::replace(&mut lane.window, before);
            lane.window.append(&since);
        }
    }

    /// The endpoints with a rate that have become known, once each.
    pub(super) fn take_unmeasured(&mut self) -> Vec<(EndpointId, f64)> {
        std::mem::take(&mut self.unmeasured)
    }

    /// Nothing was sent to an endpoint after `at`; what was sent before counts for its rate.
    pub(super) fn measure(&mut self, id: EndpointId, at: Timestamp, now: Timestamp) {
        if let Some(lane) = self.by_id.get_mut(&id) {
            lane.bucket = lane.bucket.map(|bucket| bucket.filled_since(at, now));
        }
    }

    /// Takes into account what an attempt means for its endpoint.
    pub(super) fn feel(&mut self, id: EndpointId, ended: &Ended, effect: &EndpointEffect) {
        if let Some(lane) = self.by_id.get_mut(&id) {
            count(&mut lane.window, ended, &lane.known.policy.disable);
            lane.health = lane.health.after(effect);
        }
    }

    /// Takes into account what an attempt says to its endpoint's breaker; gives what is to be kept of that.
    pub(super) fn hear(
        &mut self,
        id: EndpointId,
        heard: Heard,
        by: By,
        at: Timestamp,
    ) -> Option<BreakerChange> {
        let lane = self.by_id.get_mut(&id)?;
        if heard != Heard::Nothing {
            let struggles = heard == Heard::Trouble;
            match (lane.struggling, struggles) {
                (false, true) => self.struggling += lane.in_flight,
                (true, false) => self.struggling = self.struggling.saturating_sub(lane.in_flight),
                _ => {}
            }
            lane.struggling = struggles;
        }
        let rule = lane.known.policy.breaker.as_ref()?;
        let state = breaker::after(lane.breaker, rule, heard, by, at);
        if state == lane.breaker {
            return None;
        }
        lane.breaker = state;
        Some(BreakerChange { number: BREAKER_CHANGES.fetch_add(1, Ordering::Relaxed), state })
    }

    /// So many deliveries of an endpoint have been due since before `until`: they go out bit by bit.
    pub(super) fn catch_up(&mut self, id: EndpointId, until: Timestamp, count: u64, now: Timestamp) {
        if let Some(lane) = self.by_id.get_mut(&id) {
            lane.catch_up = CatchUp::new(lane.catch_up, until, count, now);
        }
    }

    /// So many overdue deliveries of an endpoint were claimed; with `all`, no more are there.
    pub(super) fn took_overdue(&mut self, id: EndpointId, count: usize, all: bool, now: Timestamp) {
        if let Some(lane) = self.by_id.get_mut(&id)
            && lane.catch_up.as_mut().is_some_and(|catch_up| catch_up.took(count, all, now))
        {
            lane.catch_up = None;
        }
    }

    /// How fast overdue deliveries are made up for, for each endpoint that has some.
    pub(super) fn paces(&self) -> Vec<Pace> {
        let paces = self.by_id.values().filter_map(|lane| lane.catch_up.as_ref().map(CatchUp::pace));
        paces.map(|(left, per_second)| Pace { left, per_second }).collect()
    }

    /// The endpoints whose breaker is not closed.
    pub(super) fn open_breakers(&self, now: Timestamp) -> Vec<EndpointId> {
        let open = |lane: &Lane| lane.breaker_phase(now) != BreakerPhase::Closed;
        self.by_id.iter().filter(|(_, lane)| open(lane)).map(|(id, _)| *id).collect()
    }

    /// Before when nothing goes to an endpoint, or nothing that a person asked for either; `None` where that does not
    /// hang on the clock.
    pub(super) fn shut_until(&self, id: EndpointId, by_hand: bool, now: Timestamp) -> Option<Timestamp> {
        self.by_id.get(&id)?.shut_until(by_hand, now)
    }

    /// The endpoints whose breaker is open, and when it lets a probe out.
    pub(super) fn probes(&self, now: Timestamp) -> HashMap<EndpointId, Timestamp> {
        self.by_id.iter().filter_map(|(id, lane)| Some((*id, lane.probe_at(now)?))).collect()
    }

    /// The clock was set back and shows `now`: what is to be when goes back with it.
    pub(super) fn set_back(&mut self, by_ms: i64, now: Timestamp) {
        for lane in self.by_id.values_mut() {
            lane.set_back(by_ms, now);
        }
    }

    pub(super) fn standing(&mut self, id: EndpointId, now: Timestamp) -> Option<EndpointStanding> {
        let health = self.health(id, now)?;
        let lane = self.by_id.get_mut(&id)?;
        Some(EndpointStanding {
            in_flight: lane.in_flight,
            breaker: lane.known.policy.breaker.map(|_| lane.breaker),
            rate_available: lane.bucket.as_mut().map(|bucket| bucket.available(now)),
            health,
        })
    }
}
