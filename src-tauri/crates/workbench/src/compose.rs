//! Events as somebody asks for them: composed, previewed, written with their deliveries.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hookbench_delivery::{Policy, policy_of};
use hookbench_model::{
    DeliveryId, DeliveryStatus, DeliveryTarget, Endpoint, EndpointId, EndpointStatus, Event, EventFilter,
    EventId, EventRequest, HeaderPairs, NewDelivery, Page, PageRequest, Timestamp, Trigger,
};
use hookbench_providers::{ComposeError, ComposeInput, Composed, Profile, Seen};
use hookbench_store::IdempotencyRecord;
use rand::rngs::StdRng;
use rand::{RngCore as _, SeedableRng as _};
use serde_json::Value;

use crate::error::{Faults, Result, WorkbenchError};
use crate::{Workbench, checks, endpoint_policy, random};

/// The largest payload, in bytes: 32 MiB.
pub const MAX_PAYLOAD: usize = 32 << 20;
/// The most endpoints that an event may be pointed at by name.
const MOST_ENDPOINTS: usize = 1000;

/// What somebody says of an event to be made.
#[derive(Clone, Debug, Default)]
pub struct EventDraft {
    /// Its type.
    pub event_type: Option<String>,
    /// The profile; found by the type or the endpoints unless given.
    pub provider: Option<String>,
    /// The inner part, around which the profile's envelope is built.
    pub data: Option<Value>,
    /// The whole JSON body.
    pub payload: Option<Value>,
    /// The exact bytes of the body, in base64.
    pub payload_base64: Option<String>,
    /// The profile's generation of envelope; its usual one unless given.
    pub envelope: Option<String>,
    /// The `Content-Type`; the profile's unless given.
    pub content_type: Option<String>,
    /// The endpoints it goes to; those that subscribe to it unless given.
    pub endpoint_ids: Option<Vec<String>>,
    /// What its sample's ids, names and amounts are drawn from: the same seed draws the same. Random unless
    /// given.
    pub seed: Option<u64>,
    /// For how long it is worth delivering, in milliseconds; as its endpoints say unless given.
    pub ttl_ms: Option<u64>,
}

/// An event that is on disk, with its deliveries.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The event.
    pub event_id: EventId,
    /// The id the provider gives it.
    pub provider_event_id: String,
    /// Its deliveries.
    pub deliveries: Vec<AcceptedDelivery>,
}

/// A delivery that is on disk.
#[derive(Clone, Copy, Debug)]
pub struct AcceptedDelivery {
    /// Its id.
    pub id: DeliveryId,
    /// The endpoint it goes to, if it goes to one.
    pub endpoint_id: Option<EndpointId>,
    /// Where it stands.
    pub status: DeliveryStatus,
}

/// An event as a list shows it: its payload is left out.
#[derive(Clone, Debug)]
pub struct EventSummary {
    /// The event; its payload is empty.
    pub event: Event,
    /// The payload's size, in bytes.
    pub payload_size: u64,
    /// How many deliveries carry it.
    pub deliveries: u64,
}

/// What is ready to be written, and where it goes.
pub(crate) struct Prepared {
    /// What happened, once for each envelope that its endpoints want; one event, nearly always.
    pub(crate) events: Vec<(Event, Vec<Endpoint>)>,
    pub(crate) profile: Arc<Profile>,
}

impl Workbench {
    /// Writes an event and its deliveries in one transaction, with what `record` makes of them to answer a
    /// repeated call.
    pub async fn send_event(
        &self,
        draft: EventDraft,
        record: impl FnOnce(&Accepted) -> Option<IdempotencyRecord>,
    ) -> Result<Accepted> {
        self.send(draft, false, record).await
    }

    /// The same as a test of its endpoints: a single try, made even where an endpoint is a draft.
    pub(crate) async fn send(
        &self,
        draft: EventDraft,
        is_test: bool,
        record: impl FnOnce(&Accepted) -> Option<IdempotencyRecord>,
    ) -> Result<Accepted> {
        let mut faults = Faults::default();
        endpoint_policy::ttl(&mut faults, "ttl_ms", draft.ttl_ms);
        faults.finish()?;
        let own_ttl = draft.ttl_ms.map(Duration::from_millis);
        let Prepared { events, profile } = self.prepare(draft).await?;
        let now = events.first().map_or(self.now(), |(event, _)| event.created_at);
        let own_end = own_ttl.map(|ttl| now.plus(ttl));
        let delivery = |endpoint: &Endpoint, policy: &Policy| NewDelivery {
            id: DeliveryId::new(now),
            target: DeliveryTarget::Endpoint(endpoint.id),
            status: match endpoint.status {
                EndpointStatus::Enabled => DeliveryStatus::Pending,
                EndpointStatus::Disabled if is_test && endpoint.draft => DeliveryStatus::Pending,
                EndpointStatus::Disabled => DeliveryStatus::Paused,
            },
            is_test,
            max_attempts: if is_test { 1 } else { policy.retry.max_attempts() },
            due_at: now,
            expires_at: if is_test { None } else { own_end.or_else(|| policy.expires_at(now)) },
            trigger: Trigger::Automatic,
            replay_id: None,
            repeats_delivery: None,
            repeats_request: None,
        };
        let events = events.into_iter().map(|(event, endpoints)| {
            let policed = |endpoint| delivery(endpoint, &policy_of(Some(endpoint), &profile));
            let deliveries = endpoints.iter().map(policed).collect();
            (event, deliveries)
        });
        self.write(events.collect(), record).await
    }

    /// Writes events with their deliveries, and wakes the engine.
    pub(crate) async fn write(
        &self,
        mut events: Vec<(Event, Vec<NewDelivery>)>,
        record: impl FnOnce(&Accepted) -> Option<IdempotencyRecord>,
    ) -> Result<Accepted> {
        let Some((first, _)) = events.first() else {
            return Err(WorkbenchError::field("type", "made no event"));
        };
        let accepted = Accepted {
            event_id: first.id,
            provider_event_id: first.provider_event_id.clone(),
            deliveries: events
                .iter()
                .flat_map(|(_, deliveries)| deliveries)
                .map(|delivery| AcceptedDelivery {
                    id: delivery.id,
                    endpoint_id: delivery.target.endpoint_id(),
                    status: delivery.status,
                })
                .collect(),
        };
        let record = record(&accepted);
        let store = self.store().events();
        match (events.pop(), events.is_empty()) {
            (Some((event, deliveries)), true) => store.create(event, deliveries, record).await?,
            (last, _) => {
                events.extend(last);
                store.create_together(events, record).await?;
            }
        }
        self.wake_engine();
        Ok(accepted)
    }

    /// A page of events, newest first.
    pub async fn events(
        &self,
        filter: EventFilter,
        page: PageRequest<EventId>,
    ) -> Result<Page<EventSummary, EventId>> {
        let page = self.store().events().list(filter, page).await?;
        Ok(page.map(|row| EventSummary {
            event: row.event,
            payload_size: row.payload_size,
            deliveries: row.deliveries,
        }))
    }

    /// One event, without its payload.
    pub async fn event(&self, id: EventId) -> Result<EventSummary> {
        let mut event = self.event_with_payload(id).await?;
        let payload = std::mem::take(&mut event.payload);
        let deliveries = self.store().deliveries().of_event(id).await?.len() as u64;
        Ok(EventSummary { event, payload_size: payload.len() as u64, deliveries })
    }

    /// One event with its payload.
    pub async fn event_with_payload(&self, id: EventId) -> Result<Event> {
        let found = self.store().events().get(id).await?;
        found.ok_or_else(|| WorkbenchError::not_found("event", id))
    }

    /// Composes what is asked for and finds where it goes.
    pub(crate) async fn prepare(&self, draft: EventDraft) -> Result<Prepared> {
        let named = match &draft.endpoint_ids {
            Some(ids) => Some(self.named_endpoints(ids).await?),
            None => None,
        };
        let profile = self.profile_for(&draft, named.as_deref())?;
        // A whole payload, and an envelope that is asked for, hold for every endpoint.
        let may_differ =
            draft.envelope.is_none() && draft.payload.is_none() && draft.payload_base64.is_none();
        let seed = draft.seed.unwrap_or_else(|| random::generator().next_u64());
        let now = self.now();
        let event = self.compose(draft.clone(), &profile, seed, now)?;
        let endpoints = match named {
            Some(endpoints) => endpoints,
            None => self.subscribers(&event).await?,
        };
        let usual = profile.envelopes().first().map(|envelope| envelope.id().to_owned());
        let mut groups: Vec<(Option<String>, Vec<Endpoint>)> = Vec::new();
        for endpoint in endpoints {
            let wanted =
                endpoint.envelope.clone().filter(|wanted| may_differ && Some(wanted) != usual.as_ref());
            match groups.iter_mut().find(|(envelope, _)| *envelope == wanted) {
                Some((_, group)) => group.push(endpoint),
                None => groups.push((wanted, vec![endpoint])),
            }
        }
        let mut events = Vec::with_capacity(groups.len().max(1));
        for (envelope, group) in groups {
            let event = match envelope {
                None => event.clone(),
                // The same happening once more, wrapped otherwise.
                envelope => {
                    let draft = EventDraft { envelope, ..draft.clone() };
                    self.compose(draft, &profile, seed, now)?
                }
            };
            events.push((event, group));
        }
        if events.is_empty() {
            events.push((event, Vec::new()));
        }
        Ok(Prepared { events, profile })
    }

    async fn named_endpoints(&self, ids: &[String]) -> Result<Vec<Endpoint>> {
        let mut faults = Faults::default();
        faults.unless(ids.len() <= MOST_ENDPOINTS, "endpoint_ids", || {
            format!("may name at most {MOST_ENDPOINTS} endpoints")
        });
        let (mut endpoints, mut seen) = (Vec::new(), HashSet::new());
        for (at, text) in ids.iter().take(MOST_ENDPOINTS).enumerate() {
            let field = format!("endpoint_ids[{at}]");
            let Some(id) = faults.take(&field, text.parse::<EndpointId>()) else { continue };
            faults.unless(seen.insert(id), &field, || "is named twice".to_owned());
            match self.store().endpoints().get(id).await? {
                Some(endpoint) => endpoints.push(endpoint),
                None => faults.add(&field, format!("there is no endpoint {id}")),
            }
        }
        faults.finish()?;
        Ok(endpoints)
    }

    async fn subscribers(&self, event: &Event) -> Result<Vec<Endpoint>> {
        let all = self.store().endpoints().configured().await?;
        let wants = |endpoint: &Endpoint| {
            endpoint.status == EndpointStatus::Enabled
                && endpoint.provider == event.provider
                && endpoint.enabled_events.matches(&event.event_type)
        };
        Ok(all.iter().filter(|endpoint| wants(endpoint)).cloned().collect())
    }

    /// The profile that is named, or the one of the endpoints that are named, or the one that has the type.
    fn profile_for(&self, draft: &EventDraft, named: Option<&[Endpoint]>) -> Result<Arc<Profile>> {
        let mut faults = Faults::default();
        let named = named.unwrap_or_default();
        let profile = match (&draft.provider, named.first(), &draft.event_type) {
            (Some(provider), _, _) => checks::profile(&mut faults, "provider", provider, self.library()),
            (None, Some(first), _) => Some(self.profile_or_generic(&first.provider)),
            (None, None, Some(event_type)) => self.profile_with(event_type, &mut faults),
            (None, None, None) => {
                faults.add("provider", "is missing: name a provider, or the type of an event");
                None
            }
        };
        for (at, endpoint) in named.iter().enumerate() {
            let fits = profile.as_ref().is_none_or(|profile| *profile.id() == endpoint.provider);
            faults.unless(fits, &format!("endpoint_ids[{at}]"), || {
                format!("the endpoint {} is one of the provider {}", endpoint.id, endpoint.provider)
            });
        }
        faults.finish()?;
        Ok(profile.unwrap_or_else(|| self.library().generic()))
    }

    fn profile_with(&self, event_type: &str, faults: &mut Faults) -> Option<Arc<Profile>> {
        let having: Vec<_> = self
            .library()
            .profiles()
            .into_iter()
            .filter(|profile| !profile.accepts_any_type() && profile.event(event_type).is_some())
            .collect();
        match having.as_slice() {
            [] => Some(self.library().generic()),
            [only] => Some(Arc::clone(only)),
            several => {
                let names: Vec<_> = several.iter().map(|profile| profile.id().as_str()).collect();
                faults.add(
                    "provider",
                    format!("several send `{event_type}`: name one of {}", names.join(", ")),
                );
                None
            }
        }
    }

    /// One event. The same `seed` and time give the same ids, names and numbers in every envelope.
    fn compose(&self, draft: EventDraft, profile: &Profile, seed: u64, now: Timestamp) -> Result<Event> {
        let mut faults = Faults::default();
        let given = [draft.data.is_some(), draft.payload.is_some(), draft.payload_base64.is_some()];
        faults.unless(given.iter().filter(|given| **given).count() <= 1, "payload", || {
            "give one of `data`, `payload` and `payload_base64`, not several".to_owned()
        });
        if let Some(content_type) = &draft.content_type {
            checks::content_type(&mut faults, "content_type", content_type);
        }
        let exact = match (&draft.payload, &draft.payload_base64) {
            (Some(payload), _) => Some(Bytes::from(payload.to_string())),
            (None, Some(text)) => checks::base64(&mut faults, "payload_base64", text),
            (None, None) => None,
        };
        let whole = draft.payload.is_some() || draft.payload_base64.is_some();
        faults.unless(!whole || draft.envelope.is_none(), "envelope", || {
            "goes with `data` or a sample; a whole payload has its own".to_owned()
        });
        let read = exact.as_ref().map(|body| read_event(profile, body)).unwrap_or_default();
        let event_type = draft.event_type.or(read.event_type);
        faults.unless(event_type.is_some(), "type", || {
            format!(
                "is missing: {} is one",
                profile.events().next().map_or("`message.sent`", |event| event.event_type())
            )
        });
        faults.finish()?;
        let event_type = event_type.unwrap_or_default();
        let composed = if whole {
            self.whole(profile, &event_type, exact.unwrap_or_default(), read.provider_event_id)?
        } else {
            let envelope = draft.envelope.as_deref();
            let input =
                ComposeInput { event_type: &event_type, data: draft.data, now, event_id: None, envelope };
            profile.compose(input, &mut StdRng::seed_from_u64(seed)).map_err(|error| refused(&error))?
        };
        if composed.payload.len() > MAX_PAYLOAD {
            return Err(WorkbenchError::TooLarge { what: "The payload", limit: MAX_PAYLOAD });
        }
        Ok(Event {
            id: EventId::new(now),
            provider_event_id: composed.provider_event_id,
            provider: profile.id().clone(),
            event_type,
            content_type: draft.content_type.or(composed.content_type).unwrap_or_default(),
            request: EventRequest {
                method: composed.method,
                query: composed.query,
                ..EventRequest::default()
            },
            payload: composed.payload,
            created_at: now,
        })
    }

    /// An event around a payload that is given whole. The profile's trial composition says whether the type
    /// is one, and how it is carried.
    fn whole(
        &self,
        profile: &Profile,
        event_type: &str,
        payload: Bytes,
        id: Option<String>,
    ) -> Result<Composed> {
        let input = ComposeInput { event_type, data: None, now: self.now(), event_id: None, envelope: None };
        let trial = profile.compose(input, &mut random::generator()).map_err(|error| refused(&error))?;
        if trial.query.is_some() {
            return Err(WorkbenchError::field(
                "payload",
                format!("`{event_type}` travels in the query and has no body: give `data`"),
            ));
        }
        let provider_event_id =
            id.unwrap_or_else(|| profile.fresh_event_id(event_type, self.now(), &mut random::generator()));
        Ok(Composed {
            provider_event_id,
            content_type: Some(profile.content_type_of(event_type).to_owned()),
            payload,
            ..trial
        })
    }
}

fn read_event(profile: &Profile, body: &[u8]) -> hookbench_providers::SeenEvent {
    profile.event_of(&Seen { method: "POST", query: None, headers: &HeaderPairs::new(), body })
}

fn refused(error: &ComposeError) -> WorkbenchError {
    let field = match error {
        ComposeError::UnknownEvent { .. } | ComposeError::Unprintable { field: "event_type" } => "type",
        ComposeError::UnknownEnvelope { .. } => "envelope",
        ComposeError::Unprintable { field } => field,
        ComposeError::DataNotObject { .. } | ComposeError::DataNested { .. } => "data",
    };
    WorkbenchError::field(field, error.to_string())
}
