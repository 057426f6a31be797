//! Header parameters: what value a sender would give them.

use super::escaped_text;
use serde_json::Value;

/// A header that is sent.
pub(super) struct Described {
    pub(super) name: String,
    pub(super) template: String,
    /// The sign that it is, where it always has one value.
    pub(super) sign: Option<String>,
}

/// Headers that are made otherwise, whatever a document says of them.
const MADE: [&str; 8] = [
    "accept",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "host",
    "transfer-encoding",
];

/// The header of a parameter; `None` where it is none, or its value cannot be known.
pub(super) fn describe(parameter: &Value, schema: &Value) -> Option<Described> {
    let name = parameter.get("name")?.as_str()?;
    let lower = name.to_ascii_lowercase();
    let token = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let fits = !name.is_empty() && name.len() <= 100 && name.bytes().all(token);
    // A signature is the scheme's to make.
    if parameter.get("in")?.as_str()? != "header"
        || !fits
        || MADE.contains(&lower.as_str())
        || lower.contains("signature")
    {
        return None;
    }
    if let Some(fixed) = fixed(schema) {
        return Some(Described {
            sign: (!fixed.contains('=')).then(|| format!("header:{name}={fixed}")),
            template: escaped_text(&fixed),
            name: name.to_owned(),
        });
    }
    Some(Described { name: name.to_owned(), template: varying(&lower, parameter, schema)?, sign: None })
}

/// The only value that there is.
fn fixed(schema: &Value) -> Option<String> {
    let only = match schema.get("enum").and_then(Value::as_array).map(Vec::as_slice) {
        Some([only]) => Some(only),
        _ => schema.get("const"),
    };
    only.and_then(text)
}

fn varying(name: &str, parameter: &Value, schema: &Value) -> Option<String> {
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    let number = matches!(schema.get("type").and_then(Value::as_str), Some("integer" | "number"));
    let made = match format {
        "uuid" => Some("{event_uuid}"),
        "date-time" => Some("{rfc3339}"),
        _ if name.contains("timestamp") && number => Some("{unix}"),
        _ => None,
    };
    if let Some(made) = made {
        return Some(made.to_owned());
    }
    let of_examples =
        parameter.get("examples").and_then(Value::as_object).and_then(|all| all.values().next());
    let first = schema.get("examples").and_then(Value::as_array).and_then(|all| all.first());
    let printed = [
        parameter.get("example"),
        of_examples.and_then(|example| example.get("value")),
        schema.get("example"),
        first,
        schema.get("default"),
    ];
    printed.into_iter().flatten().find_map(text).map(|text| escaped_text(&text))
}

/// A plain value that can stand in a header.
fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(holds) => holds.to_string(),
        _ => return None,
    };
    let fits =
        !text.is_empty() && text.len() <= 500 && text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    fits.then_some(text)
}
