//! A schema that is complete in itself: what it refers to in its document stands under its own `$defs`.

use super::openapi::escape;
use super::{Fault, Faults};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use std::collections::{HashMap, VecDeque};

/// The most values in one event's schema.
const MOST_VALUES: usize = 100_000;

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Keywords whose value is a map of schemas.
const MAPS: [&str; 3] = ["properties", "patternProperties", "dependentSchemas"];
/// Keywords whose value is a list of schemas.
const LISTS: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];
/// Keywords whose value is a schema.
const SINGLE: [&str; 12] = [
    "items",
    "additionalProperties",
    "unevaluatedProperties",
    "unevaluatedItems",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
    "contentSchema",
    "additionalItems",
];
/// What belongs to the document around, or to nobody here.
const DROPPED: [&str; 11] = [
    "$schema",
    "$id",
    "$anchor",
    "$dynamicAnchor",
    "$comment",
    "$vocabulary",
    "$defs",
    "definitions",
    "xml",
    "externalDocs",
    "discriminator",
];

/// Takes a schema out of its document.
pub(super) fn close(document: &Value, schema: &Value, place: &str) -> Result<Value, Faults> {
    let mut closing = Closing {
        document,
        names: HashMap::new(),
        taken: HashMap::new(),
        waiting: VecDeque::new(),
        left: MOST_VALUES,
        faults: Faults::default(),
    };
    let root = closing.schema(schema, place);
    let root = closing.noted(root);
    let mut defs = Map::new();
    while let Some((name, schema, place)) = closing.waiting.pop_front() {
        let closed = closing.schema(schema, &place);
        defs.insert(name, closing.noted(closed));
    }
    if root == Value::Bool(false) {
        closing.faults.add(Fault::new(place, "allows nothing at all"));
    }
    if !closing.faults.is_empty() {
        return Err(closing.faults);
    }
    let mut whole = Map::new();
    whole.insert("$schema".to_owned(), json!(DRAFT));
    if let Value::Object(fields) = root {
        whole.extend(fields);
    }
    if !defs.is_empty() {
        whole.insert("$defs".to_owned(), Value::Object(defs));
    }
    Ok(Value::Object(whole))
}

/// Where a reference leads in the document.
pub(super) fn target<'a>(
    document: &'a Value,
    reference: &str,
    place: &str,
) -> Result<(&'a Value, String), Fault> {
    let at = || format!("{place}/$ref");
    let Some(fragment) = reference.strip_prefix('#') else {
        let shown: String = reference.chars().take(100).collect();
        return Err(Fault::new(
            at(),
            format!(
                "`{shown}` leads out of the document, and each is read by itself, also where several are given: \
                 bring what it refers to into this one"
            ),
        ));
    };
    if !fragment.is_empty() && !fragment.starts_with('/') {
        return Err(Fault::new(at(), "anchors are not followed: refer by a pointer such as `#/$defs/name`"));
    }
    let pointer = percent_decode_str(fragment).decode_utf8_lossy().into_owned();
    match document.pointer(&pointer) {
        Some(found) => Ok((found, pointer)),
        None => Err(Fault::new(
            at(),
            format!("there is nothing at `{}`", pointer.chars().take(200).collect::<String>()),
        )),
    }
}

struct Closing<'a> {
    document: &'a Value,
    /// The name under `$defs` of what is at a pointer.
    names: HashMap<String, String>,
    /// How many names begin so.
    taken: HashMap<String, usize>,
    waiting: VecDeque<(String, &'a Value, String)>,
    left: usize,
    faults: Faults,
}

impl<'a> Closing<'a> {
    fn spend(&mut self, count: usize, place: &str) -> Result<(), Fault> {
        if let Some(left) = self.left.checked_sub(count) {
            self.left = left;
            return Ok(());
        }
        // Nothing is read behind that.
        (self.left, self.waiting) = (0, VecDeque::new());
        Err(Fault::new(
            place,
            format!("with all it refers to, the schema holds more than {MOST_VALUES} values"),
        ))
    }

    /// A part, or what fits in its place where something is wrong with it: what else is wrong is looked for too.
    fn noted(&mut self, part: Result<Value, Fault>) -> Value {
        self.faults.take(part).unwrap_or(Value::Bool(true))
    }

    /// Goes on with the next part, unless nothing more is read.
    fn goes_on(&mut self, part: Result<Value, Fault>) -> Result<Value, Fault> {
        if self.left == 0 || self.faults.is_full() { part } else { Ok(self.noted(part)) }
    }

    fn schema(&mut self, schema: &'a Value, place: &str) -> Result<Value, Fault> {
        self.spend(1, place)?;
        let fields = match schema {
            Value::Object(fields) => fields,
            Value::Bool(_) => return Ok(schema.clone()),
            _ => return Err(Fault::new(place, "is no schema: it must be an object, true or false")),
        };
        let mut closed = Map::new();
        for (key, value) in fields {
            let inner = || format!("{place}/{}", escape(key));
            let key_of = key.as_str();
            let value = match key_of {
                "$ref" => self.reference(value, place)?,
                "$dynamicRef" | "$recursiveRef" => {
                    return Err(Fault::new(inner(), "is not followed: refer with `$ref`"));
                }
                _ if DROPPED.contains(&key_of) => continue,
                _ if MAPS.contains(&key_of) => self.map(value, &inner())?,
                _ if LISTS.contains(&key_of) => self.list(value, &inner())?,
                "items" if value.is_array() => self.list(value, &inner())?,
                _ if SINGLE.contains(&key_of) => self.schema(value, &inner())?,
                _ => {
                    self.spend(size(value), place)?;
                    value.clone()
                }
            };
            closed.insert(key.clone(), value);
        }
        allow_null(&mut closed);
        Ok(Value::Object(closed))
    }

    fn map(&mut self, value: &'a Value, place: &str) -> Result<Value, Fault> {
        let Value::Object(fields) = value else {
            return Err(Fault::new(place, "must be an object of schemas"));
        };
        let one = |(key, schema): (&String, &'a Value)| {
            let part = self.schema(schema, &format!("{place}/{}", escape(key)));
            Ok((key.clone(), self.goes_on(part)?))
        };
        fields.iter().map(one).collect::<Result<Map<_, _>, Fault>>().map(Value::Object)
    }

    fn list(&mut self, value: &'a Value, place: &str) -> Result<Value, Fault> {
        let Value::Array(items) = value else { return Err(Fault::new(place, "must be a list of schemas")) };
        let one = |(at, schema): (usize, &'a Value)| {
            let part = self.schema(schema, &format!("{place}/{at}"));
            self.goes_on(part)
        };
        items.iter().enumerate().map(one).collect::<Result<Vec<_>, Fault>>().map(Value::Array)
    }

    fn reference(&mut self, value: &Value, place: &str) -> Result<Value, Fault> {
        let Value::String(reference) = value else {
            return Err(Fault::new(format!("{place}/$ref"), "must be a text"));
        };
        let (schema, pointer) = target(self.document, reference, place)?;
        if let Some(name) = self.names.get(&pointer) {
            return Ok(format!("#/$defs/{name}").into());
        }
        let name = self.fresh_name(&pointer);
        self.names.insert(pointer.clone(), name.clone());
        self.waiting.push_back((name.clone(), schema, pointer));
        Ok(format!("#/$defs/{name}").into())
    }

    /// The last part of the pointer, with a number where another has it.
    fn fresh_name(&mut self, pointer: &str) -> String {
        let last = pointer.rsplit('/').next().unwrap_or_default();
        let fits = |letter: &char| letter.is_ascii_alphanumeric() || *letter == '-';
        let plain: String = last.chars().filter(fits).take(60).collect();
        let plain = if plain.is_empty() { "root".to_owned() } else { plain };
        let taken = self.taken.entry(plain.clone()).or_insert(0);
        *taken += 1;
        // An underscore stands in no plain name, so a numbered one is never another's.
        if *taken == 1 { plain } else { format!("{plain}_{taken}") }
    }
}

/// What OpenAPI 3.0 wrote for a type that may be null.
fn allow_null(schema: &mut Map<String, Value>) {
    if schema.remove("nullable") == Some(Value::Bool(true))
        && let Some(Value::String(kind)) = schema.get("type")
    {
        let kinds = json!([kind, "null"]);
        schema.insert("type".to_owned(), kinds);
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(fields) => 1 + fields.values().map(size).sum::<usize>(),
        _ => 1,
    }
}
