//! What follows an attempt: nothing, another one, giving up, or disabling the endpoint.
//!
//! Pure: no I/O, no clock and no chance of its own; all three come in as arguments.

use std::time::Duration;

use hookbench_model::{DisableRule, EndedBecause, FailureCount, Outcome, SuccessRule, Timestamp, Trigger};
use hookbench_store::{EndpointEffect, Next, TestResult};

use crate::Policy;

/// An attempt that has ended, and the delivery it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How it ended.
    pub outcome: Outcome,
    /// What made it happen.
    pub trigger: Trigger,
    /// When it ended: waits count from here.
    pub at: Timestamp,
    /// How many attempts the plan has made, this one included where the plan made it.
    pub automatic_attempts: u32,
    /// How many attempts were made in all, this one included.
    pub attempts: u32,
    /// How many attempts the plan has.
    pub max_attempts: u32,
    /// Whether the plan had come to its end (delivered, given up, cancelled) before a person asked for this
    /// attempt: then no automatic one follows it.
    pub plan_over: bool,
    /// Whether it was a test of the endpoint: one try, by which nothing is held against it.
    pub is_test: bool,
}

/// How an endpoint has been doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointHealth {
    /// Whether it is sent to.
    pub enabled: bool,
    /// Failures since the last success, counted as its disable rule says.
    pub consecutive_failures: u32,
    /// When the first of them was.
    pub failing_since: Option<Timestamp>,
}

impl EndpointHealth {
    /// How it does once `effect` has been taken into account.
    #[must_use]
    pub fn after(self, effect: &EndpointEffect) -> Self {
        match effect {
            EndpointEffect::None | EndpointEffect::Tested(TestResult { failure: Some(_), .. }) => self,
            EndpointEffect::Success | EndpointEffect::Tested(TestResult { failure: None, .. }) => {
                Self { consecutive_failures: 0, failing_since: None, ..self }
            }
            EndpointEffect::Failure { at } => self.failed(*at),
            EndpointEffect::Disable { at, .. } => Self { enabled: false, ..self.failed(*at) },
        }
    }

    fn failed(self, at: Timestamp) -> Self {
        Self {
            consecutive_failures: self.consecutive_failures.saturating_add(1),
            failing_since: self.failing_since.or(Some(at)),
            ..self
        }
    }
}

/// What follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What becomes of the delivery.
    pub next: Next,
    /// What becomes of the endpoint's health.
    pub effect: EndpointEffect,
}

/// How an answer with this status is called.
pub fn judge(status: u16, success: &SuccessRule) -> Outcome {
    if success.accepts(status) {
        Outcome::Delivered
    } else if (300..400).contains(&status) && status != 304 {
        Outcome::Redirect
    } else {
        Outcome::HttpError
    }
}

/// What follows an attempt.
///
/// `health` is that of the endpoint the attempt went to; `None` where it went elsewhere, so that no
/// endpoint is to be judged by it. `chance` lies in 0..1 and spreads the wait by the policy's jitter.
pub fn follow(ended: &Ended, policy: &Policy, health: Option<&EndpointHealth>, chance: f64) -> Plan {
    let retry = if ended.outcome == Outcome::Delivered { None } else { retry_at(ended, policy, chance) };
    let next = match retry {
        _ if ended.outcome == Outcome::Delivered => Next::Delivered { at: ended.at },
        Some(at) => Next::Retry { at },
        None => Next::Failed { at: ended.at, because: EndedBecause::Exhausted },
    };
    let effect = health.map_or(EndpointEffect::None, |health| effect(ended, &next, &policy.disable, health));
    let stopped =
        matches!(effect, EndpointEffect::Disable { .. }) || health.is_some_and(|health| !health.enabled);
    match next {
        Next::Retry { at } if stopped => Plan { next: Next::Paused { resume_at: at }, effect },
        next => Plan { next, effect },
    }
}

/// When the attempts that are still planned will be made, if each fails at once: the next one, then each by
/// its wait as planned, without jitter.
pub fn upcoming(
    next: Timestamp,
    automatic_attempts: u32,
    max_attempts: u32,
    policy: &Policy,
) -> Vec<Timestamp> {
    let waits =
        (automatic_attempts.saturating_add(1)..max_attempts).map_while(|made| wait(policy, made, 0.5));
    let later = waits.scan(next, |at, wait| {
        *at = at.plus(wait);
        Some(*at)
    });
    std::iter::once(next).chain(later).collect()
}

fn wait(policy: &Policy, made: u32, chance: f64) -> Option<Duration> {
    policy.retry.delay_after(made, chance)
}

fn retry_at(ended: &Ended, policy: &Policy, chance: f64) -> Option<Timestamp> {
    if ended.plan_over || ended.is_test {
        return None;
    }
    if ended.automatic_attempts >= ended.max_attempts {
        // That we stopped is no verdict on the receiver: an interrupted last attempt is made once more. Only
        // once, or a delivery that brings Hookbench down would do so at every start.
        let once_more = ended.outcome == Outcome::Interrupted && ended.attempts <= ended.max_attempts;
        return once_more.then_some(ended.at);
    }
    // A person may have tried it before the plan did; the first wait then holds all the same.
    match wait(policy, ended.automatic_attempts.max(1), chance) {
        Some(wait) => Some(ended.at.plus(wait)),
        None => (ended.automatic_attempts == 0).then_some(ended.at),
    }
}

fn effect(ended: &Ended, next: &Next, rule: &DisableRule, health: &EndpointHealth) -> EndpointEffect {
    match ended.outcome {
        Outcome::Delivered if health.consecutive_failures == 0 && health.failing_since.is_none() => {
            EndpointEffect::None
        }
        Outcome::Delivered => EndpointEffect::Success,
        // Neither says anything about the receiver: we stopped, or we could not even ask.
        Outcome::Interrupted | Outcome::Blocked => EndpointEffect::None,
        // A person who tries by hand, or tests, is watching; that must not disable anything.
        _ if ended.trigger == Trigger::Manual || ended.is_test => EndpointEffect::None,
        _ => failure(ended.at, matches!(next, Next::Failed { .. }), rule, health),
    }
}

fn failure(at: Timestamp, for_good: bool, rule: &DisableRule, health: &EndpointHealth) -> EndpointEffect {
    if rule.counting() == FailureCount::Deliveries && !for_good {
        return EndpointEffect::None;
    }
    let after = health.after(&EndpointEffect::Failure { at });
    match reason_to_disable(at, rule, &after) {
        Some(reason) if health.enabled => EndpointEffect::Disable { at, reason },
        _ => EndpointEffect::Failure { at },
    }
}

fn reason_to_disable(at: Timestamp, rule: &DisableRule, after: &EndpointHealth) -> Option<String> {
    match rule {
        DisableRule::Never | DisableRule::FailureShare { .. } => None,
        DisableRule::ConsecutiveFailures { count, counting } => {
            let what = match counting {
                FailureCount::Attempts => "attempts",
                FailureCount::Deliveries => "deliveries",
            };
            (after.consecutive_failures >= *count).then(|| {
                format!("{} {what} failed in a row, with no success between", after.consecutive_failures)
            })
        }
        DisableRule::FailingFor { duration_ms } => {
            let since = after.failing_since?;
            let failing = u64::try_from(at.ms_since(since)).unwrap_or(0);
            (failing >= *duration_ms).then(|| {
                format!(
                    "Nothing but failures for {} (since {since})",
                    in_words(Duration::from_millis(*duration_ms))
                )
            })
        }
    }
}

/// A span in the largest unit that fits it whole: `24 hours`, `90 minutes`, `10 seconds`, `1500 ms`.
pub(crate) fn in_words(span: Duration) -> String {
    let ms = span.as_millis();
    let (count, unit) = match ms {
        ms if ms > 0 && ms % 3_600_000 == 0 => (ms / 3_600_000, "hour"),
        ms if ms > 0 && ms % 60_000 == 0 => (ms / 60_000, "minute"),
        ms if ms > 0 && ms % 1000 == 0 => (ms / 1000, "second"),
        ms => return format!("{ms} ms"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

#[cfg(test)]
mod tests;
