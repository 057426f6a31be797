//! Reading an event catalogue that somebody else wrote: the `webhooks` of an OpenAPI document, or JSON Schema
//! files, one event each. What comes out is a profile of one's own.
//!
//! The documents are not trusted: their size, depth, references and patterns are bounded, nothing outside them
//! is fetched, and what is wrong is named with its place.

mod check;
mod closure;
mod document;
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

/// Why documents could not be imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{document}: {place}: {problem}")]
pub struct ImportError {
    /// Which of the documents, counted from 0.
    pub index: usize,
    /// Its name.
    pub document: String,
    /// Where in it: a JSON pointer, or line and column.
    pub place: String,
    /// What is wrong there.
    pub problem: String,
}

/// A fault whose document is not named yet.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fault {
    place: String,
    problem: String,
}

impl Fault {
    fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { place: place.into(), problem: problem.into() }
    }
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
pub fn import(input: &ImportInput<'_>) -> Result<OwnProfile, ImportError> {
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

/// Reads documents, name and text of each, for what stands in them.
pub fn read_catalogue(documents: &[(&str, &str)]) -> Result<Catalogue, ImportError> {
    let mut events: Vec<OwnEvent> = Vec::new();
    let mut title = None;
    for (index, (name, text)) in documents.iter().enumerate() {
        let named = |fault: Fault| ImportError {
            index,
            document: (*name).to_owned(),
            place: if fault.place.is_empty() { "/".to_owned() } else { fault.place },
            problem: fault.problem,
        };
        let document = Document::read(name, text).map_err(named)?;
        let described = document.events().map_err(named)?;
        title = title.or_else(|| document.title());
        for event in described {
            if events.len() == MOST_EVENTS {
                return Err(named(Fault::new(
                    event.place,
                    format!("there are more than {MOST_EVENTS} events"),
                )));
            }
            if events.iter().any(|known| known.event_type == event.event_type) {
                let problem = format!("there is an event `{}` already", event.event_type);
                return Err(named(Fault::new(event.place, problem)));
            }
            events.push(own_event(event).map_err(named)?);
        }
    }
    if events.is_empty() {
        let problem = "there are no events: give an OpenAPI document with `webhooks`, or JSON Schema files";
        let document = documents.first().map_or("", |(name, _)| name).to_owned();
        return Err(ImportError { index: 0, document, place: "/".to_owned(), problem: problem.to_owned() });
    }
    signs::tell_apart(&mut events);
    Ok(Catalogue { title, events })
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
