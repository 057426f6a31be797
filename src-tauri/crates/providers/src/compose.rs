//! Making an event: sample or given data, in the provider's envelope, with its id.

use crate::profile::{EventType, Profile};
use crate::recognise::Seen;
use crate::slot::{Filler, as_text};
use bytes::Bytes;
use hookbench_model::{HeaderPairs, Timestamp};
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use serde_json::Value;

/// When the printed example of an event happened: 2024-06-01T14:32:00Z.
const EXAMPLE_TIME: Timestamp = Timestamp::from_unix_ms(1_717_252_320_000);

/// Longest event type and event id that is taken.
const LONGEST_NAME: usize = 128;

/// What to compose.
#[derive(Clone, Debug)]
pub struct ComposeInput<'a> {
    /// Type of the event.
    pub event_type: &'a str,
    /// What happened, to go into the envelope; without it the profile's sample is filled.
    pub data: Option<Value>,
    /// When it happens.
    pub now: Timestamp,
    /// The provider's id of it; without it one is made in the provider's form.
    pub event_id: Option<&'a str>,
    /// Generation of envelope; without it the profile's usual one.
    pub envelope: Option<&'a str>,
}

/// An event composed: what every attempt of every delivery has in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composed {
    /// The event's id in the provider's form: what receivers drop repeats by.
    pub provider_event_id: String,
    /// HTTP method.
    pub method: String,
    /// Query to add to the endpoint's URL, without the question mark.
    pub query: Option<String>,
    /// `Content-Type` of the payload; `None` where there is no body.
    pub content_type: Option<String>,
    /// The exact body.
    pub payload: Bytes,
}

/// Why an event cannot be composed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// The profile has no such event.
    #[error("{provider} has no event `{event_type}`; it has {}", .known.join(", "))]
    UnknownEvent {
        /// The profile's name.
        provider: String,
        /// What was asked for.
        event_type: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The profile has no such generation of envelope.
    #[error("{provider} has no envelope `{envelope}`; it has {}", .known.join(", "))]
    UnknownEnvelope {
        /// The profile's name.
        provider: String,
        /// What was asked for.
        envelope: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A type or id that cannot stand in a header.
    #[error("{field} must be 1 to {LONGEST_NAME} printable ASCII characters without spaces")]
    Unprintable {
        /// `event_type` or `event_id`.
        field: &'static str,
    },
    /// The event travels in a query and its data is no object.
    #[error("the data of this event travels in the query: it must be an object")]
    DataNotObject,
    /// The event travels in a query and a field is a document.
    #[error("the data of this event travels in the query: `{field}` must be a text, a number or a boolean")]
    DataNested {
        /// The field.
        field: String,
    },
}

impl Profile {
    /// Composes an event. The same input and the same random numbers give the same bytes.
    pub fn compose(&self, input: ComposeInput<'_>, rng: &mut dyn RngCore) -> Result<Composed, ComposeError> {
        let event = self.event_for(input.event_type)?;
        let envelope = self.envelope_for(input.envelope)?.template_for(event.shape.as_deref());
        let event_id = match input.event_id {
            Some(given) => printable("event_id", given)?.to_owned(),
            None => self.fresh_event_id(input.event_type, input.now, rng),
        };
        let mut filler = Filler::new(rng, input.now, input.event_type, &event_id);
        filler.data = input.data.unwrap_or_else(|| event.sample.fill(&mut filler));
        let document = envelope.fill(&mut filler);
        let mut composed = self.carry(event, &document)?;
        composed.provider_event_id = match input.event_id {
            Some(given) => given.to_owned(),
            None => self.id_on_the_wire(&composed).unwrap_or(event_id),
        };
        Ok(composed)
    }

    /// The event as it is printed: always the same ids, names and times.
    pub fn example(&self, event_type: &str) -> Result<Composed, ComposeError> {
        let input =
            ComposeInput { event_type, data: None, now: EXAMPLE_TIME, event_id: None, envelope: None };
        self.compose(input, &mut StdRng::seed_from_u64(0))
    }

    /// The inner part of [`Profile::example`]: what stands in the envelope, and what `data` replaces.
    pub fn example_data(&self, event_type: &str) -> Result<Value, ComposeError> {
        let event = self.event_for(event_type)?;
        let mut rng = StdRng::seed_from_u64(0);
        let event_id = self.fresh_event_id(event_type, EXAMPLE_TIME, &mut rng);
        Ok(event.sample.fill(&mut Filler::new(&mut rng, EXAMPLE_TIME, event_type, &event_id)))
    }

    /// A new event id in the provider's form, for payloads that are not composed here.
    pub fn fresh_event_id(&self, event_type: &str, now: Timestamp, rng: &mut dyn RngCore) -> String {
        let own = self.event(event_type).and_then(|event| event.event_id.as_ref());
        own.unwrap_or(&self.event_id).fill(&mut Filler::new(rng, now, event_type, ""))
    }

    fn event_for(&self, event_type: &str) -> Result<&EventType, ComposeError> {
        printable("event_type", event_type)?;
        self.event(event_type).or(self.any_event.as_ref()).ok_or_else(|| ComposeError::UnknownEvent {
            provider: self.name.clone(),
            event_type: event_type.to_owned(),
            known: self.events.iter().map(|event| event.wire_name.clone()).collect(),
        })
    }

    fn envelope_for(&self, asked: Option<&str>) -> Result<&crate::Envelope, ComposeError> {
        let wanted = |envelope: &&crate::Envelope| asked.is_none_or(|asked| envelope.id == asked);
        self.envelopes.iter().find(wanted).ok_or_else(|| ComposeError::UnknownEnvelope {
            provider: self.name.clone(),
            envelope: asked.unwrap_or_default().to_owned(),
            known: self.envelopes.iter().map(|envelope| envelope.id.clone()).collect(),
        })
    }

    /// Puts the document where the event's method carries it: compact JSON in the body, or the query.
    fn carry(&self, event: &EventType, document: &Value) -> Result<Composed, ComposeError> {
        let in_query = event.method == "GET";
        let query = if in_query { Some(query_of(document)?) } else { None };
        Ok(Composed {
            provider_event_id: String::new(),
            method: event.method.clone(),
            query,
            content_type: (!in_query).then(|| self.content_type.clone()),
            payload: if in_query { Bytes::new() } else { Bytes::from(document.to_string()) },
        })
    }

    /// The id a receiver would read from it, which for some providers is part of the data.
    fn id_on_the_wire(&self, composed: &Composed) -> Option<String> {
        let seen = Seen {
            method: &composed.method,
            query: composed.query.as_deref(),
            headers: &HeaderPairs::new(),
            body: &composed.payload,
        };
        self.event_of(&seen).provider_event_id
    }
}

fn printable<'a>(field: &'static str, text: &'a str) -> Result<&'a str, ComposeError> {
    let fits = (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(text) } else { Err(ComposeError::Unprintable { field }) }
}

fn query_of(document: &Value) -> Result<String, ComposeError> {
    let fields = document.as_object().ok_or(ComposeError::DataNotObject)?;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (field, value) in fields {
        match value {
            Value::Array(_) | Value::Object(_) => {
                return Err(ComposeError::DataNested { field: field.clone() });
            }
            Value::Null => query.append_pair(field, ""),
            plain => query.append_pair(field, &as_text(plain)),
        };
    }
    Ok(query.finish())
}
