//! When a failed attempt is tried again.

use std::time::Duration;

use hookbench_model::{Delivery, EndedBecause, Outcome, Timestamp};

use super::Ended;
use crate::Policy;

/// When it is tried again, or why not.
pub(super) fn retry_at(ended: &Ended, policy: &Policy, chance: f64) -> Result<Timestamp, EndedBecause> {
    let planned = planned_at(ended, policy, chance).ok_or(EndedBecause::Exhausted)?;
    let deadline = deadline(policy, ended.first_at);
    if planned > deadline {
        return Err(EndedBecause::Exhausted);
    }
    let at = asked_at(ended, policy).map_or(planned, |asked| asked.min(deadline).max(planned));
    match ended.expires_at {
        Some(expires_at) if at >= expires_at => Err(EndedBecause::Expired),
        _ => Ok(at),
    }
}

/// Until when an attempt may be planned.
pub(super) fn deadline(policy: &Policy, first_at: Timestamp) -> Timestamp {
    let total = policy.retry.max_total_ms.map(Duration::from_millis);
    total.map_or(Timestamp::from_unix_ms(i64::MAX), |total| first_at.plus(total))
}

/// By the plan alone.
fn planned_at(ended: &Ended, policy: &Policy, chance: f64) -> Option<Timestamp> {
    if ended.plan_over || ended.is_test {
        return None;
    }
    let answered = matches!(ended.outcome, Outcome::HttpError | Outcome::Redirect);
    if answered && ended.status.is_some_and(|status| !policy.retry.retries(status)) {
        return None;
    }
    if ended.automatic_attempts >= ended.max_attempts {
        // That we stopped is no verdict on the receiver: an interrupted last attempt is made once more. Only
        // once, or a delivery that brings Hookbench down would do so at every start.
        let once_more = ended.outcome == Outcome::Interrupted && ended.attempts <= ended.max_attempts;
        return once_more.then_some(ended.at);
    }
    // A person may have tried it before the plan did; the first wait then holds all the same.
    match policy.retry.delay_after(ended.automatic_attempts.max(1), chance) {
        Some(wait) => Some(ended.at.plus(wait)),
        None => (ended.automatic_attempts == 0).then_some(ended.at),
    }
}

/// When the receiver wants to be asked again, within the policy's bound.
fn asked_at(ended: &Ended, policy: &Policy) -> Option<Timestamp> {
    let (status, asked) = ended.status.zip(ended.retry_after)?;
    let rule = policy.retry.retry_after();
    rule.holds_on(status).then(|| ended.at.plus(asked.min(Duration::from_millis(rule.max_ms))))
}

/// Where a delivery stands in its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course {
    /// When the next attempt is due.
    pub next: Timestamp,
    /// How many attempts the plan has made.
    pub automatic_attempts: u32,
    /// How many it has.
    pub max_attempts: u32,
    /// When the first attempt began; `None` where there was none.
    pub first_at: Option<Timestamp>,
    /// When the time to live is over.
    pub expires_at: Option<Timestamp>,
}

impl Course {
    /// Where a delivery stands whose next attempt is due then. Where its plan was over already that attempt is the last.
    pub const fn of(delivery: &Delivery, next: Timestamp) -> Self {
        Self {
            next,
            automatic_attempts: delivery.automatic_attempts,
            max_attempts: if delivery.plan_over { 0 } else { delivery.max_attempts },
            first_at: delivery.first_attempt_at,
            expires_at: delivery.expires_at,
        }
    }

    /// When the attempts that are still planned will be made, if each fails at once: the next one, then each by
    /// its wait as planned, without jitter.
    pub fn upcoming(&self, policy: &Policy) -> Vec<Timestamp> {
        let deadline = deadline(policy, self.first_at.unwrap_or(self.next));
        let waits = (self.automatic_attempts.saturating_add(1)..self.max_attempts)
            .map_while(|made| policy.retry.delay_after(made, 0.5));
        let later = waits.scan(self.next, |at, wait| {
            *at = at.plus(wait);
            Some(*at)
        });
        let within = |at: &Timestamp| *at <= deadline && self.expires_at.is_none_or(|expires| *at < expires);
        std::iter::once(self.next).chain(later.take_while(within)).collect()
    }
}
