use serde_json::{Map, Value, json};

use crate::{Message, Outgoing, headers, text};

/// What stands before the entries.
pub(crate) const BEGIN: &str = concat!(
    "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"Hookbench\",\"version\":\"",
    env!("CARGO_PKG_VERSION"),
    "\"},\"entries\":["
);
/// What stands after them.
pub(crate) const END: &str = "\n]}}\n";

/// One entry.
pub(crate) fn entry(outgoing: &Outgoing) -> Value {
    let whole = !outgoing.facts.veiled && !outgoing.facts.redacted;
    let kept = outgoing.message.kept.as_deref().filter(|_| whole);
    kept.and_then(|kept| as_it_was(kept, &outgoing.message)).unwrap_or_else(|| ours(outgoing))
}

/// The entry as another tool wrote it.
fn as_it_was(kept: &str, message: &Message) -> Option<Value> {
    let mut entry: Value = serde_json::from_str(kept).ok()?;
    let request = entry.get_mut("request")?;
    for place in ["postData", "_content"] {
        let Some(data) = request.get_mut(place).and_then(Value::as_object_mut) else { continue };
        if data.get("text") != Some(&Value::Null) {
            continue;
        }
        let encoding = data.get("encoding").or_else(|| data.get("_encoding")).and_then(Value::as_str);
        let is_base64 = encoding.is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64"));
        let body = if is_base64 {
            data_encoding::BASE64.encode(&message.body)
        } else {
            text::of(&message.body)?.to_owned()
        };
        data.insert("text".to_owned(), body.into());
        break;
    }
    if !message.note.is_empty() {
        entry.as_object_mut()?.insert("comment".to_owned(), message.note.clone().into());
    }
    Some(entry)
}

fn ours(Outgoing { message, facts }: &Outgoing) -> Value {
    let version = message.http_version.as_deref().unwrap_or("HTTP/1.1");
    let mut entry = json!({
        "startedDateTime": message.at.map(hookbench_model::Timestamp::to_rfc3339),
        "time": 0,
        "request": {
            "method": message.method,
            "url": message.url(),
            "httpVersion": version,
            "cookies": [],
            "headers": message.headers.iter().map(header).collect::<Vec<_>>(),
            "queryString": query(message.query.as_deref()),
            "headersSize": -1,
            "bodySize": message.body.len(),
        },
        "response": {
            "status": message.status.unwrap_or(0),
            "statusText": "",
            "httpVersion": version,
            "cookies": [],
            "headers": [],
            "content": {"size": 0, "mimeType": "x-unknown"},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
        "_hookbench": {
            "id": facts.id,
            "inbox": facts.inbox,
            "addressed": message.addressed,
            "path": message.path,
            "query": message.query,
            "remote_addr": message.remote_addr,
            "event_type": facts.event_type,
            "verification": facts.verification,
            "tags": message.tags,
            "pinned": message.pinned,
            "veiled": facts.veiled,
            "redacted": facts.redacted,
        },
    });
    if !message.body.is_empty()
        && let Some(request) = entry.get_mut("request").and_then(Value::as_object_mut)
    {
        request.insert("postData".to_owned(), post_data(message));
    }
    if !message.note.is_empty()
        && let Some(entry) = entry.as_object_mut()
    {
        entry.insert("comment".to_owned(), message.note.clone().into());
    }
    entry
}

fn post_data(message: &Message) -> Value {
    let mut data = Map::new();
    data.insert("mimeType".to_owned(), message.content_type().unwrap_or_default().into());
    let text = text::of(&message.body);
    if text.is_none() {
        data.insert("encoding".to_owned(), "base64".into());
    }
    let text = text.map_or_else(|| data_encoding::BASE64.encode(&message.body), ToOwned::to_owned);
    data.insert("text".to_owned(), text.into());
    Value::Object(data)
}

fn header((name, value): (&str, &hookbench_model::HeaderValue)) -> Value {
    match value.as_str() {
        Some(text) => json!({"name": name, "value": text}),
        None => json!({
            "name": name,
            "value": headers::latin1(value.as_bytes()),
            "_base64": data_encoding::BASE64.encode(value.as_bytes()),
        }),
    }
}

fn query(query: Option<&str>) -> Vec<Value> {
    let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    pairs.map(|(name, value)| json!({"name": name, "value": value})).collect()
}
