//! What follows an attempt: nothing, another one, giving up, or disabling the endpoint.
//!
//! Pure: no I/O, no clock and no chance of its own; all three come in as arguments.

mod disable;
mod retry;
mod retry_after;
mod schedule;
mod window;
mod words;

use std::time::Duration;

use hookbench_model::{DisableRule, Outcome, SuccessRule, Timestamp, Trigger};
use hookbench_store::{EndpointEffect, Next, TestResult};

pub use retry::Course;
pub use retry_after::retry_after;
pub use schedule::{Schedule, ScheduledAttempt, draw};
pub use window::{FailureWindow, Recent};
pub(crate) use words::{in_words, spoken};

use crate::Policy;

/// An attempt that has ended, and the delivery it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How it ended.
    pub outcome: Outcome,
    /// The status of the answer, where one came.
    pub status: Option<u16>,
    /// How long the receiver asks to be left alone, where it does: [`retry_after`].
    pub retry_after: Option<Duration>,
    /// What made it happen.
    pub trigger: Trigger,
    /// When it ended: waits count from here.
    pub at: Timestamp,
    /// When the delivery's first attempt began: the plan's total counts from here.
    pub first_at: Timestamp,
    /// When the delivery's time to live is over.
    pub expires_at: Option<Timestamp>,
    /// How many attempts the plan has made, this one included where the plan made it.
    pub automatic_attempts: u32,
    /// How many attempts were made in all, this one included.
    pub attempts: u32,
    /// How many attempts the plan has.
    pub max_attempts: u32,
    /// Whether the plan had come to its end (delivered, given up, expired, cancelled, skipped) before a person asked
    /// for this attempt: then no automatic one follows it.
    pub plan_over: bool,
    /// Whether it was a test of the endpoint: one try, by which nothing is held against it.
    pub is_test: bool,
}

/// How an endpoint has been doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EndpointHealth {
    /// Whether it is sent to.
    pub enabled: bool,
    /// Failures since the last success, counted as its disable rule says.
    pub consecutive_failures: u32,
    /// When the first of them was.
    pub failing_since: Option<Timestamp>,
    /// The attempts of the window that its disable rule looks at, if it looks at one; without the attempt that
    /// is judged.
    pub recent: Recent,
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

/// How an answer is called. `body` is what is kept of it, `whole` whether that is all of it.
pub fn judge(status: u16, body: &[u8], whole: bool, success: &SuccessRule) -> Outcome {
    if success.accepts_answer(status, body, whole) {
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
    let next = if ended.outcome == Outcome::Delivered {
        Next::Delivered { at: ended.at }
    } else {
        match retry::retry_at(ended, policy, chance) {
            Ok(at) => Next::Retry { at },
            Err(because) => Next::Failed { at: ended.at, because },
        }
    };
    let effect = health.map_or(EndpointEffect::None, |health| disable::effect(ended, &next, policy, health));
    let stopped =
        matches!(effect, EndpointEffect::Disable { .. }) || health.is_some_and(|health| !health.enabled);
    match next {
        Next::Retry { at } if stopped => Plan { next: Next::Paused { resume_at: at }, effect },
        next => Plan { next, effect },
    }
}

/// Counts an attempt in the window of its endpoint, where its disable rule looks at one and the attempt says
/// something of the receiver.
pub fn count(window: &mut FailureWindow, ended: &Ended, rule: &DisableRule) {
    if let (Some(failed), &DisableRule::FailureShare { window_ms, .. }) = (disable::counts(ended), rule) {
        window.add(ended.at, Recent::one(failed), window_ms);
    }
}

/// What an endpoint's disable rule has to know of its window at `at`: nothing, unless it looks at one.
pub fn recent(window: &mut FailureWindow, at: Timestamp, rule: &DisableRule) -> Recent {
    match rule {
        DisableRule::FailureShare { window_ms, .. } => window.counted(at, *window_ms),
        DisableRule::Never | DisableRule::ConsecutiveFailures { .. } | DisableRule::FailingFor { .. } => {
            Recent::default()
        }
    }
}

#[cfg(test)]
mod tests;
