use hookbench_workbench::{EndpointEdit as Edit, PolicyEdit};
use serde::Deserialize;
use utoipa::ToSchema;

use super::endpoint::EndpointStatus;
use super::endpoint_tls::TlsInput;
use super::policy::{
    Breaker, DisableRule, FailureCount, HttpVersion, OrderOnFailure, RateLimit, RetryPolicyInput, SuccessRule,
};
use super::{Headers, SecretText, given};

/// How paused deliveries go on.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resume {
    /// Over how long those go out that are overdue, one after the other; 0 for all at once. Left out, ten go out in
    /// a second, or as many as the endpoint's rate allows, within an hour where there is no rate.
    #[schema(maximum = 604_800_000_u64)]
    spread_ms: Option<u64>,
}

/// Changes to an endpoint: what is left out stays, null takes away.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndpointEdit {
    /// Where deliveries go: http or https.
    url: Option<String>,
    /// What people call it.
    #[schema(max_length = 200)]
    name: Option<String>,
    /// The profile by which it is sent to.
    provider: Option<String>,
    /// The scheme that signs; null for the profile's.
    #[serde(default, deserialize_with = "given")]
    scheme: Option<Option<String>>,
    /// The envelope that its events have, by id; null for the profile's own choice.
    #[serde(default, deserialize_with = "given")]
    envelope: Option<Option<String>>,
    /// What its failures in a row are counted by; null for what the profile counts.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<FailureCount>)]
    disable_counts: Option<Option<FailureCount>>,
    /// When it is disabled for failing; null for the profile's rule.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<DisableRule>)]
    disable: Option<Option<DisableRule>>,
    /// Whether an answer of 410 disables it; null for the profile's way.
    #[serde(default, deserialize_with = "given")]
    gone_disables: Option<Option<bool>>,
    /// The event types it wants.
    enabled_events: Option<Vec<String>>,
    /// `enabled` or `disabled`.
    status: Option<EndpointStatus>,
    /// How its paused deliveries go on where this enables it.
    resume: Option<Resume>,
    /// Headers added to every attempt.
    headers: Option<Headers>,
    /// How long one attempt may take in all; null for the profile's.
    #[serde(default, deserialize_with = "given")]
    #[schema(minimum = 100, maximum = 120_000)]
    timeout_ms: Option<Option<u64>>,
    /// When failed attempts are tried again; null for the profile's.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<RetryPolicyInput>)]
    retry: Option<Option<RetryPolicyInput>>,
    /// What answer counts as delivered; null for the profile's rule.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<SuccessRule>)]
    success: Option<Option<SuccessRule>>,
    /// For how long its events are worth delivering; null for ever.
    #[serde(default, deserialize_with = "given")]
    #[schema(minimum = 1000, maximum = 31_536_000_000_u64)]
    ttl_ms: Option<Option<u64>>,
    /// What keeps attempts back while it is in trouble; null for nothing.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Breaker>)]
    breaker: Option<Option<Breaker>>,
    /// How fast it may be sent to; null for no limit.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<RateLimit>)]
    rate_limit: Option<Option<RateLimit>>,
    /// How many attempts may be under way at once; null for no limit of its own.
    #[serde(default, deserialize_with = "given")]
    #[schema(minimum = 1, maximum = 256)]
    max_in_flight: Option<Option<u32>>,
    /// Whether deliveries go one at a time, in event order.
    ordered: Option<bool>,
    /// What becomes of its queue when a delivery has failed for good.
    order_on_failure: Option<OrderOnFailure>,
    /// The HTTP method; null for the event's own.
    #[serde(default, deserialize_with = "given")]
    #[schema(max_length = 20)]
    method: Option<Option<String>>,
    /// The HTTP version.
    http_version: Option<HttpVersion>,
    /// The proxy on the way: `none`, `system` or a URL (http, https, socks5, socks5h), in which a user and
    /// password may stand, or `***` for those that it has; null for the workspace's. A URL is used for
    /// targets on this machine too, but for Hookbench's own inboxes and fault receivers.
    #[serde(default, deserialize_with = "given")]
    proxy: Option<Option<String>>,
    /// How its TLS is checked; null for the usual way.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<TlsInput>)]
    tls: Option<Option<TlsInput>>,
    /// Another secret instead of those that it has, at once: where another scheme or provider needs one of
    /// another form.
    #[schema(value_type = Option<String>, format = Password)]
    secret: Option<SecretText>,
}

impl From<EndpointEdit> for Edit {
    fn from(edit: EndpointEdit) -> Self {
        Self {
            url: edit.url,
            name: edit.name,
            provider: edit.provider,
            scheme: edit.scheme,
            envelope: edit.envelope,
            disable_counts: edit.disable_counts.map(|count| count.map(Into::into)),
            enabled_events: edit.enabled_events,
            status: edit.status.map(Into::into),
            resume_over_ms: edit.resume.and_then(|resume| resume.spread_ms),
            headers: edit.headers.map(|headers| headers.0),
            policy: PolicyEdit {
                timeout_ms: edit.timeout_ms,
                retry: edit.retry.map(|retry| retry.map(Into::into)),
                success: edit.success.map(|rule| rule.map(Into::into)),
                disable: edit.disable.map(|rule| rule.map(Into::into)),
                gone_disables: edit.gone_disables,
                ttl_ms: edit.ttl_ms,
                breaker: edit.breaker.map(|breaker| breaker.map(Into::into)),
                rate_limit: edit.rate_limit.map(|limit| limit.map(Into::into)),
                max_in_flight: edit.max_in_flight,
                ordered: edit.ordered,
                order_on_failure: edit.order_on_failure.map(Into::into),
                method: edit.method,
                http_version: edit.http_version.map(Into::into),
                proxy: edit.proxy,
            },
            tls: edit.tls.map(|tls| tls.unwrap_or_default().into()),
            secret: edit.secret.map(Into::into),
        }
    }
}

/// How a secret is replaced.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RotateSecret {
    /// For how long the old secret still signs beside the new one; not at all unless given.
    #[serde(default)]
    #[schema(maximum = 2_592_000_000_u64)]
    pub(crate) overlap_ms: u64,
    /// The new secret; made in the scheme's form unless given.
    #[schema(value_type = Option<String>, format = Password)]
    pub(crate) secret: Option<SecretText>,
    /// The scheme that signs from now on, null for the profile's; the one that it has unless given. An old
    /// secret does not sign beside the new one then.
    #[serde(default, deserialize_with = "given")]
    pub(crate) scheme: Option<Option<String>>,
}

/// What a test sends.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendTest {
    /// The event type; the first of the profile's that the endpoint subscribes to unless given.
    pub(crate) r#type: Option<String>,
}
