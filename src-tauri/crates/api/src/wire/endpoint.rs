use hookbench_model as model;
use hookbench_workbench::SeenEndpoint;
use serde::Serialize;
use utoipa::ToSchema;

use super::endpoint_tls::Tls;
use super::policy::{
    Breaker, DisableRule, FailureCount, HttpVersion, OrderOnFailure, Policy, RateLimit, RetryPolicy,
    SuccessRule,
};
use super::{Headers, SecretText, Time, wire_enum};

wire_enum! {
    /// Whether an endpoint is sent to.
    EndpointStatus {
        /// Deliveries go out.
        Enabled,
        /// Deliveries are kept, paused, until it is enabled again.
        Disabled,
    }
}

/// A URL that events are delivered to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Endpoint {
    /// `ep_…`.
    pub(crate) id: String,
    /// What people call it.
    name: String,
    /// Where deliveries go.
    url: String,
    /// The profile by which it is sent to.
    provider: String,
    /// The scheme that signs, a built-in one or one's own; null for the profile's.
    #[schema(required)]
    scheme: Option<String>,
    /// The envelope that its events have; null for the profile's own choice.
    #[schema(required)]
    envelope: Option<String>,
    /// The event types it wants: `*`, names, prefixes such as `message.*`.
    enabled_events: Vec<String>,
    /// Whether it is sent to.
    status: EndpointStatus,
    /// Why it is disabled, in words.
    #[schema(required)]
    disabled_reason: Option<String>,
    /// Since when it is disabled.
    #[schema(required)]
    disabled_at: Option<Time>,
    /// Whether it is a draft: disabled until a test has been delivered to its URL.
    draft: bool,
    /// Whether its provider lets no endpoint go live that has not passed a test.
    requires_test: bool,
    /// When a test was last delivered to the URL that it has now.
    #[schema(required)]
    tested_at: Option<Time>,
    /// What its failures in a row are counted by; null for what the profile counts.
    #[schema(required)]
    disable_counts: Option<FailureCount>,
    /// When it is disabled for failing; null for the profile's rule.
    #[schema(required)]
    disable: Option<DisableRule>,
    /// Whether an answer of 410 disables it; null for the profile's way.
    #[schema(required)]
    gone_disables: Option<bool>,
    /// Headers added to every attempt. `(the secret)` stands in place of those whose name says that they are
    /// credentials, unless they are revealed, and keeps them in an edit.
    headers: Headers,
    /// How long one attempt may take in all; null for the profile's.
    #[schema(required)]
    timeout_ms: Option<u64>,
    /// When failed attempts are tried again; null for the profile's.
    #[schema(required)]
    retry: Option<RetryPolicy>,
    /// What answer counts as delivered; null for the profile's rule.
    #[schema(required)]
    success: Option<SuccessRule>,
    /// For how long its events are worth delivering; null for ever.
    #[schema(required)]
    ttl_ms: Option<u64>,
    /// What keeps attempts back while it is in trouble; null for nothing.
    #[schema(required)]
    breaker: Option<Breaker>,
    /// How fast it may be sent to; null for no limit.
    #[schema(required)]
    rate_limit: Option<RateLimit>,
    /// How many attempts may be under way at once; null for no limit of its own.
    #[schema(required)]
    max_in_flight: Option<u32>,
    /// Whether deliveries go one at a time, in event order.
    ordered: bool,
    /// What becomes of its queue, where it is ordered, when a delivery has failed for good.
    order_on_failure: OrderOnFailure,
    /// The HTTP method; null for the event's own.
    #[schema(required)]
    method: Option<String>,
    /// The HTTP version.
    http_version: HttpVersion,
    /// The proxy on the way: `none`, `system` or a URL, with `***` for a user and password; null for the
    /// workspace's. A URL is used for targets on this machine too, but for Hookbench's own inboxes and fault
    /// receivers.
    #[schema(required)]
    proxy: Option<String>,
    /// The endpoint whose policy this one tries out at a fault receiver; null for endpoints of one's own. It goes with
    /// its receiver, and when the program ends.
    #[schema(required)]
    trial_of: Option<String>,
    /// The rules in force, with the profile's where the endpoint has none of its own.
    policy: Policy,
    /// How its TLS is checked.
    tls: Tls,
    /// The end of its secret, to tell secrets apart.
    #[schema(required)]
    secret_hint: Option<String>,
    /// Until when an older secret still signs beside the current one; null where there is none.
    #[schema(required)]
    old_secret_expires_at: Option<Time>,
    /// Failures since the last success, as the profile counts them.
    consecutive_failures: u32,
    /// When the first of those failures was.
    #[schema(required)]
    failing_since: Option<Time>,
    /// When it was made.
    created_at: Time,
    /// When it was last edited.
    updated_at: Time,
}

/// The answer to create and rotate: an endpoint with its secret.
#[derive(Serialize, ToSchema)]
pub(crate) struct EndpointWithSecret {
    /// The endpoint.
    #[serde(flatten)]
    endpoint: Endpoint,
    /// Its current secret, in the scheme's form.
    #[schema(required, value_type = Option<String>, format = Password)]
    secret: Option<SecretText>,
}

impl From<SeenEndpoint> for EndpointWithSecret {
    fn from(endpoint: SeenEndpoint) -> Self {
        let secret = endpoint.endpoint.secrets.first().map(|kept| kept.secret.clone().into());
        Self { endpoint: endpoint.into(), secret }
    }
}

/// What goes on since an endpoint was enabled.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Resumed {
    /// How many deliveries were paused and wait again.
    deliveries: u64,
    /// When the last of those that were overdue is due; null where none was.
    #[schema(required)]
    until: Option<Time>,
}

/// An endpoint after an edit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EditedEndpoint {
    /// As it is now.
    #[serde(flatten)]
    endpoint: Endpoint,
    /// What goes on by it; null where it was not enabled by this edit.
    #[schema(required)]
    resumed: Option<Resumed>,
}

impl EditedEndpoint {
    pub(crate) fn new(endpoint: SeenEndpoint, resumed: Option<hookbench_workbench::Resumed>) -> Self {
        let resumed = resumed
            .map(|resumed| Resumed { deliveries: resumed.count, until: resumed.until.map(Into::into) });
        Self { endpoint: endpoint.into(), resumed }
    }
}

/// An endpoint's secret, revealed.
#[derive(Serialize, ToSchema)]
pub(crate) struct RevealedSecret {
    /// The current secret, in the profile's form; null where the endpoint has none.
    #[schema(required, value_type = Option<String>, format = Password)]
    pub(crate) secret: Option<SecretText>,
}

/// A secret as text. Secrets are made and given as text, so nothing is lost here.
pub(crate) fn text_of(secret: &[u8]) -> String {
    String::from_utf8_lossy(secret).into_owned()
}

impl From<SeenEndpoint> for Endpoint {
    fn from(mut seen: SeenEndpoint) -> Self {
        let veil = |(name, value): (&str, &model::HeaderValue)| {
            let hidden = model::is_credential_name(name);
            (name.to_owned(), if hidden { model::veiled(name, value) } else { value.clone() })
        };
        seen.endpoint.headers = seen.endpoint.headers.iter().map(veil).collect();
        Self::revealed(seen)
    }
}

impl Endpoint {
    /// With the credentials among its own headers.
    pub(crate) fn revealed(SeenEndpoint { endpoint, requires_test, policy }: SeenEndpoint) -> Self {
        let current = endpoint.secrets.iter().find(|kept| kept.expires_at.is_none());
        Self {
            id: endpoint.id.to_string(),
            secret_hint: current.and_then(|kept| kept.secret.hint()),
            old_secret_expires_at: endpoint
                .secrets
                .iter()
                .filter_map(|kept| kept.expires_at)
                .max()
                .map(Into::into),
            name: endpoint.name,
            url: endpoint.url.into(),
            provider: endpoint.provider.to_string(),
            scheme: endpoint.scheme,
            envelope: endpoint.envelope,
            enabled_events: endpoint.enabled_events.patterns().iter().map(ToString::to_string).collect(),
            status: endpoint.status.into(),
            disabled_reason: endpoint.disabled_reason,
            disabled_at: endpoint.disabled_at.map(Into::into),
            draft: endpoint.draft,
            requires_test,
            tested_at: endpoint.tested_at.map(Into::into),
            disable_counts: endpoint.disable_counts.map(Into::into),
            disable: endpoint.disable.map(Into::into),
            gone_disables: endpoint.gone_disables,
            headers: endpoint.headers.into(),
            timeout_ms: endpoint.timeout_ms,
            retry: endpoint.retry.map(Into::into),
            success: endpoint.success.map(Into::into),
            ttl_ms: endpoint.ttl_ms,
            breaker: endpoint.breaker.map(Into::into),
            rate_limit: endpoint.rate_limit.map(Into::into),
            max_in_flight: endpoint.max_in_flight,
            ordered: endpoint.ordered,
            order_on_failure: endpoint.order_on_failure.into(),
            method: endpoint.method,
            http_version: endpoint.http_version.into(),
            proxy: endpoint.proxy.map(|proxy| proxy.shown()),
            trial_of: endpoint.trial_of.map(|id| id.to_string()),
            policy: policy.into(),
            tls: endpoint.tls.into(),
            consecutive_failures: endpoint.consecutive_failures,
            failing_since: endpoint.failing_since.map(Into::into),
            created_at: endpoint.created_at.into(),
            updated_at: endpoint.updated_at.into(),
        }
    }
}
