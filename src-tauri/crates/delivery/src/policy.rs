use std::time::Duration;

use hookbench_model::{DisableRule, Endpoint, RetryPolicy, SuccessRule};
use hookbench_providers::Profile;

/// The rules one delivery is made by: the profile's, where the endpoint has none of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// How long one attempt may take in all, from finding the address to the last byte of the answer.
    pub timeout: Duration,
    /// When failed attempts are tried again.
    pub retry: RetryPolicy,
    /// What answer counts as delivered.
    pub success: SuccessRule,
    /// When the endpoint is disabled.
    pub disable: DisableRule,
}

/// The policy by which an endpoint (or a plain URL) is delivered to.
pub fn policy_of(endpoint: Option<&Endpoint>, profile: &Profile) -> Policy {
    let timeout_ms = endpoint.and_then(|endpoint| endpoint.timeout_ms).unwrap_or(profile.timeout_ms());
    let retry = endpoint.and_then(|endpoint| endpoint.retry.as_ref()).unwrap_or(profile.retry());
    Policy {
        timeout: Duration::from_millis(timeout_ms.clamp(1, Endpoint::MAX_TIMEOUT_MS)),
        retry: retry.clone(),
        success: profile.success().clone(),
        disable: match (profile.disable(), endpoint.and_then(|endpoint| endpoint.disable_counts)) {
            (&DisableRule::ConsecutiveFailures { count, .. }, Some(counting)) => {
                DisableRule::ConsecutiveFailures { count, counting }
            }
            (rule, _) => rule.clone(),
        },
    }
}
