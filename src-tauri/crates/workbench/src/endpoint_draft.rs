//! An endpoint as somebody asks for it, and the checks that make it one.

use hookbench_model::{
    Endpoint, EndpointId, EndpointStatus, EventPattern, FailureCount, HeaderPairs, StoredSecret,
    Subscriptions, Timestamp, is_credential_name, unveiled_headers,
};
use hookbench_providers::{Library, Profile};
use hookbench_signing::{Scheme, Secret};
use rand::RngCore as _;

use crate::endpoint_policy::PolicyEdit;
use crate::endpoint_tls::TlsDraft;
use crate::error::{Faults, Result};
use crate::{checks, endpoint_rules, random};

/// The most patterns an endpoint may subscribe by.
const MOST_PATTERNS: usize = 100;

/// What somebody says of an endpoint to be made.
#[derive(Clone, Default)]
pub struct EndpointDraft {
    /// Where deliveries go.
    pub url: String,
    /// What people call it; the URL's host unless given.
    pub name: Option<String>,
    /// The profile; found by the subscriptions unless given.
    pub provider: Option<String>,
    /// The event types it wants; all unless given.
    pub enabled_events: Option<Vec<String>>,
    /// The scheme that signs; the profile's unless given.
    pub scheme: Option<String>,
    /// The envelope that its events have; the profile's own choice unless given.
    pub envelope: Option<String>,
    /// What its failures in a row are counted by.
    pub disable_counts: Option<FailureCount>,
    /// Whether it is sent to; it is unless said otherwise, or unless its provider asks for a test first.
    pub status: Option<EndpointStatus>,
    /// Headers added to every attempt.
    pub headers: Option<HeaderPairs>,
    /// The rules that it is sent to by.
    pub policy: PolicyEdit,
    /// How its TLS is checked.
    pub tls: Option<TlsDraft>,
    /// Its secret; made in the profile's form unless given.
    pub secret: Option<Secret>,
}

/// What somebody changes of an endpoint: `None` leaves it, `Some(None)` takes it away.
#[derive(Clone, Default)]
pub struct EndpointEdit {
    /// Where deliveries go.
    pub url: Option<String>,
    /// What people call it.
    pub name: Option<String>,
    /// The profile.
    pub provider: Option<String>,
    /// The event types it wants.
    pub enabled_events: Option<Vec<String>>,
    /// The scheme that signs.
    pub scheme: Option<Option<String>>,
    /// The envelope that its events have.
    pub envelope: Option<Option<String>>,
    /// What its failures in a row are counted by.
    pub disable_counts: Option<Option<FailureCount>>,
    /// Whether it is sent to.
    pub status: Option<EndpointStatus>,
    /// Over how many milliseconds its overdue deliveries go out when this edit enables it; left out, some ten a
    /// second.
    pub resume_over_ms: Option<u64>,
    /// Headers added to every attempt.
    pub headers: Option<HeaderPairs>,
    /// The rules that it is sent to by.
    pub policy: PolicyEdit,
    /// How its TLS is checked.
    pub tls: Option<TlsDraft>,
    /// Another secret instead of those that it has.
    pub secret: Option<Secret>,
}

impl EndpointDraft {
    /// The endpoint that is asked for, or everything that is wrong with it.
    pub(crate) fn check(self, library: &Library, now: Timestamp) -> Result<Endpoint> {
        let mut faults = Faults::default();
        let url = checks::url(&mut faults, "url", &self.url);
        let patterns = patterns(&mut faults, self.enabled_events);
        let profile = match &self.provider {
            Some(provider) => checks::profile(&mut faults, "provider", provider, library),
            None => Some(library.provider_for_events(&patterns)),
        };
        if let Some(profile) = &profile {
            known_types(&mut faults, &patterns, profile);
        }
        let name = match self.name {
            Some(name) => checks::name(&mut faults, "name", &name),
            None => url.as_ref().map(|url| host_of(url).chars().take(200).collect()).unwrap_or_default(),
        };
        let headers = self.headers.unwrap_or_default();
        checks::headers(&mut faults, "headers", &headers);
        checks::nothing_veiled(&mut faults, "headers", &headers);
        let tls = self.tls.unwrap_or_default().check(&mut faults, None);
        let own_scheme =
            self.scheme.as_deref().and_then(|id| checks::scheme(&mut faults, "scheme", id, library));
        let profile = profile.unwrap_or_else(|| library.generic());
        let secret = match &self.secret {
            Some(given) => checks::signing_secret(
                &mut faults,
                "secret",
                given,
                own_scheme.as_deref().unwrap_or_else(|| profile.scheme()),
            ),
            None => new_secret(&profile, own_scheme.as_deref()),
        };
        endpoint_rules::envelope(&mut faults, &profile, self.envelope.as_deref());
        let Some(url) = url else {
            faults.finish()?;
            return Err(crate::WorkbenchError::field("url", "is not a URL"));
        };
        let draft = profile.requires_test();
        let disabled_reason = match self.status {
            _ if draft => Some(Endpoint::UNTESTED.to_owned()),
            Some(EndpointStatus::Disabled) => Some(MADE_DISABLED.to_owned()),
            _ => None,
        };
        let disabled = disabled_reason.is_some();
        let mut endpoint = Endpoint {
            scheme: self.scheme,
            envelope: self.envelope,
            enabled_events: Subscriptions::new(patterns),
            status: if disabled { EndpointStatus::Disabled } else { EndpointStatus::Enabled },
            disabled_reason,
            disabled_at: disabled.then_some(now),
            draft,
            disable_counts: self.disable_counts,
            headers,
            tls,
            secrets: vec![StoredSecret { secret, created_at: now, expires_at: None }],
            created_at: now,
            updated_at: now,
            ..Endpoint::new(EndpointId::new(now), name, url, profile.id().clone())
        };
        self.policy.apply(&mut faults, &mut endpoint);
        endpoint_rules::within_limits(&mut faults, &profile, endpoint.timeout_ms, endpoint.retry.as_ref());
        endpoint_rules::disable_counts(&mut faults, &profile, &endpoint);
        faults.finish()?;
        Ok(endpoint)
    }
}

/// Why an endpoint is disabled that nobody has enabled yet.
const MADE_DISABLED: &str = "It was made disabled.";

impl EndpointEdit {
    /// Checks the changes against the endpoint as it is, and makes them.
    pub(crate) fn apply(self, endpoint: &mut Endpoint, library: &Library, now: Timestamp) -> Result<()> {
        let mut faults = Faults::default();
        let before = endpoint.clone();
        if let Some(url) = self.url {
            endpoint.url = checks::url(&mut faults, "url", &url).unwrap_or_else(|| endpoint.url.clone());
        }
        if let Some(name) = self.name {
            endpoint.name = checks::name(&mut faults, "name", &name);
        }
        let retyped = self.enabled_events.is_some() || self.provider.is_some();
        let resigned = self.scheme.is_some();
        if let Some(scheme) = self.scheme {
            endpoint.scheme = scheme;
        }
        endpoint.envelope = match self.envelope {
            Some(given) => given,
            // Another provider has other envelopes.
            None if self.provider.is_some() => None,
            None => endpoint.envelope.take(),
        };
        endpoint.disable_counts = match self.disable_counts {
            Some(given) => given,
            None if self.provider.is_some() => None,
            None => endpoint.disable_counts,
        };
        if let Some(written) = self.enabled_events {
            endpoint.enabled_events = Subscriptions::new(patterns(&mut faults, Some(written)));
        }
        let profile = match &self.provider {
            Some(provider) => checks::profile(&mut faults, "provider", provider, library),
            None => library.profile(&endpoint.provider),
        };
        if let Some(profile) = &profile {
            if retyped {
                known_types(&mut faults, endpoint.enabled_events.patterns(), profile);
            }
            endpoint.provider = profile.id().clone();
            let own_scheme =
                endpoint.scheme.as_deref().and_then(|id| checks::scheme(&mut faults, "scheme", id, library));
            let scheme = own_scheme.as_deref().unwrap_or_else(|| profile.scheme());
            if let Some(given) = self.secret {
                let secret = checks::signing_secret(&mut faults, "secret", &given, scheme);
                endpoint.secrets = vec![StoredSecret { secret, created_at: now, expires_at: None }];
            } else if self.provider.is_some() || resigned {
                secrets_fit(&mut faults, endpoint, scheme, (resigned, now));
            }
        }
        if let Some(headers) = self.headers {
            // What is shown in place of a credential comes back in its place, too.
            let known = endpoint.headers.iter().filter(|(name, _)| is_credential_name(name));
            let headers = unveiled_headers(&headers, known);
            checks::headers(&mut faults, "headers", &headers);
            checks::nothing_veiled(&mut faults, "headers", &headers);
            endpoint.headers = headers;
        }
        // What was set before a provider had limits stays until somebody sets it anew.
        let limited = self.policy.sets_limits() || self.provider.is_some();
        self.policy.apply(&mut faults, endpoint);
        if let Some(profile) = &profile {
            if limited {
                let (timeout_ms, retry) = (endpoint.timeout_ms, endpoint.retry.as_ref());
                endpoint_rules::within_limits(&mut faults, profile, timeout_ms, retry);
            }
            endpoint_rules::envelope(&mut faults, profile, endpoint.envelope.as_deref());
            endpoint_rules::disable_counts(&mut faults, profile, endpoint);
            endpoint.draft = endpoint_rules::becomes_draft(&before, endpoint, profile);
        }
        if let Some(tls) = self.tls {
            endpoint.tls = tls.check(&mut faults, endpoint.tls.client_cert.as_ref());
        }
        faults.finish()
    }
}

fn patterns(faults: &mut Faults, written: Option<Vec<String>>) -> Vec<EventPattern> {
    let Some(written) = written else { return vec![EventPattern::all()] };
    faults.unless(!written.is_empty(), "enabled_events", || {
        "must name an event type, or `*` for all".to_owned()
    });
    faults.unless(written.len() <= MOST_PATTERNS, "enabled_events", || {
        format!("may hold at most {MOST_PATTERNS} event types")
    });
    let mut patterns = Vec::new();
    for (at, text) in written.iter().take(MOST_PATTERNS).enumerate() {
        if let Some(pattern) = faults.take(&format!("enabled_events[{at}]"), text.parse::<EventPattern>())
            && !patterns.contains(&pattern)
        {
            patterns.push(pattern);
        }
    }
    patterns
}

/// A type that the profile never sends is a slip of the pen, which nobody would notice until nothing comes.
fn known_types(faults: &mut Faults, patterns: &[EventPattern], profile: &Profile) {
    if profile.accepts_any_type() {
        return;
    }
    for (at, pattern) in patterns.iter().enumerate() {
        if !profile.events().any(|event| pattern.matches(event.event_type())) {
            let known: Vec<_> = profile.events().map(hookbench_providers::EventType::event_type).collect();
            faults.add(
                format!("enabled_events[{at}]"),
                format!("{} sends no event `{pattern}`; it sends {}", profile.name(), known.join(", ")),
            );
        }
    }
}

/// A new secret: in the form of the scheme chosen, or else in the profile's.
pub(crate) fn new_secret(profile: &Profile, own_scheme: Option<&Scheme>) -> Secret {
    let mut rng = random::generator();
    match own_scheme {
        Some(scheme) => scheme.generate_secret(&mut |bytes: &mut [u8]| rng.fill_bytes(bytes)),
        None => profile.generate_secret(&mut rng),
    }
}

/// What holds now must sign by the scheme that is chosen for it, or that comes with another provider.
fn secrets_fit(
    faults: &mut Faults,
    endpoint: &Endpoint,
    scheme: &Scheme,
    (resigned, now): (bool, Timestamp),
) {
    let mut trial = Faults::default();
    for kept in endpoint.secrets.iter().filter(|kept| kept.holds_at(now)) {
        checks::signing_secret(&mut trial, "", &kept.secret, scheme);
    }
    faults.unless(trial.finish().is_ok(), if resigned { "scheme" } else { "provider" }, || {
        format!(
            "the endpoint's secret does not fit {}: give a `secret` that does with it, or rotate it",
            scheme.name()
        )
    });
}

fn host_of(url: &url::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
