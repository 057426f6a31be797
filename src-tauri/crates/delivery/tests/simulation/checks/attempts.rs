//! What has to hold of attempts that have ended, and of what was recorded of them.

use hookbench_model::{DeliveryStatus, EndedBecause, OrderOnFailure, Outcome, Timestamp};

use super::alerts::{Happened, Happening};
use super::fate::{self, Tried};
use super::{By, Checker, Ended, Seen, Snapshot};
use crate::record::Said;
use crate::scenario::{Kind, Parcel};

impl Checker {
    /// An exchange is over.
    pub(super) fn ends(&mut self, delivery: usize, said: Said, now: Timestamp, after: &Snapshot) {
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
            let holds = self.is_in_order(parcel) && policy.order_on_failure == OrderOnFailure::Block;
            self.standings[endpoint].landed(delivery, because, holds);
        }
        // The plan's next attempt may go out in this same step.
        if recorded.is_some_and(|seen| !self.goes_on_beside(parcel, seen)) {
            self.by_hand.remove(&delivery);
        }
        self.ended = Some(Ended { delivery, outcome, manual, allowed, before });
    }

    /// A delivery has failed for good, and nobody was watching.
    pub(super) fn fails_for_good(&mut self, parcel: Parcel, manual: bool) {
        let is_told = !manual && !matches!(parcel.kind, Kind::Test | Kind::Alert);
        let happening = Happening { about: parcel.lane(), by: parcel.number, what: Happened::Exhausted };
        self.tellings.happens(is_told.then_some(happening));
    }

    /// An attempt was recorded.
    pub(super) fn was_tried(
        &mut self,
        parcel: Parcel,
        before: &Seen,
        seen: &Seen,
        now: Timestamp,
    ) -> Option<String> {
        let number = parcel.number;
        let ended = self.ended.as_ref().filter(|ended| ended.delivery == number);
        let manual = ended.map_or_else(|| self.by_hand.contains(&number), |ended| ended.manual);
        if ended.is_none() && !self.goes_on_beside(parcel, seen) {
            self.by_hand.remove(&number);
        }
        let ended = self.ended.as_ref().filter(|ended| ended.delivery == number);
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
        // What waits for an endpoint that has just been disabled is paused in steps, and a crash may come between them.
        let fits = allowed.holds(seen, enabled) || (self.crashed && allowed.holds(seen, true));
        (!stopped && !self.lost_jump && !fits).then(|| format!("after {outcome:?} {allowed:?} is allowed"))
    }

    fn lands(&mut self, parcel: Parcel, because: Option<EndedBecause>) {
        let holds = self.is_in_order(parcel) && self.policy(parcel).order_on_failure == OrderOnFailure::Block;
        if let Some(endpoint) = parcel.endpoint {
            self.standings[endpoint].landed(parcel.number, because, holds);
        }
    }
}
