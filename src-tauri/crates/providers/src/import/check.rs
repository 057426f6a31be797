//! Whether a value is what a schema says, at a price that is known before.

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::{Map, Value};

/// The most steps that checking one value may take.
const MOST_STEPS: usize = 200_000;
/// The deepest that schemas may lead into one another.
const DEEPEST: usize = 100;

/// Keywords whose schemas are about the same value.
const IN_PLACE_LISTS: [&str; 3] = ["allOf", "anyOf", "oneOf"];
const IN_PLACE: [&str; 4] = ["not", "if", "then", "else"];
/// Keywords whose schema is about each of its items or fields.
const OF_CHILDREN: [&str; 7] = [
    "items",
    "additionalProperties",
    "unevaluatedProperties",
    "unevaluatedItems",
    "contains",
    "propertyNames",
    "additionalItems",
];

/// A schema, ready to judge.
#[derive(Debug)]
pub(super) struct Checker {
    ready: Option<(Value, Validator)>,
}

impl Checker {
    /// What any value fits.
    pub(super) fn anything() -> Self {
        Self { ready: None }
    }

    /// Reads a schema that is complete in itself.
    pub(super) fn of(schema: &Value) -> Result<Self, String> {
        let built = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .offline()
            .should_validate_formats(true)
            // The other engine goes back and forth without end on patterns made for it.
            .with_pattern_options(PatternOptions::regex())
            .build(schema);
        let validator = built.map_err(|error| {
            format!(
                "is no schema of JSON Schema 2020-12: at `{}`: {}",
                error.instance_path(),
                shortened(&error)
            )
        })?;
        Ok(Self { ready: Some((schema.clone(), validator)) })
    }

    /// What is wrong with a value; `None` where it is what the schema says.
    pub(super) fn fault(&self, value: &Value) -> Option<String> {
        let (schema, validator) = self.ready.as_ref()?;
        let mut steps = Steps { root: schema, left: MOST_STEPS };
        if steps.judge(schema, value, 0).is_none() {
            return Some(
                "the schema refers to itself without an end, or is too intricate to check".to_owned(),
            );
        }
        let error = validator.iter_errors(value).next()?;
        Some(format!("at `{}`: {}", error.instance_path(), shortened(&error)))
    }
}

fn shortened(error: &jsonschema::ValidationError<'_>) -> String {
    error.to_string().chars().take(200).collect()
}

/// Walks a schema along a value as a validator does, counting.
struct Steps<'a> {
    root: &'a Value,
    left: usize,
}

impl<'a> Steps<'a> {
    /// `None` where it would take too many steps, or go too deep.
    fn judge(&mut self, schema: &'a Value, value: &Value, depth: usize) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        if depth > DEEPEST {
            return None;
        }
        let Value::Object(fields) = schema else { return Some(()) };
        if let Some(target) = fields.get("$ref").and_then(Value::as_str) {
            let target = self.root.pointer(target.strip_prefix('#').unwrap_or_default());
            self.judge(target.unwrap_or(&Value::Null), value, depth + 1)?;
        }
        for list in IN_PLACE_LISTS.iter().filter_map(|key| fields.get(*key)?.as_array()) {
            list.iter().try_for_each(|inner| self.judge(inner, value, depth + 1))?;
        }
        for inner in IN_PLACE.iter().filter_map(|key| fields.get(*key)) {
            self.judge(inner, value, depth + 1)?;
        }
        for inner in
            fields.get("dependentSchemas").and_then(Value::as_object).into_iter().flat_map(Map::values)
        {
            self.judge(inner, value, depth + 1)?;
        }
        self.children(fields, value, depth + 1)
    }

    fn children(&mut self, fields: &'a Map<String, Value>, value: &Value, depth: usize) -> Option<()> {
        let of_all = || OF_CHILDREN.iter().filter_map(|key| fields.get(*key));
        match value {
            Value::Object(members) => {
                let named = fields.get("properties").and_then(Value::as_object);
                let patterns = fields.get("patternProperties").and_then(Value::as_object);
                for (key, member) in members {
                    let own = named.and_then(|named| named.get(key)).into_iter();
                    let by_pattern = patterns.into_iter().flat_map(Map::values);
                    for inner in own.chain(by_pattern).chain(of_all()) {
                        self.judge(inner, member, depth)?;
                    }
                }
            }
            Value::Array(items) => {
                let placed = fields.get("prefixItems").and_then(Value::as_array);
                for (at, item) in items.iter().enumerate() {
                    let own = placed.and_then(|placed| placed.get(at)).into_iter();
                    for inner in own.chain(of_all()) {
                        self.judge(inner, item, depth)?;
                    }
                }
            }
            _ => {}
        }
        Some(())
    }
}
