use hookbench_workbench as workbench;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Time;
use super::policy::RetryPolicyInput;

/// A plan to be drawn.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScheduleInput {
    /// The profile.
    provider: String,
    /// When failed attempts are tried again; the profile's way unless given.
    retry: Option<RetryPolicyInput>,
    /// How long one attempt may take in all; the profile's unless given.
    #[schema(minimum = 100, maximum = 120_000)]
    timeout_ms: Option<u64>,
    /// For how long an event is worth delivering; for ever unless given.
    #[schema(minimum = 1000, maximum = 31_536_000_000_u64)]
    ttl_ms: Option<u64>,
    /// When the first attempt is made; now unless given.
    from: Option<Time>,
}

/// When a delivery would be attempted, if every attempt failed at once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Schedule {
    /// The attempts, the first included.
    attempts: Vec<ScheduledAttempt>,
    /// When the last of them is.
    ends_at: Time,
    /// From the first to the last.
    total_ms: u64,
    /// The whole of it in plain words.
    sentence: String,
}

/// One attempt of a schedule.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScheduledAttempt {
    /// From 1.
    number: u32,
    /// When it is planned.
    at: Time,
    /// How long after the one before it.
    after_ms: u64,
    /// The earliest that it may be, where jitter shortens every wait.
    earliest: Time,
    /// The latest, where jitter lengthens every wait.
    latest: Time,
}

impl From<ScheduleInput> for workbench::ScheduleDraft {
    fn from(input: ScheduleInput) -> Self {
        Self {
            provider: input.provider,
            retry: input.retry.map(Into::into),
            timeout_ms: input.timeout_ms,
            ttl_ms: input.ttl_ms,
            from: input.from.map(|time| time.0),
        }
    }
}

impl From<workbench::Schedule> for Schedule {
    fn from(schedule: workbench::Schedule) -> Self {
        let ms = |span: std::time::Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        Self {
            attempts: schedule
                .attempts
                .into_iter()
                .map(|attempt| ScheduledAttempt {
                    number: attempt.number,
                    at: attempt.at.into(),
                    after_ms: ms(attempt.after),
                    earliest: attempt.earliest.into(),
                    latest: attempt.latest.into(),
                })
                .collect(),
            ends_at: schedule.ends_at.into(),
            total_ms: ms(schedule.total),
            sentence: schedule.sentence,
        }
    }
}
