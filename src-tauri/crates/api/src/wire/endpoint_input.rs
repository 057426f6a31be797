use hookbench_workbench::{EndpointDraft, PolicyEdit};
use serde::Deserialize;
use utoipa::ToSchema;

use super::endpoint::EndpointStatus;
use super::endpoint_tls::TlsInput;
use super::policy::{
    Breaker, DisableRule, FailureCount, HttpVersion, OrderOnFailure, RateLimit, RetryPolicyInput, SuccessRule,
};
use super::{Headers, SecretText};

/// An endpoint to be made. Only the URL is needed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndpointInput {
    /// Where deliveries go: http or https.
    url: String,
    /// What people call it; the URL's host unless given.
    #[schema(max_length = 200)]
    name: Option<String>,
    /// The profile by which it is sent to; left out, it is the one whose events include every subscribed
    /// type, or `generic`.
    provider: Option<String>,
    /// The scheme that signs, a built-in one or one's own; the profile's unless given.
    scheme: Option<String>,
    /// The envelope that its events have, by id; the profile's own choice unless given.
    envelope: Option<String>,
    /// The event types it wants; all unless given.
    enabled_events: Option<Vec<String>>,
    /// Whether it is sent to; it is unless said otherwise, or unless its provider asks for a test first.
    status: Option<EndpointStatus>,
    /// What its failures in a row are counted by, where its profile disables by them.
    disable_counts: Option<FailureCount>,
    /// When it is disabled for failing; null for the profile's rule.
    disable: Option<DisableRule>,
    /// Whether an answer of 410 disables it; null for the profile's way.
    gone_disables: Option<bool>,
    /// Headers added to every attempt.
    headers: Option<Headers>,
    /// How long one attempt may take in all; null for the profile's.
    #[schema(minimum = 100, maximum = 120_000)]
    timeout_ms: Option<u64>,
    /// When failed attempts are tried again; null for the profile's.
    retry: Option<RetryPolicyInput>,
    /// What answer counts as delivered; null for the profile's rule.
    success: Option<SuccessRule>,
    /// For how long its events are worth delivering; null for ever.
    #[schema(minimum = 1000, maximum = 31_536_000_000_u64)]
    ttl_ms: Option<u64>,
    /// What keeps attempts back while it is in trouble; null for nothing.
    breaker: Option<Breaker>,
    /// How fast it may be sent to; null for no limit.
    rate_limit: Option<RateLimit>,
    /// How many attempts may be under way at once; null for no limit of its own.
    #[schema(minimum = 1, maximum = 256)]
    max_in_flight: Option<u32>,
    /// Whether deliveries go one at a time, in event order.
    ordered: Option<bool>,
    /// What becomes of its queue when a delivery has failed for good; `skip` unless given.
    order_on_failure: Option<OrderOnFailure>,
    /// The HTTP method; null for the event's own.
    #[schema(max_length = 20)]
    method: Option<String>,
    /// The HTTP version; `auto` unless given.
    http_version: Option<HttpVersion>,
    /// The proxy on the way: `none`, `system` or a URL (http, https, socks5, socks5h), in which a user and
    /// password may stand; null for the workspace's. A URL is used for targets on this machine too, but for
    /// Hookbench's own inboxes and fault receivers.
    proxy: Option<String>,
    /// How its TLS is checked.
    tls: Option<TlsInput>,
    /// Its secret; made in the profile's form unless given.
    #[schema(value_type = Option<String>, format = Password)]
    secret: Option<SecretText>,
}

impl From<EndpointInput> for EndpointDraft {
    fn from(input: EndpointInput) -> Self {
        Self {
            url: input.url,
            name: input.name,
            provider: input.provider,
            scheme: input.scheme,
            envelope: input.envelope,
            disable_counts: input.disable_counts.map(Into::into),
            enabled_events: input.enabled_events,
            status: input.status.map(Into::into),
            headers: input.headers.map(|headers| headers.0),
            policy: PolicyEdit {
                timeout_ms: Some(input.timeout_ms),
                retry: Some(input.retry.map(Into::into)),
                success: Some(input.success.map(Into::into)),
                disable: Some(input.disable.map(Into::into)),
                gone_disables: Some(input.gone_disables),
                ttl_ms: Some(input.ttl_ms),
                breaker: Some(input.breaker.map(Into::into)),
                rate_limit: Some(input.rate_limit.map(Into::into)),
                max_in_flight: Some(input.max_in_flight),
                ordered: input.ordered,
                order_on_failure: input.order_on_failure.map(Into::into),
                method: Some(input.method),
                http_version: input.http_version.map(Into::into),
                proxy: Some(input.proxy),
            },
            tls: input.tls.map(Into::into),
            secret: input.secret.map(Into::into),
        }
    }
}
