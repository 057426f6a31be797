use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use hookbench_model::{Endpoint, EndpointId, EndpointStatus, Timestamp};
use hookbench_providers::{Library, Profile, Throttle};
use hookbench_store::EndpointEffect;

use super::bucket::TokenBucket;
use crate::plan::EndpointHealth;
use crate::{Policy, policy_of};

/// An endpoint as it is configured, with the profile and the policy that follow from it.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) endpoint: Endpoint,
    pub(super) profile: Arc<Profile>,
    pub(super) policy: Policy,
}

/// Every endpoint that is known: how it is configured, how it does, and what it has room for.
#[derive(Debug)]
pub(super) struct Lanes {
    library: Library,
    by_id: HashMap<EndpointId, Lane>,
}

/// What an attempt meets at its endpoint's door.
#[derive(Debug)]
pub(super) enum Entry {
    /// It goes out, by this configuration; `None` where the endpoint is not there any more.
    Open(Option<Arc<Known>>),
    /// The endpoint's own limits leave no room now.
    Full,
    /// The endpoint has been disabled since it was claimed.
    Disabled,
}

#[derive(Debug)]
struct Lane {
    known: Arc<Known>,
    health: EndpointHealth,
    in_flight: usize,
    bucket: Option<TokenBucket>,
    /// When the newest attempt went out; `None` where none has since Hookbench began.
    sent_at: Option<Timestamp>,
}

impl Lanes {
    pub(super) fn new(library: Library) -> Self {
        Self { library, by_id: HashMap::new() }
    }

    /// Takes over how an endpoint is configured now.
    ///
    /// Its health is kept: this is the place where it changes first, and the store follows. Only an endpoint
    /// that somebody enabled starts afresh.
    pub(super) fn learn(&mut self, endpoint: Endpoint, now: Timestamp) {
        let profile = self.library.profile_or_generic(&endpoint.provider);
        let policy = policy_of(Some(&endpoint), &profile);
        let enabled = endpoint.status == EndpointStatus::Enabled;
        let stored = EndpointHealth {
            enabled,
            consecutive_failures: endpoint.consecutive_failures,
            failing_since: endpoint.failing_since,
        };
        let before = self.by_id.remove(&endpoint.id);
        let health = match &before {
            Some(lane) if lane.health.enabled || !enabled => EndpointHealth { enabled, ..lane.health },
            _ => stored,
        };
        let bucket = endpoint.rate_limit.map(|rate| {
            TokenBucket::new(rate, now).or_less_than(before.as_ref().and_then(|lane| lane.bucket.as_ref()))
        });
        let id = endpoint.id;
        let known = Arc::new(Known { endpoint, profile, policy });
        let (in_flight, sent_at) = before.map_or((0, None), |lane| (lane.in_flight, lane.sent_at));
        self.by_id.insert(id, Lane { known, health, in_flight, bucket, sent_at });
    }

    /// Forgets an endpoint that is gone.
    pub(super) fn forget(&mut self, id: EndpointId) {
        self.by_id.remove(&id);
    }

    pub(super) fn knows(&self, id: EndpointId) -> bool {
        self.by_id.contains_key(&id)
    }

    pub(super) fn get(&self, id: EndpointId) -> Option<Arc<Known>> {
        self.by_id.get(&id).map(|lane| Arc::clone(&lane.known))
    }

    /// The endpoints that have limits of their own, or are slowed down, with their room.
    pub(super) fn limited(&mut self, now: Timestamp) -> Vec<(EndpointId, usize)> {
        self.by_id
            .iter_mut()
            .filter(|(_, lane)| lane.is_limited())
            .map(|(id, lane)| (*id, lane.room(now)))
            .collect()
    }

    /// When the first of these endpoints has a turn by its rate, or by how it is slowed down.
    pub(super) fn next_turn<'a>(
        &mut self,
        ids: impl Iterator<Item = &'a EndpointId>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        ids.filter_map(|id| self.by_id.get_mut(id)?.next_turn(now)).min()
    }

    /// Forgets every other endpoint.
    pub(super) fn keep_only(&mut self, ids: &HashSet<EndpointId>) {
        self.by_id.retain(|id, _| ids.contains(id));
    }

    /// An attempt wants to go out; where it may, it counts as under way from here.
    pub(super) fn enter(&mut self, id: EndpointId, is_test: bool, now: Timestamp) -> Entry {
        let Some(lane) = self.by_id.get_mut(&id) else { return Entry::Open(None) };
        // A draft is sent its tests, and nothing else.
        let open = lane.health.enabled || (is_test && lane.known.endpoint.draft);
        if !open {
            return Entry::Disabled;
        }
        if lane.room(now) == 0 {
            return Entry::Full;
        }
        lane.in_flight += 1;
        lane.sent_at = Some(now);
        if let Some(bucket) = &mut lane.bucket {
            bucket.take(now);
        }
        Entry::Open(Some(Arc::clone(&lane.known)))
    }

    /// An attempt is over; true where the endpoint had no room for another until now.
    pub(super) fn leave(&mut self, id: EndpointId) -> bool {
        let Some(lane) = self.by_id.get_mut(&id) else { return false };
        let most = lane.known.endpoint.max_in_flight;
        let was_full = most.is_some_and(|most| lane.in_flight >= most as usize);
        lane.in_flight = lane.in_flight.saturating_sub(1);
        // One that is slowed down has room again by the clock, or at once where this attempt was a success.
        was_full || lane.known.profile.throttle().is_some()
    }

    pub(super) fn health(&self, id: EndpointId) -> Option<EndpointHealth> {
        self.by_id.get(&id).map(|lane| lane.health)
    }

    /// Takes into account what an attempt means for its endpoint.
    pub(super) fn feel(&mut self, id: EndpointId, effect: &EndpointEffect) {
        if let Some(lane) = self.by_id.get_mut(&id) {
            lane.health = lane.health.after(effect);
        }
    }
}

impl Lane {
    fn is_limited(&self) -> bool {
        self.bucket.is_some() || self.known.endpoint.max_in_flight.is_some() || self.slowed().is_some()
    }

    /// The profile's way to slow down, while the endpoint has failed so often in a row.
    fn slowed(&self) -> Option<Throttle> {
        self.known.profile.throttle().filter(|throttle| self.health.consecutive_failures >= throttle.after)
    }

    /// When the next attempt may go out to an endpoint that is slowed down.
    fn slow_turn(&self) -> Option<Timestamp> {
        let (throttle, sent_at) = self.slowed().zip(self.sent_at)?;
        Some(sent_at.plus(Duration::from_millis(throttle.delay_ms)))
    }

    /// When there is a turn; `None` where that does not hang on the clock.
    fn next_turn(&mut self, now: Timestamp) -> Option<Timestamp> {
        if self.slowed().is_some() && self.in_flight > 0 {
            return None;
        }
        let by_rate = self.bucket.as_mut().map(|bucket| bucket.next_at(now));
        by_rate.max(self.slow_turn())
    }

    fn room(&mut self, now: Timestamp) -> usize {
        if self.slowed().is_some() {
            let early = self.in_flight > 0 || self.slow_turn().is_some_and(|turn| turn > now);
            return usize::from(!early && self.turns(now) > 0);
        }
        let most = self.known.endpoint.max_in_flight.map_or(usize::MAX, |most| most.max(1) as usize);
        most.saturating_sub(self.in_flight).min(self.turns(now))
    }

    /// How many turns the rate gives now.
    fn turns(&mut self, now: Timestamp) -> usize {
        self.bucket.as_mut().map_or(usize::MAX, |bucket| bucket.available(now))
    }
}
