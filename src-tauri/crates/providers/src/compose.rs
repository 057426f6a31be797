//! Making an event: sample or given data, in the provider's envelope, with its id.

use crate::filler::Filler;
use crate::profile::{EventType, Profile};
use crate::recognise::Seen;
use crate::slot::as_text;
use bytes::Bytes;
use hookbench_model::{HeaderPairs, Timestamp};
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use serde_json::Value;

/// When the printed example of an event happened: 2024-06-01T14:32:00Z.
pub(crate) const EXAMPLE_TIME: Timestamp = Timestamp::from_unix_ms(1_717_252_320_000);

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
    /// The event travels in a query or a form and its data is no object.
    #[error("the data of this event travels in a {carrier}: it must be an object")]
    DataNotObject {
        /// `query` or `form`.
        carrier: &'static str,
    },
    /// The event travels in a query and a field is a document.
    #[error("the data of this event travels in a query: `{field}` must be a text, a number or a boolean")]
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
        let wire_type = self.wire_type(input.event_type);
        let mut filler = Filler::new(rng, input.now, input.event_type, wire_type, &event_id);
        filler.data = input.data.unwrap_or_else(|| event.sample.get().fill(&mut filler));
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
        self.sample_data(event_type, EXAMPLE_TIME, &mut StdRng::seed_from_u64(0))
    }

    /// The inner part of an event that is composed from the profile's sample: the same time and random
    /// numbers give what [`Profile::compose`] puts into its envelope.
    pub fn sample_data(
        &self,
        event_type: &str,
        now: Timestamp,
        rng: &mut dyn RngCore,
    ) -> Result<Value, ComposeError> {
        let event = self.event_for(event_type)?;
        let event_id = self.fresh_event_id(event_type, now, rng);
        Ok(event.sample.get().fill(&mut Filler::new(
            rng,
            now,
            event_type,
            self.wire_type(event_type),
            &event_id,
        )))
    }

    /// A new event id in the provider's form, for payloads that are not composed here.
    pub fn fresh_event_id(&self, event_type: &str, now: Timestamp, rng: &mut dyn RngCore) -> String {
        let own = self.event(event_type).and_then(|event| event.event_id.as_ref());
        let mut filler = Filler::new(rng, now, event_type, self.wire_type(event_type), "");
        own.unwrap_or(&self.event_id).fill(&mut filler)
    }

    fn event_for(&self, event_type: &str) -> Result<&EventType, ComposeError> {
        printable("event_type", event_type)?;
        self.listed_or_any(event_type).ok_or_else(|| ComposeError::UnknownEvent {
            provider: self.name.clone(),
            event_type: event_type.to_owned(),
            known: self.events.iter().map(|event| event.event_type.clone()).collect(),
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

    /// Puts the document where the event's method and content type carry it: compact JSON or a form in the
    /// body, or the query.
    fn carry(&self, event: &EventType, document: &Value) -> Result<Composed, ComposeError> {
        let mut composed = Composed {
            provider_event_id: String::new(),
            method: event.method.clone(),
            query: None,
            content_type: None,
            payload: Bytes::new(),
        };
        if event.method == "GET" {
            composed.query = Some(query_of(document)?);
            return Ok(composed);
        }
        let content_type = event.content_type.as_ref().unwrap_or(&self.content_type);
        let mut body = if is_form(content_type) { form_of(document)? } else { document.to_string() };
        body.push_str(&self.body_suffix);
        composed.payload = body.into();
        composed.content_type = Some(content_type.clone());
        Ok(composed)
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

/// True where bodies of that content type are forms.
pub(crate) fn is_form(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn query_of(document: &Value) -> Result<String, ComposeError> {
    let fields = document.as_object().ok_or(ComposeError::DataNotObject { carrier: "query" })?;
    if let Some((field, _)) = fields.iter().find(|(_, value)| value.is_array() || value.is_object()) {
        return Err(ComposeError::DataNested { field: field.clone() });
    }
    form_of(document)
}

/// The document's fields as a form, in their order; a field that is a document becomes its JSON text.
fn form_of(document: &Value) -> Result<String, ComposeError> {
    let fields = document.as_object().ok_or(ComposeError::DataNotObject { carrier: "form" })?;
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (field, value) in fields {
        let text = if value.is_null() { String::new() } else { as_text(value) };
        form.append_pair(field, &text);
    }
    Ok(form.finish())
}
