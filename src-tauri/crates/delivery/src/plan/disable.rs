//! What an attempt means for its endpoint, up to disabling it.

use std::time::Duration;

use hookbench_model::{DisableRule, FailureCount, Outcome, Timestamp, Trigger};
use hookbench_store::{EndpointEffect, Next};

use super::words::in_words;
use super::{Ended, EndpointHealth, Recent};
use crate::Policy;

/// The status by which a receiver says that it is gone and wants no more.
const GONE: u16 = 410;
/// Why an endpoint is disabled whose receiver answered so.
const GONE_REASON: &str = "The receiver answered 410 Gone: it says that it wants nothing any more.";

/// Whether an attempt counts for or against its endpoint; `None` where it says nothing of the receiver.
pub(super) fn counts(ended: &Ended) -> Option<bool> {
    match ended.outcome {
        // Neither says anything about the receiver: we stopped, or we could not even ask.
        Outcome::Interrupted | Outcome::Blocked => None,
        // A person who tries by hand, or tests, is watching; that must not disable anything.
        _ if ended.trigger == Trigger::Manual || ended.is_test => None,
        outcome => Some(outcome != Outcome::Delivered),
    }
}

pub(super) fn effect(ended: &Ended, next: &Next, policy: &Policy, health: &EndpointHealth) -> EndpointEffect {
    if ended.outcome == Outcome::Delivered {
        let well = health.consecutive_failures == 0 && health.failing_since.is_none();
        return if well { EndpointEffect::None } else { EndpointEffect::Success };
    }
    if counts(ended).is_none() {
        return EndpointEffect::None;
    }
    let at = ended.at;
    if policy.gone_disables && ended.status == Some(GONE) && health.enabled {
        return EndpointEffect::Disable { at, reason: GONE_REASON.to_owned() };
    }
    failure(at, matches!(next, Next::Failed { .. }), &policy.disable, health)
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
    match *rule {
        DisableRule::Never => None,
        DisableRule::ConsecutiveFailures { count, counting } => {
            let what = match counting {
                FailureCount::Attempts => "attempts",
                FailureCount::Deliveries => "deliveries",
            };
            (after.consecutive_failures >= count).then(|| {
                format!("{} {what} failed in a row, with no success between.", after.consecutive_failures)
            })
        }
        DisableRule::FailingFor { duration_ms } => {
            let since = after.failing_since?;
            let failing = u64::try_from(at.ms_since(since)).unwrap_or(0);
            (failing >= duration_ms).then(|| {
                format!("Nothing but failures for {}.", in_words(Duration::from_millis(duration_ms)))
            })
        }
        DisableRule::FailureShare { share, window_ms, min_attempts } => {
            let recent = after.recent.and(Recent::one(true));
            (recent.attempts >= min_attempts && recent.share() >= share).then(|| {
                format!(
                    "{} of the {} attempts of the last {} failed, {:.0} % of them.",
                    recent.failures,
                    recent.attempts,
                    in_words(Duration::from_millis(window_ms)),
                    recent.share() * 100.0
                )
            })
        }
    }
}
