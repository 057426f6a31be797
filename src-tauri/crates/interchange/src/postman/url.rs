use serde_json::Value;

use super::{disabled, plain};

/// A URL as text: as it was written, or else of its parts; with the values of the variables in its path.
pub(super) fn text(url: &Value) -> Option<String> {
    if let Some(text) = url.as_str() {
        return Some(text.to_owned());
    }
    let text = match url.get("raw").and_then(Value::as_str) {
        Some(raw) => raw.to_owned(),
        None => of_parts(url)?,
    };
    Some(with_variables(text, url))
}

fn of_parts(url: &Value) -> Option<String> {
    let joined = |name: &str, between: &str| match url.get(name)? {
        Value::Array(parts) => Some(parts.iter().map(segment).collect::<Vec<_>>().join(between)),
        text => text.as_str().map(ToOwned::to_owned),
    };
    let protocol = url.get("protocol").and_then(Value::as_str).unwrap_or("http");
    let port = url.get("port").map(plain).filter(|port| !port.is_empty());
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let path = joined("path", "/").unwrap_or_default();
    let pairs = url.get("query").and_then(Value::as_array).into_iter().flatten();
    let pairs = pairs.filter(|pair| !disabled(pair)).map(|pair| {
        let part = |name: &str| pair.get(name).filter(|part| !part.is_null()).map(plain);
        let value = part("value").map(|value| format!("={value}")).unwrap_or_default();
        part("key").unwrap_or_default() + &value
    });
    let query = pairs.collect::<Vec<_>>().join("&");
    let query = if query.is_empty() { query } else { format!("?{query}") };
    Some(format!("{protocol}://{}{port}/{}{query}", joined("host", ".")?, path.trim_start_matches('/')))
}

/// A segment of a path may be an object of its own.
fn segment(part: &Value) -> String {
    part.get("value").map_or_else(|| plain(part), plain)
}

/// `/:id` is a variable of the URL itself.
fn with_variables(text: String, url: &Value) -> String {
    let variables = url.get("variable").and_then(Value::as_array).into_iter().flatten();
    let variables = variables.filter_map(|variable| {
        let name = variable.get("key").or_else(|| variable.get("id"))?.as_str()?;
        Some((name, plain(variable.get("value").filter(|value| !value.is_null())?)))
    });
    let variables: Vec<(&str, String)> = variables.filter(|(_, value)| !value.is_empty()).collect();
    if variables.is_empty() {
        return text;
    }
    let (path, rest) = text.split_at(text.find(['?', '#']).unwrap_or(text.len()));
    let filled = path.split('/').map(|segment| {
        let named = segment.strip_prefix(':');
        let known = named.and_then(|named| variables.iter().find(|(name, _)| *name == named));
        known.map_or(segment, |(_, value)| value)
    });
    filled.collect::<Vec<_>>().join("/") + rest
}
