use std::sync::Arc;
use std::time::Duration;

use hookbench_model::{BreakerPhase, BreakerState, Endpoint, Timestamp};
use hookbench_providers::{Profile, Throttle};
use hookbench_store::Room;

use super::bucket::TokenBucket;
use super::catch_up::CatchUp;
use super::slots::Slots;
use crate::Policy;
use crate::breaker::By;
use crate::plan::{EndpointHealth, FailureWindow};

/// An endpoint as it is configured, with the profile and the policy that follow from it.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) endpoint: Endpoint,
    pub(super) profile: Arc<Profile>,
    pub(super) policy: Policy,
}

/// What a reading of an endpoint knows of: the edits up to that number, and the library of that edition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AsOf {
    pub(super) edit: u64,
    pub(super) edition: u64,
}

/// An endpoint: how it is configured, how it does, and what is under way to it.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) known: Arc<Known>,
    /// What that is up to date with.
    pub(super) as_of: AsOf,
    pub(super) health: EndpointHealth,
    /// The attempts of the window that its disable rule looks at.
    pub(super) window: FailureWindow,
    pub(super) in_flight: usize,
    /// How many places are kept for what is claimed as it is written.
    pub(super) kept: usize,
    pub(super) bucket: Option<TokenBucket>,
    /// When the newest attempt went out; `None` where none has since Hookbench began.
    pub(super) sent_at: Option<Timestamp>,
    pub(super) breaker: BreakerState,
    /// Whether the breaker's probe is under way.
    pub(super) probing: bool,
    /// Whether its newest attempt failed.
    pub(super) struggling: bool,
    pub(super) catch_up: Option<CatchUp>,
    /// The number of the newest look that left something of it for want of room.
    pub(super) wanted: u64,
}

/// Why an attempt does not go out now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shut {
    /// It is to wait where it is: the endpoint's limits soon leave room for it.
    Soon,
    /// It is to be given back: nobody knows when there will be room.
    Later,
}

impl Lane {
    /// Where its breaker stands; closed where it has none.
    pub(super) fn breaker_phase(&self, now: Timestamp) -> BreakerPhase {
        match self.known.policy.breaker {
            Some(_) => self.breaker.phase(now),
            None => BreakerPhase::Closed,
        }
    }

    /// When its breaker lets a probe out; `None` where it is not open.
    pub(super) fn probe_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.breaker.probe_at.filter(|_| self.breaker_phase(now) == BreakerPhase::Open)
    }

    /// By whom an attempt goes out now, or why it does not.
    pub(super) fn door(&mut self, by_hand: bool, slots: Slots, now: Timestamp) -> Result<By, Shut> {
        if self.limit(now) == 0 {
            return Err(Shut::Soon);
        }
        if by_hand {
            return Ok(By::Hand);
        }
        let by = match self.breaker_phase(now) {
            BreakerPhase::Closed => By::Plan,
            BreakerPhase::HalfOpen if !self.probing => By::Probe,
            BreakerPhase::HalfOpen | BreakerPhase::Open => return Err(Shut::Later),
        };
        match slots.room(self.in_flight, self.struggling) {
            0 if self.struggling => Err(Shut::Later),
            0 => Err(Shut::Soon),
            _ => Ok(by),
        }
    }

    /// How many deliveries may be claimed of it, where `ready` are claimed and not sent yet. Beyond what has a
    /// place now, `ahead` more may be, so that a place that comes free need not wait for the disk.
    pub(super) fn room(&mut self, ready: usize, ahead: usize, slots: Slots, now: Timestamp) -> Room {
        let limit = self.limit(now).saturating_sub(ready);
        let place = slots.room(self.in_flight, self.struggling);
        let plan = match self.breaker_phase(now) {
            BreakerPhase::Open => 0,
            BreakerPhase::HalfOpen => usize::from(!self.probing && ready == 0 && place > 0),
            BreakerPhase::Closed if self.struggling => place.saturating_sub(ready),
            BreakerPhase::Closed => place.saturating_add(ahead).saturating_sub(ready),
        };
        let overdue = self.catch_up.as_mut().map(|catch_up| catch_up.room(now));
        Room { plan: plan.min(limit), by_hand: limit, overdue }
    }

    /// When there is a turn, be it for what a person asked for; `None` where that does not hang on the clock, but on
    /// the end of what is under way.
    pub(super) fn next_turn(&mut self, by_hand: bool, slots: Slots, now: Timestamp) -> Option<Timestamp> {
        if by_hand && self.places() > 0 {
            return self.shut_until(true, now);
        }
        let phase = self.breaker_phase(now);
        if phase == BreakerPhase::Open {
            // The probe is bound by the rate too.
            return self.shut_until(false, now);
        }
        if (phase == BreakerPhase::HalfOpen && self.probing) || self.places() == 0 {
            return None;
        }
        let by_rate = self.bucket.as_mut().map(|bucket| bucket.next_at(now));
        let made_up = self.catch_up.as_mut().map(|catch_up| catch_up.next_at(now));
        let turn = by_rate.max(self.slow_turn(now)).max(made_up)?;
        // A turn that is there already does not help where there is no place for it.
        let place = slots.room(self.in_flight, self.struggling);
        (turn > now || place > 0).then_some(turn)
    }

    /// Before when nothing goes to it: its rate, the way it is slowed down, and for what the plan makes its breaker.
    pub(super) fn shut_until(&self, by_hand: bool, now: Timestamp) -> Option<Timestamp> {
        let probe = self.probe_at(now).filter(|_| !by_hand);
        let by_rate = self.bucket.map(|mut bucket| bucket.next_at(now));
        probe.max(by_rate).max(self.slow_turn(now))
    }

    /// The same lane by a clock that was set back and shows `now`.
    pub(super) fn set_back(&mut self, by_ms: i64, now: Timestamp) {
        self.breaker = crate::breaker::set_back(self.breaker, by_ms, now);
        self.sent_at = None;
        let since = self.health.failing_since;
        // As in the store.
        self.health.failing_since =
            since.map(|since| if since > now { since.plus_ms(-by_ms) } else { since });
        self.catch_up = None;
    }

    /// What its own limits leave, wherever its breaker stands.
    fn limit(&mut self, now: Timestamp) -> usize {
        let early = self.slow_turn(now).is_some_and(|turn| turn > now);
        if early { 0 } else { self.places().min(self.turns(now)) }
    }

    /// The same, only looked at: the clock of whoever looks may be behind that of whoever sends, and the rate's turns
    /// must not come twice.
    pub(super) fn turns_left(&self, now: Timestamp) -> usize {
        let early = self.slow_turn(now).is_some_and(|turn| turn > now);
        let turns = self.bucket.map_or(usize::MAX, |mut bucket| bucket.available(now));
        if early { 0 } else { self.places().min(turns) }
    }

    /// How many more may be under way at once, by its own limit.
    fn places(&self) -> usize {
        let most = match self.slowed() {
            Some(_) => 1,
            None => self.known.policy.max_in_flight.map_or(usize::MAX, |most| most.max(1) as usize),
        };
        most.saturating_sub(self.in_flight)
    }

    /// How many turns the rate gives now.
    fn turns(&mut self, now: Timestamp) -> usize {
        self.bucket.as_mut().map_or(usize::MAX, |bucket| bucket.available(now))
    }

    /// The profile's way to slow down, while the endpoint has failed so often in a row.
    fn slowed(&self) -> Option<Throttle> {
        self.known.profile.throttle().filter(|throttle| self.health.consecutive_failures >= throttle.after)
    }

    /// When the next attempt may go out to an endpoint that is slowed down.
    fn slow_turn(&self, now: Timestamp) -> Option<Timestamp> {
        let (throttle, sent_at) = self.slowed().zip(self.sent_at)?;
        let delay = Duration::from_millis(throttle.delay_ms);
        // Never further off than the delay, wherever the clock has gone since.
        Some(sent_at.plus(delay).min(now.plus(delay)))
    }
}
