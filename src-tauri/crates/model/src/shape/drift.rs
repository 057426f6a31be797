use std::collections::HashSet;

use serde_json::Value;

use super::key::{Step, is_name, written};
use super::node::Node;
use super::{JsonType, MISSED_FROM, Shape};
use crate::DriftId;

/// More is not told of one body.
const MOST: usize = 50;

/// How a body differs from what was known before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DriftKind {
    /// Nothing of that event type had come before, and the provider's profile does not list it.
    NewEventType,
    /// A field that none had before.
    NewField,
    /// Something has a type that it never had before.
    ChangedType,
    /// A field that all had before is not there.
    MissingField,
}

impl DriftKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::NewEventType, Self::NewField, Self::ChangedType, Self::MissingField];
}

/// Some kinds of drift.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DriftKinds(u8);

impl DriftKinds {
    /// With that one too.
    #[must_use]
    pub fn with(self, kind: DriftKind) -> Self {
        Self(self.0 | 1 << kind as u8)
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = DriftKind> {
        DriftKind::ALL.into_iter().filter(move |kind| self.0 & (1 << *kind as u8) != 0)
    }
}

/// One difference between a body and what was known before it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Drift {
    /// What kind.
    pub kind: DriftKind,
    /// Where: `data.items[].id`; `$` for the whole body.
    pub path: String,
    /// The types that were known there; empty where nothing was.
    pub was: Vec<JsonType>,
    /// The type that is there now; `None` where nothing is.
    pub is: Option<JsonType>,
}

impl Drift {
    /// A body of an event type that is new.
    pub fn new_event_type() -> Self {
        Self { kind: DriftKind::NewEventType, path: "$".to_owned(), was: Vec::new(), is: None }
    }
}

/// A drift that was found, to be kept.
#[derive(Clone, Debug)]
pub struct FoundDrift {
    /// Its id.
    pub id: DriftId,
    /// What differs.
    pub drift: Drift,
}

impl Shape {
    /// How a body differs from what is known; each difference once, 50 at most. Nothing differs from a shape that has
    /// learnt nothing yet.
    pub fn compare(&self, body: &Value) -> Vec<Drift> {
        let mut search =
            Search { bodies: self.bodies, steps: Vec::new(), told: HashSet::new(), found: Vec::new() };
        if self.bodies > 0 {
            search.value(&self.root, body, self.depth);
        }
        search.found
    }
}

struct Search<'v> {
    bodies: u64,
    steps: Vec<Step<'v>>,
    told: HashSet<Drift>,
    found: Vec<Drift>,
}

impl<'v> Search<'v> {
    fn value(&mut self, known: &'v Node, value: &'v Value, depth: usize) {
        if self.found.len() >= MOST {
            return;
        }
        let kind = JsonType::of(value);
        if !has_been(known, kind) {
            self.tell(DriftKind::ChangedType, known.types(), Some(kind));
            return;
        }
        match value {
            Value::Object(fields) if depth > 0 && known.objects > 0 => self.object(known, fields, depth - 1),
            Value::Array(items) if depth > 0 => {
                let Some(node) = &known.items else { return };
                self.steps.push(Step::Items);
                for item in items {
                    self.value(node, item, depth - 1);
                }
                self.steps.pop();
            }
            _ => {}
        }
    }

    fn object(&mut self, known: &'v Node, fields: &'v serde_json::Map<String, Value>, depth: usize) {
        for (key, value) in fields {
            let is_field = !known.is_map && is_name(key);
            let node = if is_field { known.fields.get(key) } else { known.others.as_deref() };
            self.steps.push(if is_field { Step::Name(key) } else { Step::AnyName });
            match node {
                Some(node) => self.value(node, value, depth),
                None if is_field => self.tell(DriftKind::NewField, Vec::new(), Some(JsonType::of(value))),
                // Keys that are data come and go.
                None => {}
            }
            self.steps.pop();
        }
        if self.bodies < MISSED_FROM || known.objects < MISSED_FROM {
            return;
        }
        for (key, field) in &known.fields {
            if known.always_has(field) && !fields.contains_key(key) {
                self.steps.push(Step::Name(key));
                self.tell(DriftKind::MissingField, field.types(), None);
                self.steps.pop();
            }
        }
    }

    fn tell(&mut self, kind: DriftKind, was: Vec<JsonType>, is: Option<JsonType>) {
        let drift = Drift { kind, path: written(&self.steps), was, is };
        if self.found.len() < MOST && self.told.insert(drift.clone()) {
            self.found.push(drift);
        }
    }
}

/// Whether a value of that type is nothing new there. Where there was a number with a fraction, one without is none
/// either; and of what has only ever been null nobody knows what it will be.
fn has_been(known: &Node, kind: JsonType) -> bool {
    known.count(kind) > 0 || (kind == JsonType::Integer && known.fractions > 0) || known.seen() == known.nulls
}
