//! What an alert says: its event, in the alerts' own profile, with its deliveries to those that want it.

use std::time::Duration;

use hookbench_model::{
    Alert, Delivery, DeliveryId, DeliveryStatus, DeliveryTarget, EndedBecause, Endpoint, Event, EventId,
    EventRequest, NewDelivery, ProviderId, Timestamp, Trigger,
};
use hookbench_providers::{ComposeInput, Library, Profile};
use hookbench_store::{AlertWriter, RaisedAlert};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use url::Url;

use crate::plan::spoken;
use crate::{Chance, policy_of};

/// Composes alerts as any other event is composed.
#[derive(Debug)]
pub(crate) struct Alerts {
    library: Library,
    chance: Chance,
}

impl Alerts {
    pub(crate) fn new(library: Library, chance: Chance) -> Self {
        Self { library, chance }
    }

    fn event(&self, profile: &Profile, alert: &RaisedAlert) -> Option<Event> {
        let (event_type, now) = (alert.alert.as_str(), alert.at);
        let data = Some(data(alert));
        let input = ComposeInput { event_type, data, now, event_id: None, envelope: None };
        // The whole of an f64's digits; more chance than an id needs.
        let mut rng = StdRng::seed_from_u64(self.chance.next().to_bits());
        let composed = profile.compose(input, &mut rng);
        let composed = composed.inspect_err(|error| tracing::error!(%error, event_type, "alert not told"));
        let composed = composed.ok()?;
        Some(Event {
            id: EventId::new(now),
            provider_event_id: composed.provider_event_id,
            provider: profile.id().clone(),
            event_type: event_type.to_owned(),
            content_type: composed.content_type.unwrap_or_default(),
            request: EventRequest { method: composed.method, ..EventRequest::default() },
            payload: composed.payload,
            created_at: now,
        })
    }
}

impl AlertWriter for Alerts {
    fn write(&self, alert: &RaisedAlert, takers: &[Endpoint]) -> Option<(Event, Vec<NewDelivery>)> {
        let wants = |taker: &&Endpoint| taker.enabled_events.matches(alert.alert.as_str());
        let mut wanting = takers.iter().filter(wants).peekable();
        wanting.peek()?;
        let profile = self.library.profile(&ProviderId::hookbench())?;
        let event = self.event(&profile, alert)?;
        let deliveries = wanting.map(|taker| delivery(taker, &profile, alert.at)).collect();
        Some((event, deliveries))
    }
}

fn delivery(taker: &Endpoint, profile: &Profile, now: Timestamp) -> NewDelivery {
    let policy = policy_of(Some(taker), profile);
    NewDelivery {
        id: DeliveryId::new(now),
        target: DeliveryTarget::Endpoint(taker.id),
        status: DeliveryStatus::Pending,
        is_test: false,
        max_attempts: policy.retry.max_attempts(),
        due_at: now,
        expires_at: policy.expires_at(now),
        trigger: Trigger::Automatic,
        replay_id: None,
        repeats_delivery: None,
        repeats_request: None,
    }
}

/// What the event says.
fn data(alert: &RaisedAlert) -> Value {
    let endpoint = alert.endpoint.as_ref();
    json!({
        "sentence": sentence(alert),
        "endpoint": endpoint.map(|endpoint| json!({
            "id": endpoint.id,
            "name": endpoint.name,
            "url": place(&endpoint.url),
            "provider": endpoint.provider,
        })),
        "delivery": alert.delivery.as_ref().map(|delivery| described(alert, delivery)),
        "failing_since": alert.failing_since.map(|at| at.to_string()),
        "consecutive_failures": alert.consecutive_failures,
        "reason": reason(alert),
        "count": alert.count,
        "counted_since": alert.counted_since.to_string(),
    })
}

fn described(alert: &RaisedAlert, delivery: &Delivery) -> Value {
    let last = delivery.last_attempt.as_ref();
    json!({
        "id": delivery.id,
        "event_id": delivery.event_id,
        "event_type": delivery.event_type,
        "url": delivery.url.parse().ok().as_ref().map(place),
        "attempt": delivery.attempt_count,
        "ended_because": delivery.ended_because,
        "outcome": last.map(|last| last.outcome),
        "response_status": last.and_then(|last| last.response_status),
        "error_code": alert.error_code,
        "error": last.and_then(|last| last.error.as_deref()),
    })
}

/// A URL without what may be a secret in it: user, password, query, fragment.
fn place(url: &Url) -> String {
    let mut url = url.clone();
    // Both fail only where a URL has no host, and then it has neither.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

fn reason(alert: &RaisedAlert) -> Option<&str> {
    let endpoint = alert.endpoint.as_ref().filter(|_| alert.alert == Alert::EndpointDisabled);
    endpoint.and_then(|endpoint| endpoint.disabled_reason.as_deref())
}

/// What happened, for people.
fn sentence(alert: &RaisedAlert) -> String {
    let name = name(alert);
    let failing_for = alert.failing_since.map_or(0, |since| alert.at.ms_since(since));
    let error = alert.delivery.as_ref().and_then(|delivery| delivery.last_attempt.as_ref()?.error.as_deref());
    match alert.alert {
        Alert::EndpointFailing => with(&format!("{name} has begun to fail"), error),
        Alert::DeliveryExhausted => exhausted(alert, &name, error),
        Alert::EndpointDisabled => with(&format!("{name} was disabled"), reason(alert)),
        Alert::EndpointRecovered => {
            let failing_for = Duration::from_millis(u64::try_from(failing_for).unwrap_or(0));
            format!("{name} works again, after {}.", spoken(failing_for))
        }
    }
}

fn exhausted(alert: &RaisedAlert, name: &str, error: Option<&str>) -> String {
    if alert.count > 1 {
        let count = format!("{} deliveries to {name} have failed for good", alert.count);
        return with(&count, error.map(|error| format!("The newest: {error}")).as_deref());
    }
    let because = alert.delivery.as_ref().and_then(|delivery| delivery.ended_because);
    let over = "Its time to live was over before it arrived";
    let why = if because == Some(EndedBecause::Expired) { Some(over) } else { error };
    with(&format!("A delivery to {name} has failed for good"), why)
}

/// The endpoint's name, or the host of a plain URL.
fn name(alert: &RaisedAlert) -> String {
    let host = |delivery: &Delivery| delivery.url.parse::<Url>().ok()?.host_str().map(str::to_owned);
    match &alert.endpoint {
        Some(endpoint) if !endpoint.name.is_empty() => endpoint.name.clone(),
        Some(endpoint) => place(&endpoint.url),
        None => alert.delivery.as_ref().and_then(host).unwrap_or_else(|| "a plain URL".to_owned()),
    }
}

/// Two sentences, each with its full stop.
fn with(what: &str, why: Option<&str>) -> String {
    match why.map(|why| why.trim_end_matches('.')).filter(|why| !why.is_empty()) {
        Some(why) => format!("{what}. {why}."),
        None => format!("{what}."),
    }
}
