//! Provider profiles of a workspace's own: kept as a form of JSON, made of another profile and their events.

use crate::catalog::Catalog;
use crate::error::{FieldError, ProfileError};
use crate::kept::Kept;
use crate::load::{EVENT_NAME, headers_of, is_event_name, is_method, prove};
use crate::profile::{Envelope, EventType, Profile};
use crate::recognise::Condition;
use crate::slot::Place;
use crate::spec::Provenance;
use crate::template::{JsonTemplate, TextTemplate};
use hookbench_model::ProviderId;
use hookbench_signing::{Scheme, SchemeCatalog};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashSet;

/// The most events that one profile has.
pub(crate) const MOST_EVENTS: usize = 1_000;

/// A profile of one's own, as it is kept: its events, and the profile from which everything else comes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnProfile {
    /// Its id; no built-in profile has it.
    pub id: ProviderId,
    /// Its name for people.
    pub name: String,
    /// What it is, in a sentence.
    pub description: String,
    /// What a reader should know.
    pub notes: String,
    /// The documents it was read from.
    #[serde(default)]
    pub sources: Vec<String>,
    /// The built-in profile whose delays, timeout, rules, headers and, unless `scheme` says otherwise, scheme it
    /// has.
    pub base: ProviderId,
    /// The scheme that signs, where it is not the base's.
    #[serde(default)]
    pub scheme: Option<String>,
    /// Its event types.
    pub events: Vec<OwnEvent>,
}

/// One event type of such a profile. Its data is the whole body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnEvent {
    /// Its name in subscriptions.
    #[serde(rename = "type")]
    pub event_type: String,
    /// Its name for people.
    pub name: String,
    /// When it happens.
    pub description: String,
    /// HTTP method.
    pub method: String,
    /// `Content-Type` where it is not the base's.
    #[serde(default)]
    pub content_type: Option<String>,
    /// Header templates of its own.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// Where its sample comes from.
    pub provenance: Provenance,
    /// A sample of its data, with placeholders.
    pub sample: Value,
    /// The JSON Schema of its data.
    #[serde(default)]
    pub schema: Option<Value>,
    /// Lists of signs by which a received request is known as it.
    #[serde(default)]
    pub recognise: Vec<Vec<String>>,
}

impl OwnProfile {
    /// Reads the form. A fault names its field.
    pub fn read(form: &str) -> Result<Self, ProfileError> {
        serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(form)).map_err(
            |error: serde_path_to_error::Error<serde_json::Error>| {
                FieldError::new(error.path().to_string(), error.inner().to_string()).in_file("")
            },
        )
    }

    /// The form that [`OwnProfile::read`] reads.
    pub fn to_form(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The profile that it means. `own_schemes` are those that it may name beside the built-in ones. A fault
    /// names its field.
    pub fn assemble(&self, own_schemes: &[Scheme]) -> Result<Profile, ProfileError> {
        self.assembled(own_schemes).map_err(|error| error.in_file(self.id.as_str()))
    }

    fn assembled(&self, own_schemes: &[Scheme]) -> Result<Profile, FieldError> {
        let catalog = Catalog::builtin();
        if catalog.get(&self.id).is_some() {
            return Err(FieldError::new(
                "id",
                format!("`{}` is a provider that Hookbench comes with", self.id),
            ));
        }
        let base = catalog.get(&self.base).ok_or_else(|| {
            FieldError::new("base", format!("`{}` is no provider that Hookbench comes with", self.base))
        })?;
        let mut profile = Profile {
            id: self.id.clone(),
            name: self.name.clone(),
            description: self.description.clone(),
            notes: self.notes.clone(),
            sources: self.sources.clone(),
            events: self.event_types()?,
            any_event: None,
            envelopes: vec![Envelope::none()],
            body_suffix: String::new(),
            ..base.clone()
        };
        if let Some(id) = &self.scheme {
            sign_with(&mut profile, scheme_of(id, own_schemes)?)?;
        }
        prove(&profile)?;
        Ok(profile)
    }

    fn event_types(&self) -> Result<Vec<EventType>, FieldError> {
        if self.events.is_empty() || self.events.len() > MOST_EVENTS {
            return Err(FieldError::new("events", format!("there must be 1 to {MOST_EVENTS} of them")));
        }
        let mut seen = HashSet::new();
        let mut events = Vec::with_capacity(self.events.len());
        for (at, event) in self.events.iter().enumerate() {
            let field = |name: &str| format!("events[{at}].{name}");
            if !seen.insert(&event.event_type) {
                let problem = format!("`{}` is there twice", event.event_type);
                return Err(FieldError::new(field("type"), problem));
            }
            events.push(event.event_type(&field)?);
        }
        Ok(events)
    }
}

impl OwnEvent {
    fn event_type(&self, field: &dyn Fn(&str) -> String) -> Result<EventType, FieldError> {
        if !is_event_name(&self.event_type) {
            return Err(FieldError::new(field("type"), EVENT_NAME));
        }
        if !is_method(&self.method) || self.method == "GET" {
            let problem = format!("`{}` is not a method that carries a body", self.method);
            return Err(FieldError::new(field("method"), problem));
        }
        let signs = self
            .recognise
            .iter()
            .map(|signs| signs.iter().map(|text| Condition::parse(text)).collect())
            .collect::<Result<Vec<Vec<_>>, String>>()
            .map_err(|problem| FieldError::new(field("recognise"), problem))?;
        let sample = JsonTemplate::of(self.sample.clone(), Place::Sample, "")
            .map_err(|error| FieldError::new(format!("{}{}", field("sample"), error.field), error.problem))?;
        Ok(EventType {
            event_type: self.event_type.clone(),
            wire_type: None,
            name: self.name.clone(),
            description: self.description.clone(),
            provenance: self.provenance,
            method: self.method.clone(),
            content_type: self.content_type.clone(),
            headers: headers_of(&self.headers, &field("headers"))?,
            shape: None,
            event_id: None,
            sample: Kept::Here(sample),
            schema: self.schema.clone().map(Kept::Here),
            signs,
        })
    }
}

fn scheme_of(id: &str, own: &[Scheme]) -> Result<Scheme, FieldError> {
    let found = SchemeCatalog::builtin().get(id).or_else(|| own.iter().find(|scheme| scheme.id() == id));
    found.cloned().ok_or_else(|| FieldError::new("scheme", format!("there is no scheme `{id}`")))
}

/// Another scheme makes secrets in its own way, and may sign an id where the base's signs none.
fn sign_with(profile: &mut Profile, scheme: Scheme) -> Result<(), FieldError> {
    if scheme.id() == profile.scheme.id() {
        return Ok(());
    }
    profile.secret = None;
    profile.signature_id = match (scheme.id_header(), profile.signature_id.take()) {
        (None, _) => None,
        (Some(_), Some(template)) => Some(template),
        (Some(_), None) => {
            let template = TextTemplate::parse("{event_id}", Place::Attempt);
            Some(template.map_err(|problem| FieldError::new("scheme", problem))?)
        }
    };
    if let (Some(name), Some(template)) = (scheme.id_header(), &profile.signature_id)
        && template.written() == "{event_id}"
    {
        profile.readers.read_id_from_header(name);
    }
    profile.scheme = scheme;
    Ok(())
}
