//! Which deliveries may be claimed as they are accepted: those that would go out at once, if they were looked for now.

use std::sync::Arc;

use hookbench_model::{BreakerPhase, EndpointId, Timestamp};
use hookbench_store::Full;

use super::super::lane::Known;
use super::super::slots::Slots;
use super::Lanes;

/// What is kept for deliveries that are being written, and what keeps others from being claimed so.
#[derive(Debug, Default)]
pub(super) struct Births {
    /// Whether there are to be any.
    open: bool,
    /// How many places are kept.
    kept: usize,
    /// How many that were claimed before might go out, if there were a place.
    launchable: usize,
    /// Endpoints of which something that was claimed before waits for their own limits.
    blocked: Vec<EndpointId>,
    /// How many attempts and records have ended.
    ended: u64,
    /// Whether the newest look that has ended, or the one that is under way, found an endpoint whose deliveries had no
    /// place.
    starved: bool,
    pub(super) starving: bool,
}

impl Lanes {
    /// From here on deliveries may be claimed as they are accepted.
    pub(in super::super) fn open_births(&mut self) {
        self.births.open = true;
    }

    /// No place is kept any more.
    pub(in super::super) fn close_births(&mut self) {
        self.births.open = false;
    }

    pub(in super::super) fn births_open(&self) -> bool {
        self.births.open
    }

    /// How many places are kept for deliveries that are being written, or were and have not been taken over.
    pub(in super::super) fn kept(&self) -> usize {
        self.births.kept
    }

    /// A look is over.
    pub(in super::super) fn end_look(&mut self) {
        self.births.starved = self.births.starving;
    }

    /// So many that are claimed could go out if there were places for them, and these endpoints have no turn for what is
    /// claimed of theirs; true where anything does, and more attempts have ended than `ended`.
    pub(in super::super) fn left_waiting(&mut self, launchable: usize, blocked: &[Full], ended: u64) -> bool {
        self.births.launchable = launchable;
        self.births.blocked.clear();
        self.births.blocked.extend(blocked.iter().map(|blocked| blocked.endpoint));
        self.waits() && self.births.ended != ended
    }

    /// Whether anything that is claimed waits to go out.
    fn waits(&self) -> bool {
        self.births.launchable > 0 || !self.births.blocked.is_empty()
    }

    /// An attempt is over, or its record is; true where something that is claimed waits for such an end.
    pub(in super::super) fn ends(&mut self) -> bool {
        self.births.ended += 1;
        self.waits()
    }

    /// How many attempts and records have ended.
    pub(in super::super) fn ended(&self) -> u64 {
        self.births.ended
    }

    /// Keeps a place for a delivery that is being written, where it could go out at once, and nobody else waits for the
    /// place. One whose endpoint is in any kind of trouble goes the long way.
    pub(in super::super) fn keep_place(
        &mut self,
        id: EndpointId,
        most: usize,
        now: Timestamp,
    ) -> Option<Arc<Known>> {
        let births = &self.births;
        let others_wait = births.launchable > 0 || births.starved || births.starving;
        if !births.open || others_wait || births.blocked.contains(&id) {
            return None;
        }
        let slots = Slots { taken: self.in_flight + births.kept, ..self.slots(most) };
        if self.by_id.get(&id).is_none_or(|lane| self.is_outdated(lane)) {
            return None;
        }
        let lane = self.by_id.get_mut(&id)?;
        let is_well = lane.health.enabled && !lane.struggling && lane.catch_up.is_none();
        let by_plan = lane.breaker_phase(now) == BreakerPhase::Closed && !lane.known.endpoint.ordered;
        if !is_well || !by_plan || lane.turns_left(now) <= lane.kept {
            return None;
        }
        if slots.room(lane.in_flight + lane.kept, false) == 0 {
            return None;
        }
        lane.kept += 1;
        self.births.kept += 1;
        Some(Arc::clone(&lane.known))
    }

    /// A place that was kept is needed no more: it was not written after all, or has been taken over.
    pub(in super::super) fn give_back(&mut self, id: EndpointId) {
        self.births.kept = self.births.kept.saturating_sub(1);
        if let Some(lane) = self.by_id.get_mut(&id) {
            lane.kept = lane.kept.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use hookbench_model::{Breaker, BreakerState, Endpoint, Outcome, ProviderId, RateLimit, RetryPolicy};
    use hookbench_providers::Library;
    use hookbench_store::EndpointEdits;

    use super::super::Entry;
    use super::*;
    use crate::breaker::{By, heard};

    const NOW: Timestamp = Timestamp::from_unix_ms(1_763_699_700_000);

    fn lanes(edit: impl FnOnce(&mut Endpoint)) -> (Lanes, EndpointId) {
        let mut lanes = Lanes::new(Library::builtin(), EndpointEdits::default());
        let id = learn(&mut lanes, edit);
        lanes.open_births();
        (lanes, id)
    }

    fn learn(lanes: &mut Lanes, edit: impl FnOnce(&mut Endpoint)) -> EndpointId {
        let url = "http://localhost:9/".parse().unwrap();
        let mut endpoint = Endpoint::new(EndpointId::new(NOW), "one", url, ProviderId::generic());
        endpoint.retry = Some(RetryPolicy::of([1_000]));
        edit(&mut endpoint);
        let (id, as_of) = (endpoint.id, lanes.as_of());
        lanes.learn(endpoint, BreakerState::default(), as_of, NOW);
        id
    }

    fn keeps(lanes: &mut Lanes, id: EndpointId, most: usize) -> bool {
        lanes.keep_place(id, most, NOW).is_some()
    }

    fn enters(lanes: &mut Lanes, id: EndpointId, most: usize) -> bool {
        matches!(lanes.enter(id, false, false, most, NOW), Entry::Open(..))
    }

    #[test]
    fn of_two_that_want_the_last_place_one_has_it_until_it_is_given_back() {
        let (mut lanes, id) = lanes(|_| ());
        assert!(keeps(&mut lanes, id, 1));
        assert!(!keeps(&mut lanes, id, 1));
        assert_eq!(lanes.kept(), 1);
        lanes.give_back(id);
        assert!(enters(&mut lanes, id, 1));
        assert!(!keeps(&mut lanes, id, 1), "it is under way");
        lanes.leave(Some(id), By::Plan);
        assert!(keeps(&mut lanes, id, 1));
    }

    #[test]
    fn some_places_are_left_to_endpoints_that_have_none() {
        let (mut lanes, id) = lanes(|_| ());
        let kept = (0..64).filter(|_| keeps(&mut lanes, id, 64)).count();
        assert_eq!(kept, 60);
        let other = learn(&mut lanes, |_| ());
        assert!(keeps(&mut lanes, other, 64));
        assert!(!keeps(&mut lanes, other, 64));
    }

    #[test]
    fn an_endpoints_own_places_and_turns_hold_for_those_too() {
        let (mut lanes, narrow) = lanes(|endpoint| endpoint.max_in_flight = Some(2));
        assert_eq!((0..5).filter(|_| keeps(&mut lanes, narrow, 64)).count(), 2);
        let slow = learn(&mut lanes, |endpoint| {
            endpoint.rate_limit = Some(RateLimit { per_second: 1.0, burst: Some(3) });
        });
        assert!(enters(&mut lanes, slow, 64));
        assert_eq!((0..5).filter(|_| keeps(&mut lanes, slow, 64)).count(), 2);
        lanes.give_back(slow);
        assert!(enters(&mut lanes, slow, 64));
        assert!(!keeps(&mut lanes, slow, 64), "a turn that was looked at was not taken twice");
        let ordered = learn(&mut lanes, |endpoint| endpoint.ordered = true);
        assert!(!keeps(&mut lanes, ordered, 64));
    }

    #[test]
    fn an_endpoint_in_trouble_or_unknown_or_disabled_has_none() {
        let breaker = Breaker { failures: 1, open_ms: 1_000, max_open_ms: 1_000 };
        let (mut lanes, id) = lanes(|endpoint| endpoint.breaker = Some(breaker));
        assert!(!keeps(&mut lanes, EndpointId::new(NOW), 64));
        assert!(keeps(&mut lanes, id, 64));
        lanes.hear(id, heard(Outcome::Timeout, None), By::Plan, NOW);
        assert!(!keeps(&mut lanes, id, 64), "its breaker is open");
        let failing = learn(&mut lanes, |_| ());
        lanes.hear(failing, heard(Outcome::Timeout, None), By::Plan, NOW);
        assert!(!keeps(&mut lanes, failing, 64), "its newest attempt failed");
        lanes.hear(failing, heard(Outcome::Delivered, Some(200)), By::Plan, NOW);
        assert!(keeps(&mut lanes, failing, 64));
        let overdue = learn(&mut lanes, |_| ());
        lanes.catch_up(overdue, NOW, 100, NOW);
        assert!(!keeps(&mut lanes, overdue, 64), "what was slept through is made up for");
        lanes.take_library();
        assert!(!keeps(&mut lanes, failing, 64), "it is to be read again");
    }

    #[test]
    fn whoever_waits_for_a_place_has_it_first() {
        let (mut lanes, id) = lanes(|_| ());
        let full = learn(&mut lanes, |_| ());
        lanes.left_waiting(1, &[], 0);
        assert!(!keeps(&mut lanes, id, 64), "something is claimed that could go out");
        lanes.left_waiting(0, &[Full { endpoint: full, by_hand: false }], 0);
        assert!(keeps(&mut lanes, id, 64) && !keeps(&mut lanes, full, 64));
        lanes.left_waiting(0, &[], 0);
        while enters(&mut lanes, full, 8) {}
        lanes.begin_look();
        lanes.room(full, 0, 0, 8, NOW);
        assert!(!keeps(&mut lanes, id, 64), "a look finds no place for what is due");
        lanes.end_look();
        lanes.begin_look();
        assert!(!keeps(&mut lanes, id, 64), "the next look has not ended");
        lanes.end_look();
        assert!(keeps(&mut lanes, id, 64));
        lanes.close_births();
        assert!(!keeps(&mut lanes, id, 64));
    }
}
