use hookbench_model as model;
use hookbench_workbench::{EndpointDraft, EndpointEdit as Edit, PolicyEdit, SeenEndpoint, TlsDraft};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::policy::{
    Breaker, DisableRule, FailureCount, HttpVersion, OrderOnFailure, Policy, RateLimit, RetryPolicy,
    RetryPolicyInput, SuccessRule,
};
use super::{Headers, SecretText, Time, given, wire_enum};

wire_enum! {
    /// Whether an endpoint is sent to.
    EndpointStatus {
        /// Deliveries go out.
        Enabled,
        /// Deliveries are kept, paused, until it is enabled again.
        Disabled,
    }
}

/// How an endpoint's TLS is checked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Tls {
    /// Whether the certificate must be valid for the name.
    verify: bool,
    /// Certificate authorities trusted besides the usual ones, PEM.
    #[schema(required)]
    ca_pem: Option<String>,
    /// What we show of ourselves where the server asks. Its private key is never shown.
    #[schema(required)]
    client_cert: Option<ClientCertificate>,
}

/// A client certificate without its key.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClientCertificate {
    /// The certificate chain, PEM.
    cert_pem: String,
}

/// How an endpoint's TLS is to be checked; it replaces what was there.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TlsInput {
    /// Whether the certificate must be valid for the name; true unless said otherwise.
    verify: Option<bool>,
    /// Certificate authorities trusted besides the usual ones, PEM.
    ca_pem: Option<String>,
    /// What we show of ourselves; without a key the one that is there stays.
    client_cert: Option<ClientCertificateInput>,
}

/// A client certificate.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientCertificateInput {
    /// The certificate chain, PEM.
    cert_pem: String,
    /// Its private key, PEM; can be written and never read.
    #[schema(value_type = Option<String>, format = Password)]
    key_pem: Option<SecretText>,
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
    /// workspace's.
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

/// How paused deliveries go on.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resume {
    /// Over how long those go out that are overdue, one after the other; 0 for all at once. Left out, ten go out in
    /// a second, or as many as the endpoint's rate allows, within an hour where there is no rate.
    #[schema(maximum = 604_800_000_u64)]
    spread_ms: Option<u64>,
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

impl From<model::TlsPolicy> for Tls {
    fn from(tls: model::TlsPolicy) -> Self {
        Self {
            verify: tls.verify,
            ca_pem: tls.ca_pem,
            client_cert: tls.client_cert.map(|cert| ClientCertificate { cert_pem: cert.cert_pem }),
        }
    }
}

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
    /// password may stand; null for the workspace's.
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

impl From<TlsInput> for TlsDraft {
    fn from(input: TlsInput) -> Self {
        Self {
            verify: input.verify,
            ca_pem: input.ca_pem,
            client_cert: input.client_cert.map(|cert| (cert.cert_pem, cert.key_pem.map(Into::into))),
        }
    }
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
    /// password may stand, or `***` for those that it has; null for the workspace's.
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
