//! A plan drawn before there is anything to deliver: when each attempt would be made.

use std::time::Duration;

use hookbench_model::{RetryPolicy, StatusRange, Timestamp};

use super::retry::deadline;
use super::words::{listed, spoken};
use crate::Policy;

/// The most waits that a sentence names one by one.
const MOST_NAMED: usize = 8;

/// When a delivery would be attempted, if every attempt failed at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The attempts, the first included.
    pub attempts: Vec<ScheduledAttempt>,
    /// When the last of them is.
    pub ends_at: Timestamp,
    /// From the first to the last.
    pub total: Duration,
    /// The whole of it in plain words.
    pub sentence: String,
}

/// One attempt of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScheduledAttempt {
    /// From 1.
    pub number: u32,
    /// When it is planned.
    pub at: Timestamp,
    /// How long after the one before it.
    pub after: Duration,
    /// The earliest that it may be, where jitter shortens every wait.
    pub earliest: Timestamp,
    /// The latest, where jitter lengthens every wait.
    pub latest: Timestamp,
}

/// Draws the schedule of a delivery whose first attempt is made at `from`.
pub fn draw(policy: &Policy, from: Timestamp) -> Schedule {
    let deadline = deadline(policy, from);
    let expires = policy.ttl.map(|ttl| from.plus(ttl));
    // None is made once the event has expired.
    let last = expires.map_or(deadline, |expires| deadline.min(expires.plus_ms(-1)));
    let first = ScheduledAttempt { number: 1, at: from, after: Duration::ZERO, earliest: from, latest: from };
    let mut attempts = vec![first];
    let mut before = first;
    for made in 1..policy.retry.max_attempts() {
        let wait = |chance| policy.retry.delay_after(made, chance).unwrap_or_default();
        let (at, earliest) = (before.at.plus(wait(0.5)), before.earliest.plus(wait(0.0)));
        // Where jitter may bring it before the event expires it may be made.
        if at > deadline || earliest > last {
            break;
        }
        before = ScheduledAttempt {
            number: made + 1,
            at,
            after: wait(0.5),
            earliest,
            latest: before.latest.plus(wait(1.0)),
        };
        attempts.push(ScheduledAttempt {
            at: before.at.min(last),
            latest: before.latest.min(last),
            ..before
        });
    }
    let ends_at = before.at.min(last.max(from));
    let total = ends_at.duration_from(from);
    // What is planned for later than that is there only because jitter may bring it forward.
    let span = match policy.ttl {
        Some(ttl) if before.at > last => format!("within {}", spoken(ttl)),
        _ => format!("over {}", spoken(total)),
    };
    let sentence = sentence(policy, &attempts, &span);
    Schedule { attempts, ends_at, total, sentence }
}

fn sentence(policy: &Policy, attempts: &[ScheduledAttempt], span: &str) -> String {
    let mut sentences = vec![tries(policy, attempts, span)];
    let retry = &policy.retry;
    if retry.jitter > 0.0 && attempts.len() > 1 {
        sentences.push(format!("Each wait may be up to {:.0} % longer or shorter.", retry.jitter * 100.0));
    }
    sentences.push(format!("An attempt may take {}.", spoken(policy.timeout)));
    if attempts.len() > 1 {
        sentences.extend(statuses(retry));
        sentences.extend(asked(retry));
        if let Some(total) = retry.max_total_ms {
            let total = spoken(Duration::from_millis(total));
            sentences.push(format!("None is made later than {total} after the first."));
        }
    }
    if let Some(ttl) = policy.ttl {
        sentences.push(format!("After {} an event is not worth delivering any more.", spoken(ttl)));
    }
    sentences.join(" ")
}

fn tries(policy: &Policy, attempts: &[ScheduledAttempt], span: &str) -> String {
    let waits: Vec<String> = attempts.iter().skip(1).map(|attempt| spoken(attempt.after)).collect();
    let when = match (&waits[..], policy.retry.exponential) {
        ([], _) => return "One attempt, which is not made again.".to_owned(),
        ([_, _, ..], Some(growth)) if growth.factor > 1.0 => format!(
            "after {}, then each time {} as long as before, up to {}",
            waits[0],
            times(growth.factor),
            spoken(Duration::from_millis(growth.cap_ms))
        ),
        (waits, _) if waits.len() > MOST_NAMED => {
            let named = &waits[..MOST_NAMED - 1];
            format!("after {}, … and {}", named.join(", "), waits[waits.len() - 1])
        }
        (waits, _) => format!("after {}", listed(waits, "and")),
    };
    format!("Up to {} attempts {span}: at once, then {when}.", attempts.len())
}

fn times(factor: f64) -> String {
    if (factor - 2.0).abs() < f64::EPSILON { "twice".to_owned() } else { format!("{factor} times") }
}

fn statuses(retry: &RetryPolicy) -> Option<String> {
    let named = |ranges: &[StatusRange], word| {
        listed(&ranges.iter().map(ToString::to_string).collect::<Vec<_>>(), word)
    };
    match (&retry.retry_on, &retry.no_retry[..]) {
        (None, []) => None,
        (None, never) => Some(format!("An answer of {} ends it at once.", named(never, "or"))),
        (Some(only), []) => Some(format!("Of the answers only {} are tried again.", named(only, "and"))),
        (Some(only), never) => Some(format!(
            "Of the answers only {} are tried again, and {} never.",
            named(only, "and"),
            named(never, "and")
        )),
    }
}

fn asked(retry: &RetryPolicy) -> Option<String> {
    let rule = retry.retry_after();
    if rule.statuses.is_empty() {
        return None;
    }
    let statuses: Vec<String> = rule.statuses.iter().map(ToString::to_string).collect();
    Some(format!(
        "On {} a Retry-After of the receiver may put the next attempt off by up to {}.",
        listed(&statuses, "and"),
        spoken(Duration::from_millis(rule.max_ms))
    ))
}
