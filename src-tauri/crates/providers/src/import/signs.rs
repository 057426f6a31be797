//! By which signs a received request is known as one of the imported events.

use super::template;
use crate::compose::is_form;
use crate::filler::Filler;
use crate::own::OwnEvent;
use hookbench_model::Timestamp;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Map, Value};

/// How deep fixed values are looked for.
const DEEPEST: usize = 3;
/// The most signs of one event.
const MOST_SIGNS: usize = 6;
/// How many references may lead to one another.
const LONGEST_CHAIN: usize = 16;

/// Gives each event its signs: values that its schema fixes, and where these do not tell it from another, fields
/// that the other has not.
pub(super) fn tell_apart(events: &mut [OwnEvent]) {
    let samples: Vec<Value> = events.iter().map(filled).collect();
    let mut all: Vec<Vec<Sign>> =
        events.iter().zip(&samples).map(|(event, sample)| fixed(event, sample)).collect();
    for at in 0..events.len() {
        for other in (0..events.len()).filter(|other| *other != at) {
            let confused = all[at].iter().all(|sign| sign.holds(&samples[other]));
            let by_header = headers_differ(&events[at], &events[other]);
            if confused && !by_header && all[at].len() < MOST_SIGNS {
                let telling = lacking(&samples[at], &samples[other]);
                all[at].extend(telling.map(|pointer| Sign { pointer, value: None }));
            }
        }
    }
    for (event, signs) in events.iter_mut().zip(all) {
        let in_form = event.content_type.as_deref().is_some_and(is_form);
        let headers = event.recognise.pop().unwrap_or_default();
        let signs: Vec<String> =
            headers.into_iter().chain(signs.iter().map(|sign| sign.written(in_form))).collect();
        event.recognise = if signs.is_empty() { Vec::new() } else { vec![signs] };
    }
}

/// A place in the body that is filled, or filled with a certain text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sign {
    pointer: String,
    value: Option<String>,
}

impl Sign {
    fn holds(&self, body: &Value) -> bool {
        let found = body.pointer(&self.pointer).and_then(plain);
        match &self.value {
            Some(value) => found.as_ref() == Some(value),
            None => found.is_some_and(|text| !text.is_empty()),
        }
    }

    /// As a condition; in a form the first part of the pointer is the name of a field.
    fn written(&self, in_form: bool) -> String {
        let place = match self.pointer.strip_prefix('/').filter(|_| in_form) {
            Some(rest) => match rest.split_once('/') {
                Some((field, inner)) => format!("form:{}:/{inner}", unescape(field)),
                None => format!("form:{}", unescape(rest)),
            },
            None => format!("body:{}", self.pointer),
        };
        match &self.value {
            Some(value) => format!("{place}={value}"),
            None => place,
        }
    }
}

/// A part of a JSON pointer as a key.
fn unescape(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

fn headers_differ(one: &OwnEvent, other: &OwnEvent) -> bool {
    let signs = |event: &OwnEvent| event.recognise.first().cloned().unwrap_or_default();
    let (ours, theirs) = (signs(one), signs(other));
    !ours.is_empty() && ours.iter().any(|sign| !theirs.contains(sign))
}

fn filled(event: &OwnEvent) -> Value {
    let mut rng = StdRng::seed_from_u64(0);
    let mut filler = Filler::new(&mut rng, Timestamp::EPOCH, &event.event_type, &event.event_type, "id");
    template(&event.sample).map(|sample| sample.fill(&mut filler)).unwrap_or_default()
}

/// The values that the schema fixes and the sample has.
fn fixed(event: &OwnEvent, sample: &Value) -> Vec<Sign> {
    let mut signs = Vec::new();
    if let Some(schema) = &event.schema {
        collect(schema, schema, "", 0, &mut signs);
    }
    signs.retain(|sign| sign.holds(sample));
    signs.dedup();
    signs.truncate(MOST_SIGNS);
    signs
}

fn collect(root: &Value, schema: &Value, pointer: &str, depth: usize, signs: &mut Vec<Sign>) {
    let Some(schema) = resolved(root, schema) else { return };
    if depth > DEEPEST || signs.len() >= 4 * MOST_SIGNS {
        return;
    }
    let only = match schema.get("enum").and_then(Value::as_array).map(Vec::as_slice) {
        Some([only]) => Some(only),
        _ => schema.get("const"),
    };
    // A place that holds what separates conditions cannot be named.
    let can_be_named = !pointer.is_empty() && !pointer.contains('=');
    if let Some(value) =
        only.and_then(plain).filter(|text| can_be_named && !text.is_empty() && text.len() <= 200)
    {
        signs.push(Sign { pointer: pointer.to_owned(), value: Some(value) });
    }
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        collect(root, part, pointer, depth + 1, signs);
    }
    for (name, inner) in schema.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::iter) {
        collect(root, inner, &format!("{pointer}/{}", super::openapi::escape(name)), depth + 1, signs);
    }
}

fn resolved<'a>(root: &'a Value, schema: &'a Value) -> Option<&'a Map<String, Value>> {
    let mut schema = schema.as_object()?;
    for _ in 0..LONGEST_CHAIN {
        let Some(Value::String(reference)) = schema.get("$ref") else { break };
        schema = root.pointer(reference.strip_prefix('#')?)?.as_object()?;
    }
    Some(schema)
}

/// A field of one body that the other has not.
fn lacking(ours: &Value, theirs: &Value) -> Option<String> {
    let fields = ours.as_object()?;
    let telling = |(name, value): &(&String, &Value)| {
        let filled = plain(value).is_some_and(|text| !text.is_empty());
        filled
            && !name.contains('=')
            && theirs.get(name.as_str()).and_then(plain).is_none_or(|text| text.is_empty())
    };
    let (name, _) = fields.iter().find(telling)?;
    Some(format!("/{}", super::openapi::escape(name)))
}

/// A value that is no document, as recognising reads it.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(holds) => Some(holds.to_string()),
        _ => None,
    }
}
