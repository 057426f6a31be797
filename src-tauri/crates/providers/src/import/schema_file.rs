//! A JSON Schema file: one event, named by the file.

use super::{Described, Fault, Faults, closure, event_name, first_paragraph};
use serde_json::Value;

/// What the name of a schema file may end in.
const ENDINGS: [&str; 4] = [".json", ".yaml", ".yml", ".schema"];

pub(super) fn event(file: &str, document: &Value) -> Result<Described, Faults> {
    let describes = ["type", "properties", "$ref", "allOf", "anyOf", "oneOf", "items"]
        .iter()
        .any(|key| document.get(key).is_some());
    if !describes {
        return Err(Fault::new(
            "",
            "is neither an OpenAPI document nor a JSON Schema that says what an event holds",
        )
        .into());
    }
    let event_type = event_name(stem(file));
    if event_type.is_empty() {
        let problem = "the file's name is that of the event: `invoice.paid.schema.json`";
        return Err(Fault::new("", problem).into());
    }
    let text = |key: &str, longest| {
        document.get(key).and_then(Value::as_str).map(|text| first_paragraph(text, longest))
    };
    let schema = closure::close(document, document, "")?;
    let examples = document.get("examples").and_then(Value::as_array).into_iter().flatten();
    Ok(Described {
        place: String::new(),
        name: text("title", 100).unwrap_or_else(|| event_type.clone()),
        description: text("description", 500).unwrap_or_default(),
        event_type,
        method: "POST".to_owned(),
        content_type: None,
        headers: Vec::new(),
        header_signs: Vec::new(),
        schema: Some(schema),
        examples: examples.chain(document.get("example")).cloned().collect(),
    })
}

fn stem(file: &str) -> &str {
    let mut stem = file.rsplit(['/', '\\']).next().unwrap_or(file);
    while let Some(shorter) = ENDINGS.iter().find_map(|ending| stem.strip_suffix(ending)) {
        stem = shorter;
    }
    stem
}
