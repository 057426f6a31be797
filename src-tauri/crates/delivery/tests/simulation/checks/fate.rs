//! What may become of a delivery after an attempt, by the words of its policy.

use hookbench_delivery::Policy;
use hookbench_model::{DeliveryStatus, EndedBecause, Outcome, SuccessRule, Timestamp};

use super::Seen;
use crate::record::Said;
use crate::scenario::Kind;

/// From one time to another, both within.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
}

impl Window {
    pub(crate) fn at(at: Timestamp) -> Self {
        Self { first: at, last: at }
    }

    pub(crate) fn holds(self, at: Timestamp) -> bool {
        self.first <= at && at <= self.last
    }

    /// The same by a clock that was set back and shows `now`: only what is to come goes back with it.
    pub(crate) fn moved(self, by_ms: i64, now: Timestamp) -> Self {
        let moved = |at: Timestamp| if at > now { at.plus_ms(by_ms) } else { at };
        let (one, other) = (moved(self.first), moved(self.last));
        Self { first: one.min(other), last: one.max(other) }
    }
}

/// An attempt that is over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tried {
    pub(crate) kind: Kind,
    pub(crate) outcome: Outcome,
    pub(crate) said: Said,
    /// Whether a person asked for it.
    pub(crate) manual: bool,
    /// Whether the delivery had ended before that.
    pub(crate) over: bool,
    pub(crate) begun: Timestamp,
    pub(crate) now: Timestamp,
}

/// What may follow: where chance has a say, more than one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Allowed {
    pub(crate) retry: Option<Window>,
    pub(crate) ends: Vec<EndedBecause>,
    now: Timestamp,
}

impl Allowed {
    pub(crate) fn only_ends(&self) -> bool {
        self.retry.is_none() && !self.ends.contains(&EndedBecause::Delivered)
    }

    /// What one or the other allows.
    pub(crate) fn or(mut self, other: Self) -> Self {
        let either = |one: Window, other: Window| Window {
            first: one.first.min(other.first),
            last: one.last.max(other.last),
        };
        self.retry = match (self.retry, other.retry) {
            (Some(one), Some(other)) => Some(either(one, other)),
            (one, other) => one.or(other),
        };
        self.ends.extend(other.ends);
        self
    }

    /// Whether a delivery may stand like that.
    pub(crate) fn holds(&self, seen: &Seen, enabled: bool) -> bool {
        let retry = |fits: fn(Window, &Seen, Timestamp) -> bool| {
            self.retry.is_some_and(|window| fits(window, seen, self.now))
        };
        match seen.status {
            DeliveryStatus::Delivered | DeliveryStatus::Failed => {
                seen.because.is_some_and(|because| self.ends.contains(&because))
            }
            DeliveryStatus::Paused => !enabled && self.retry.is_some(),
            DeliveryStatus::Pending | DeliveryStatus::Retrying => {
                enabled && retry(|window, seen, _| seen.next.is_some_and(|at| window.holds(at)))
            }
            // It was due at once.
            DeliveryStatus::InFlight => enabled && retry(|window, _, now| window.first <= now),
            DeliveryStatus::Cancelled => false,
        }
    }
}

/// How an attempt is called.
pub(crate) fn outcome(said: Said, policy: &Policy) -> Outcome {
    let Some(status) = said.status else { return said.broke.unwrap_or(Outcome::ConnectionReset) };
    let usual = (200..300).contains(&status);
    let delivered = match &policy.success {
        SuccessRule::Any2xx => usual,
        SuccessRule::Statuses { statuses } => statuses.contains(&status),
        SuccessRule::BodyWord { statuses: None, .. } => usual && said.word,
        SuccessRule::BodyWord { statuses: Some(statuses), .. } => statuses.contains(&status) && said.word,
    };
    match status {
        _ if delivered => Outcome::Delivered,
        300..400 if status != 304 => Outcome::Redirect,
        _ => Outcome::HttpError,
    }
}

/// The waits of a plan, in milliseconds.
fn waits(policy: &Policy) -> Vec<f64> {
    match policy.retry.exponential {
        Some(growth) => {
            let wait = |n: u32| growth.first_ms as f64 * growth.factor.powi(i32::try_from(n).unwrap());
            (0..growth.max_attempts.saturating_sub(1)).map(|n| wait(n).min(growth.cap_ms as f64)).collect()
        }
        None => policy.retry.delays_ms.iter().map(|wait| *wait as f64).collect(),
    }
}

/// From the shortest to the longest that the next attempt is put off; `None` where none is planned.
fn wait(tried: &Tried, policy: &Policy, before: Option<&Seen>) -> Option<(f64, f64)> {
    let (attempts, automatic) = before.map_or((0, 0), |before| (before.attempts, before.automatic));
    let most = before.map_or(u32::MAX, |before| before.most);
    let (attempts, automatic) = (attempts + 1, automatic + u32::from(!tried.manual));
    if tried.kind == Kind::Test || tried.over {
        return None;
    }
    let answered = matches!(tried.outcome, Outcome::HttpError | Outcome::Redirect);
    if answered && tried.said.status.is_some_and(|status| !policy.retry.retries(status)) {
        return None;
    }
    if automatic >= most {
        // One that was cut short is made once more, for that was not the receiver's fault.
        let once_more = tried.outcome == Outcome::Interrupted && attempts <= most;
        return once_more.then_some((0.0, 0.0));
    }
    let waits = waits(policy);
    match waits.get(automatic.max(1) as usize - 1) {
        Some(wait) => Some((wait * (1.0 - policy.retry.jitter), wait * (1.0 + policy.retry.jitter))),
        None => (automatic == 0).then_some((0.0, 0.0)),
    }
}

pub(crate) fn allowed(tried: &Tried, policy: &Policy, before: Option<&Seen>) -> Allowed {
    let now = tried.now;
    let only = |because| Allowed { retry: None, ends: vec![because], now };
    if tried.outcome == Outcome::Delivered {
        return only(EndedBecause::Delivered);
    }
    let Some((shortest, longest)) = wait(tried, policy, before) else { return only(EndedBecause::Exhausted) };
    #[expect(clippy::cast_possible_truncation, reason = "waits of a few minutes")]
    let at = |wait: f64, spare: i64| now.plus_ms(wait.round() as i64 + spare);
    // A wait is a fraction of a millisecond off.
    let slack = i64::from(longest > shortest);
    let (mut first, mut last) = (at(shortest, -slack).max(now), at(longest, slack));
    let mut ends = Vec::new();
    let begun = before.and_then(|before| before.first).unwrap_or(tried.begun);
    let deadline = policy.retry.max_total_ms.map(|total| begun.plus_ms(i64::try_from(total).unwrap()));
    if let Some(deadline) = deadline {
        if last > deadline {
            ends.push(EndedBecause::Exhausted);
        }
        if first > deadline {
            return Allowed { retry: None, ends, now };
        }
        last = last.min(deadline);
    }
    if let Some(asked) = asked(tried, policy) {
        let asked = deadline.map_or(asked, |deadline| asked.min(deadline));
        (first, last) = (first.max(asked), last.max(asked));
    }
    by_expiry(Allowed { retry: Some(Window { first, last }), ends, now }, before)
}

/// When the receiver wants to be asked again, as far as that is followed.
fn asked(tried: &Tried, policy: &Policy) -> Option<Timestamp> {
    let (status, seconds) = tried.said.status.zip(tried.said.after)?;
    let rule = policy.retry.retry_after.clone().unwrap_or_default();
    let most = i64::try_from(rule.max_ms).unwrap();
    rule.statuses.contains(&status).then(|| tried.now.plus_ms((seconds * 1000).min(most)))
}

fn by_expiry(mut allowed: Allowed, before: Option<&Seen>) -> Allowed {
    let expires = before.and_then(|before| before.expires);
    if let (Some(expires), Some(window)) = (expires, allowed.retry)
        && window.last >= expires
    {
        allowed.ends.push(EndedBecause::Expired);
        allowed.retry = (window.first < expires).then(|| Window { last: expires.plus_ms(-1), ..window });
    }
    allowed
}
