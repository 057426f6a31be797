use std::time::Duration;

use hookbench_model::{
    Breaker, Delivery, DeliveryTarget, DisableRule, Endpoint, HttpVersion, OrderOnFailure, Proxy, RateLimit,
    RetryPolicy, StatusRange, SuccessRule, Timestamp,
};
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
    /// Whether an answer of 410 disables it.
    pub gone_disables: bool,
    /// For how long an event is worth delivering; `None` for ever.
    pub ttl: Option<Duration>,
    /// What keeps attempts back while the endpoint is in trouble.
    pub breaker: Option<Breaker>,
    /// How fast it may be sent to; `None` for no limit.
    pub rate_limit: Option<RateLimit>,
    /// How many attempts may be under way at once; `None` for no limit of its own.
    pub max_in_flight: Option<u32>,
    /// Whether deliveries go one at a time, in event order.
    pub ordered: bool,
    /// What becomes of the queue then, when a delivery has failed for good.
    pub order_on_failure: OrderOnFailure,
    /// The HTTP method; `None` for the event's own.
    pub method: Option<String>,
    /// The HTTP version.
    pub http_version: HttpVersion,
    /// The proxy on the way; `None` for the workspace's.
    pub proxy: Option<Proxy>,
}

impl Policy {
    /// When an event that is accepted at `now` is not worth delivering any more; `None` for never.
    pub fn expires_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.ttl.map(|ttl| now.plus(ttl))
    }
}

/// The policy by which an endpoint (or a plain URL) is delivered to.
pub fn policy_of(endpoint: Option<&Endpoint>, profile: &Profile) -> Policy {
    let timeout_ms = endpoint.and_then(|endpoint| endpoint.timeout_ms).unwrap_or(profile.timeout_ms());
    let retry = endpoint.and_then(|endpoint| endpoint.retry.as_ref()).unwrap_or(profile.retry());
    let success = endpoint.and_then(|endpoint| endpoint.success.as_ref()).unwrap_or(profile.success());
    Policy {
        timeout: Duration::from_millis(timeout_ms.clamp(1, Endpoint::MAX_TIMEOUT_MS)),
        retry: retry.clone().filled(),
        success: success.clone(),
        disable: disable(endpoint, profile),
        gone_disables: endpoint
            .and_then(|endpoint| endpoint.gone_disables)
            .unwrap_or_else(|| profile.gone_disables()),
        ttl: endpoint.and_then(|endpoint| endpoint.ttl_ms).map(Duration::from_millis),
        breaker: endpoint.and_then(|endpoint| endpoint.breaker),
        rate_limit: endpoint.and_then(|endpoint| endpoint.rate_limit),
        max_in_flight: endpoint.and_then(|endpoint| endpoint.max_in_flight),
        ordered: endpoint.is_some_and(|endpoint| endpoint.ordered),
        order_on_failure: endpoint.map(|endpoint| endpoint.order_on_failure).unwrap_or_default(),
        method: endpoint.and_then(|endpoint| endpoint.method.clone()),
        http_version: endpoint.map(|endpoint| endpoint.http_version).unwrap_or_default(),
        proxy: endpoint.and_then(|endpoint| endpoint.proxy.clone()),
    }
}

/// The policy by which a delivery goes. One to a plain URL is tried once, by the profile's policy, unless it has a plan
/// of its own: then a relay made it, and it goes by [`relayed`].
pub fn policy_to(delivery: &Delivery, endpoint: Option<&Endpoint>, profile: &Profile) -> Policy {
    match delivery.target {
        DeliveryTarget::Url(_) if delivery.max_attempts > 1 => relayed(profile),
        _ => policy_of(endpoint, profile),
    }
}

/// The policy by which what was captured is passed on to a plain URL: somebody's handler, which may be down for as long
/// as it is worked on. It is tried within seconds at first, each minute for an hour, and then for a day; what the
/// handler refused (any status of 300 to 499 but 408, 425 and 429) is not asked again.
pub fn relayed(profile: &Profile) -> Policy {
    let seconds = [1, 2, 5, 10, 20, 30].into_iter().chain([60; 60]).chain([2400; 34]);
    let retry_on = [408, 425, 429].into_iter().chain(500..600).map(StatusRange::one);
    Policy {
        timeout: Duration::from_secs(30),
        retry: RetryPolicy {
            retry_on: Some(retry_on.collect()),
            ..RetryPolicy::of(seconds.map(|seconds| seconds * 1000).collect::<Vec<u64>>())
        },
        success: SuccessRule::default(),
        disable: DisableRule::default(),
        ..policy_of(None, profile)
    }
}

/// The endpoint's rule, or the profile's, with what the endpoint says is counted.
fn disable(endpoint: Option<&Endpoint>, profile: &Profile) -> DisableRule {
    let own = endpoint.and_then(|endpoint| endpoint.disable.as_ref());
    let counts = endpoint.and_then(|endpoint| endpoint.disable_counts);
    match (own, profile.disable(), counts) {
        (None, &DisableRule::ConsecutiveFailures { count, .. }, Some(counting)) => {
            DisableRule::ConsecutiveFailures { count, counting }
        }
        (own, profiles, _) => own.unwrap_or(profiles).clone(),
    }
}
