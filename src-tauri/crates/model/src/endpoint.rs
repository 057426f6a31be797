use hookbench_signing::Secret;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    Breaker, DisableRule, EndpointId, FailureCount, HeaderPairs, HttpVersion, OrderOnFailure, ProviderId,
    Proxy, RateLimit, RetryPolicy, StoredSecret, Subscriptions, SuccessRule, Timestamp,
};

/// Whether an endpoint is sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointStatus {
    /// Deliveries go out.
    Enabled,
    /// Deliveries are kept, paused, until it is enabled again.
    Disabled,
}

impl EndpointStatus {
    /// Its name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
        }
    }
}

/// A client certificate for mutual TLS.
#[derive(Clone)]
pub struct ClientCertificate {
    /// The certificate chain, PEM.
    pub cert_pem: String,
    /// Its private key, PEM; kept encrypted, shown nowhere.
    pub key_pem: Secret,
}

impl std::fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientCertificate").field("cert_pem", &self.cert_pem.len()).finish_non_exhaustive()
    }
}

/// How an endpoint's TLS is checked.
#[derive(Clone, Debug)]
pub struct TlsPolicy {
    /// Whether the certificate must be valid for the name; true unless somebody said otherwise.
    pub verify: bool,
    /// Certificate authorities trusted besides the usual ones, PEM.
    pub ca_pem: Option<String>,
    /// What we show of ourselves, where the server asks.
    pub client_cert: Option<ClientCertificate>,
}

impl Default for TlsPolicy {
    fn default() -> Self {
        Self { verify: true, ca_pem: None, client_cert: None }
    }
}

/// A URL that events are delivered to, with its subscriptions, secrets and policy.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// What people call it.
    pub name: String,
    /// Where deliveries go: http or https.
    pub url: Url,
    /// The profile it is sent to by.
    pub provider: ProviderId,
    /// The scheme that signs, a built-in one or one's own; `None` for the profile's.
    pub scheme: Option<String>,
    /// The envelope that its events have; `None` for the profile's own choice.
    pub envelope: Option<String>,
    /// The event types it wants.
    pub enabled_events: Subscriptions,
    /// Whether it is sent to.
    pub status: EndpointStatus,
    /// Why it is disabled, in words.
    pub disabled_reason: Option<String>,
    /// Since when it is disabled.
    pub disabled_at: Option<Timestamp>,
    /// Whether it waits for a test before it goes live; a draft is disabled too.
    pub draft: bool,
    /// When a test was last delivered to the URL that it has now.
    pub tested_at: Option<Timestamp>,
    /// What its failures in a row are counted by; `None` for what the profile counts.
    pub disable_counts: Option<FailureCount>,
    /// When it is disabled for failing; `None` for the profile's rule.
    pub disable: Option<DisableRule>,
    /// Whether an answer of 410 disables it; `None` for the profile's way, which is to do so.
    pub gone_disables: Option<bool>,
    /// Headers added to every attempt.
    pub headers: HeaderPairs,
    /// How long one attempt may take in all, in milliseconds; `None` for the profile's.
    pub timeout_ms: Option<u64>,
    /// When failed attempts are tried again; `None` for the profile's.
    pub retry: Option<RetryPolicy>,
    /// What answer counts as delivered; `None` for the profile's rule.
    pub success: Option<SuccessRule>,
    /// For how long its events are worth delivering, in milliseconds; `None` for ever.
    pub ttl_ms: Option<u64>,
    /// What keeps attempts back while it is in trouble; `None` for nothing.
    pub breaker: Option<Breaker>,
    /// How fast it may be sent to; `None` for no limit.
    pub rate_limit: Option<RateLimit>,
    /// How many attempts may be under way at once; `None` for no limit of its own.
    pub max_in_flight: Option<u32>,
    /// Whether deliveries go one at a time, in event order.
    pub ordered: bool,
    /// What becomes of its queue, where it is ordered, when a delivery has failed for good.
    pub order_on_failure: OrderOnFailure,
    /// The HTTP method; `None` for the event's own.
    pub method: Option<String>,
    /// The HTTP version.
    pub http_version: HttpVersion,
    /// The proxy on the way to it; `None` for the workspace's.
    pub proxy: Option<Proxy>,
    /// How its TLS is checked.
    pub tls: TlsPolicy,
    /// Its secrets, newest first; an older one holds until it expires.
    pub secrets: Vec<StoredSecret>,
    /// Failed attempts (or deliveries, as the profile counts) since the last success.
    pub consecutive_failures: u32,
    /// When the first of those failures was.
    pub failing_since: Option<Timestamp>,
    /// The endpoint whose policy this one tries out at a fault receiver. It lives no longer than the program runs.
    pub trial_of: Option<EndpointId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last edited.
    pub updated_at: Timestamp,
}

impl Endpoint {
    /// The longest timeout an endpoint may have, in milliseconds: two minutes.
    pub const MAX_TIMEOUT_MS: u64 = 120_000;
    /// The shortest and the longest time to live, in milliseconds: a second and a year.
    pub const TTL_MS: std::ops::RangeInclusive<u64> = 1000..=365 * 24 * 3600 * 1000;

    /// An enabled one for every event, as the profile wants it, without a secret.
    pub fn new(id: EndpointId, name: impl Into<String>, url: Url, provider: ProviderId) -> Self {
        let made = id.created_at();
        Self {
            id,
            name: name.into(),
            url,
            provider,
            scheme: None,
            envelope: None,
            enabled_events: Subscriptions::all(),
            status: EndpointStatus::Enabled,
            disabled_reason: None,
            disabled_at: None,
            draft: false,
            tested_at: None,
            disable_counts: None,
            disable: None,
            gone_disables: None,
            headers: HeaderPairs::new(),
            timeout_ms: None,
            retry: None,
            success: None,
            ttl_ms: None,
            breaker: None,
            rate_limit: None,
            max_in_flight: None,
            ordered: false,
            order_on_failure: OrderOnFailure::default(),
            method: None,
            http_version: HttpVersion::default(),
            proxy: None,
            tls: TlsPolicy::default(),
            secrets: Vec::new(),
            consecutive_failures: 0,
            failing_since: None,
            trial_of: None,
            created_at: made,
            updated_at: made,
        }
    }

    /// Why a draft is disabled, until a test of it has failed.
    pub const UNTESTED: &str = "It is a draft: it goes live once a test has been delivered to its URL.";
    /// Why an endpoint is disabled that was a draft and is none any more, though no test was delivered.
    pub const NO_DRAFT_NOW: &str =
        "It was a draft; it needs no test any more, and nobody has enabled it yet.";

    /// The secrets that sign at `now`, newest first.
    pub fn secrets_at(&self, now: Timestamp) -> Vec<&Secret> {
        self.secrets.iter().filter(|kept| kept.holds_at(now)).map(|kept| &kept.secret).collect()
    }
}
