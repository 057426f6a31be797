use hookbench_delivery::plan::{Schedule, draw};
use hookbench_delivery::policy_of;
use hookbench_model::{RetryPolicy, Timestamp};
use std::time::Duration;

use crate::error::{Faults, Result};
use crate::{Workbench, checks, endpoint_policy, endpoint_rules};

/// A plan that somebody wants to see before anything goes by it.
#[derive(Clone, Debug, Default)]
pub struct ScheduleDraft {
    /// The profile.
    pub provider: String,
    /// When failed attempts are tried again; the profile's way unless given.
    pub retry: Option<RetryPolicy>,
    /// How long one attempt may take, in milliseconds; the profile's unless given.
    pub timeout_ms: Option<u64>,
    /// For how long an event is worth delivering, in milliseconds; for ever unless given.
    pub ttl_ms: Option<u64>,
    /// When the first attempt is made; now unless given.
    pub from: Option<Timestamp>,
}

impl Workbench {
    /// Draws when a delivery would be attempted, if every attempt failed at once. Nothing is sent or kept.
    pub fn schedule(&self, draft: ScheduleDraft) -> Result<Schedule> {
        let mut faults = Faults::default();
        let profile = checks::profile(&mut faults, "provider", &draft.provider, self.library());
        endpoint_policy::timeout(&mut faults, "timeout_ms", draft.timeout_ms);
        endpoint_policy::ttl(&mut faults, "ttl_ms", draft.ttl_ms);
        let retry = endpoint_policy::checked_retry(&mut faults, "retry", draft.retry);
        let profile = profile.unwrap_or_else(|| self.library().generic());
        endpoint_rules::within_limits(&mut faults, &profile, draft.timeout_ms, retry.as_ref());
        faults.finish()?;
        let mut policy = policy_of(None, &profile);
        policy.retry = retry.unwrap_or(policy.retry);
        policy.timeout = draft.timeout_ms.map_or(policy.timeout, Duration::from_millis);
        policy.ttl = draft.ttl_ms.map(Duration::from_millis);
        Ok(draw(&policy, draft.from.unwrap_or_else(|| self.now())))
    }
}
