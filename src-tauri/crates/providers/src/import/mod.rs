//! Reading an event catalogue that somebody else wrote: the `webhooks` of an OpenAPI document, or JSON Schema
//! files, one event each. What comes out is a profile of one's own.
//!
//! The documents are not trusted: their size, depth, references and patterns are bounded, nothing outside them
//! is fetched, and what is wrong is named with its place.

mod check;
mod closure;
mod document;
mod faults;
mod header;
mod openapi;
mod pattern;
mod schema_file;
mod signs;
mod synth;

use crate::made_up::run::hash;
use crate::own::{MOST_EVENTS, OwnEvent, OwnProfile};
use crate::slot::Place;
use crate::spec::Provenance;
use crate::template::JsonTemplate;
use check::Checker;
use document::Document;
use faults::{Fault, Faults, MOST_TOLD};
pub use faults::{ImportError, ImportErrors};
use hookbench_model::ProviderId;
use serde_json::Value;

/// What to import.
#[derive(Clone, Debug)]
pub struct ImportInput<'a> {
    /// The id of the profile to be.
    pub id: ProviderId,
    /// Its name for people.
    pub name: &'a str,
    /// The built-in profile whose delays, timeout, rules and headers it is to have.
    pub base: ProviderId,
    /// The scheme that is to sign, where it is not the base's.
    pub scheme: Option<&'a str>,
    /// The documents: name and text of each.
    pub documents: Vec<(&'a str, &'a str)>,
}

/// An event as a document describes it.
#[derive(Clone, Debug)]
struct Described {
    /// Where it stands.
    place: String,
    event_type: String,
    name: String,
    description: String,
    method: String,
    content_type: Option<String>,
    headers: Vec<(String, String)>,
    /// Signs in its headers.
    header_signs: Vec<String>,
    /// The schema of the body, complete in itself.
    schema: Option<Value>,
    /// The examples that the document prints.
    examples: Vec<Value>,
}

/// The event catalogue that documents hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Catalogue {
    /// What the first OpenAPI document among them calls itself.
    pub title: Option<String>,
    /// The events; at least one.
    pub events: Vec<OwnEvent>,
}

/// Reads the documents. The same documents give the same profile.
pub fn import(input: &ImportInput<'_>) -> Result<OwnProfile, ImportErrors> {
    let Catalogue { title, events } = read_catalogue(&input.documents)?;
    Ok(OwnProfile {
        id: input.id.clone(),
        name: input.name.to_owned(),
        description: title.unwrap_or_else(|| format!("Events of {}.", input.name)),
        notes: notes(&events),
        sources: input.documents.iter().map(|(name, _)| (*name).to_owned()).collect(),
        base: input.base.clone(),
        scheme: input.scheme.map(str::to_owned),
        events,
    })
}

/// Reads documents, name and text of each, for what stands in them. What is wrong with any of them is told at once.
pub fn read_catalogue(documents: &[(&str, &str)]) -> Result<Catalogue, ImportErrors> {
    let mut events: Vec<OwnEvent> = Vec::new();
    let mut title = None;
    let mut told: Vec<ImportError> = Vec::new();
    for (index, (name, text)) in documents.iter().enumerate() {
        let mut faults = Faults::default();
        if let Some(document) = faults.take(Document::read(name, text)) {
            title = title.or_else(|| document.title());
            add_events(&document, &mut events, &mut faults);
        }
        told.extend(faults.into_iter().map(|fault| fault.of(index, name)));
        if told.len() >= MOST_TOLD {
            break;
        }
    }
    if events.is_empty() && told.is_empty() {
        let problem = "there are no events: give an OpenAPI document with `webhooks`, or JSON Schema files";
        told.push(Fault::new("", problem).of(0, documents.first().map_or("", |(name, _)| name)));
    }
    if !told.is_empty() {
        let more = told.len() >= MOST_TOLD;
        told.truncate(MOST_TOLD);
        return Err(ImportErrors { faults: told, more });
    }
    signs::tell_apart(&mut events);
    Ok(Catalogue { title, events })
}

/// Adds the events of a document to those of the ones before.
fn add_events(document: &Document<'_>, events: &mut Vec<OwnEvent>, faults: &mut Faults) {
    for event in document.events(faults) {
        if faults.is_full() {
            return;
        }
        if events.len() == MOST_EVENTS {
            faults.add(Fault::new(event.place, format!("there are more than {MOST_EVENTS} events")));
            return;
        }
        if events.iter().any(|known| known.event_type == event.event_type) {
            let problem = format!("there is an event `{}` already", event.event_type);
            faults.add(Fault::new(event.place, problem));
            continue;
        }
        events.extend(faults.take(own_event(event)));
    }
}

fn notes(events: &[OwnEvent]) -> String {
    let printed = events.iter().filter(|event| event.provenance == Provenance::Found).count();
    format!(
        "Imported: the event types and their schemas. Of {} samples {printed} are printed in the documents; the \
         others are made up to fit their schemas.",
        events.len()
    )
}

fn own_event(described: Described) -> Result<OwnEvent, Fault> {
    let Described { place, event_type, name, description, method, content_type, headers, .. } = described;
    let checker = match &described.schema {
        Some(schema) => Checker::of(schema).map_err(|problem| Fault::new(place.clone(), problem))?,
        None => Checker::anything(),
    };
    let printed = described.examples.into_iter().find(|example| checker.fault(example).is_none());
    let (sample, provenance) = match (printed, &described.schema) {
        (Some(example), _) => (escaped(example), Provenance::Found),
        (None, Some(schema)) => {
            let made = synth::sample(schema, &checker, hash(&[event_type.as_bytes()]));
            (made.map_err(|problem| Fault::new(place, problem))?, Provenance::Derived)
        }
        (None, None) => (Value::Object(serde_json::Map::new()), Provenance::Derived),
    };
    Ok(OwnEvent {
        event_type,
        name,
        description,
        method,
        content_type,
        headers,
        provenance,
        sample,
        schema: described.schema,
        recognise: vec![described.header_signs],
    })
}

/// A value as a sample that stands for just it: braces are no placeholders.
fn escaped(value: Value) -> Value {
    match value {
        Value::String(text) => escaped_text(&text).into(),
        Value::Array(items) => items.into_iter().map(escaped).collect(),
        Value::Object(fields) => fields.into_iter().map(|(key, field)| (key, escaped(field))).collect(),
        plain => plain,
    }
}

fn escaped_text(text: &str) -> String {
    if !text.contains(['{', '}']) {
        return text.to_owned();
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            '{' => escaped.push_str("{open}"),
            '}' => escaped.push_str("{close}"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The sample's template; what is made here is always one.
fn template(sample: &Value) -> Option<JsonTemplate> {
    JsonTemplate::of(sample.clone(), Place::Sample, "").ok()
}

/// A name without what cannot stand in an event type.
fn event_name(text: &str) -> String {
    let fits = |letter: char| letter.is_ascii_graphic() && letter != '*';
    text.trim().chars().map(|letter| if fits(letter) { letter } else { '_' }).take(100).collect()
}

/// The first so many characters of the first paragraph, in one line.
fn first_paragraph(text: &str, longest: usize) -> String {
    let paragraph = text.trim().split("\n\n").next().unwrap_or_default();
    let words = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().filter(|letter| !letter.is_control()).take(longest).collect()
}
