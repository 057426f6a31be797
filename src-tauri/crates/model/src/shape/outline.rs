use serde_json::Value;

use super::key::{Step, written};
use super::node::Node;
use super::{Drift, DriftKind, JsonType, MISSED_FROM, Shape, TextFormat};

/// The longest example, in characters.
const LONGEST_EXAMPLE: usize = 80;

/// One place of a shape.
#[derive(Clone, Debug, PartialEq)]
pub struct ShapeField {
    /// Where: `data.items[].id`; `$` for the whole body.
    pub path: String,
    /// Its last step: `id`, `[]`, `*` where keys are data, `$`.
    pub name: String,
    /// How many steps it lies below the whole.
    pub depth: usize,
    /// The types that were seen, and how often each.
    pub types: Vec<(JsonType, u64)>,
    /// How many values were there.
    pub seen: u64,
    /// How many there could have been: the objects above it; of items and of keys that are data, what was there.
    pub of: u64,
    /// Whether it counts as missing where it is not there.
    pub required: bool,
    /// What all texts were written as.
    pub format: Option<TextFormat>,
    /// The texts that were seen, where they are few words.
    pub words: Vec<String>,
    /// What stands there in the example, where that is no object and no array.
    pub example: Option<Value>,
}

impl ShapeField {
    /// How many bodies have differed so since the drift was told, the first one among them; `None` where that is not
    /// counted.
    pub fn times(&self, drift: &Drift) -> Option<u64> {
        match drift.kind {
            DriftKind::NewField | DriftKind::NewEventType => Some(self.seen),
            DriftKind::MissingField => Some(self.of.saturating_sub(self.seen)),
            DriftKind::ChangedType => {
                let count = |is| self.types.iter().find(|(kind, _)| *kind == is).map(|(_, count)| *count);
                drift.is.and_then(count)
            }
        }
    }
}

impl Shape {
    /// Its places, each before what is below it, with what stands there in the example.
    pub fn outline(&self, example: Option<&Value>) -> Vec<ShapeField> {
        let mut outline = Outline { bodies: self.bodies, steps: Vec::new(), fields: Vec::new() };
        outline.add(&self.root, self.bodies, false, example);
        outline.fields
    }
}

struct Outline<'n> {
    bodies: u64,
    steps: Vec<Step<'n>>,
    fields: Vec<ShapeField>,
}

impl<'n> Outline<'n> {
    fn add(&mut self, node: &'n Node, of: u64, required: bool, example: Option<&Value>) {
        let types = node.types().into_iter().map(|kind| (kind, node.count(kind))).collect();
        self.fields.push(ShapeField {
            path: written(&self.steps),
            name: match self.steps.last() {
                None => "$".to_owned(),
                Some(Step::Name(name)) => (*name).to_owned(),
                Some(Step::AnyName) => "*".to_owned(),
                Some(Step::Items) => "[]".to_owned(),
            },
            depth: self.steps.len(),
            types,
            seen: node.seen(),
            of,
            required,
            format: node.formats.agreed().filter(|_| node.strings > 0),
            words: node.words.known().into_iter().flatten().cloned().collect(),
            example: example.and_then(shown),
        });
        let bodies = self.bodies;
        for (name, field) in &node.fields {
            let required = bodies >= MISSED_FROM && node.objects >= MISSED_FROM && node.always_has(field);
            let example = example.and_then(|example| example.get(name));
            self.below(Step::Name(name), field, node.objects, required, example);
        }
        if let Some(others) = &node.others {
            self.below(Step::AnyName, others, others.seen(), false, None);
        }
        if let Some(items) = &node.items {
            let example = example.and_then(|example| example.get(0));
            self.below(Step::Items, items, items.seen(), false, example);
        }
    }

    fn below(&mut self, step: Step<'n>, node: &'n Node, of: u64, required: bool, example: Option<&Value>) {
        self.steps.push(step);
        self.add(node, of, required, example);
        self.steps.pop();
    }
}

/// A value as an example; `None` of what holds others.
fn shown(value: &Value) -> Option<Value> {
    match value {
        Value::Object(_) | Value::Array(_) => None,
        Value::String(text) if text.chars().count() > LONGEST_EXAMPLE => {
            let cut: String = text.chars().take(LONGEST_EXAMPLE - 1).collect();
            Some(Value::from(format!("{cut}…")))
        }
        other => Some(other.clone()),
    }
}
