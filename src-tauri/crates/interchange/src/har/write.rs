use serde_json::{Map, Value, json};

use super::marks::{MARKS, Marks};
use super::{Gathered, place};
use crate::recorded::Recorded;
use crate::{Message, Outgoing, headers, text};

/// What stands before the entries.
pub(crate) const BEGIN: &str = concat!(
    "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"Hookbench\",\"version\":\"",
    env!("CARGO_PKG_VERSION"),
    "\"},\"entries\":["
);

/// What stands after them.
pub(crate) fn end(pages: &Gathered) -> String {
    format!("\n]{}}}}}\n", pages.written())
}

/// One entry, as text; the page that it names is one of those that are written after all of them.
pub(crate) fn entry(outgoing: &Outgoing, pages: &mut Gathered) -> String {
    let whole = !outgoing.facts.veiled && !outgoing.facts.redacted;
    let kept = outgoing.message.kept.as_deref().filter(|_| whole);
    kept.and_then(|kept| as_it_was(kept, &outgoing.message, pages))
        .unwrap_or_else(|| ours(outgoing).to_string())
}

/// The entry as another tool wrote it, with its body put back, and what a person says of it now.
fn as_it_was(kept: &str, message: &Message, pages: &mut Gathered) -> Option<String> {
    let mut entry = kept.to_owned();
    pages.take(&mut entry);
    let kept = entry.clone();
    let kept = kept.as_str();
    if let Some((data, "null")) = place::body(kept) {
        let encoding = place::field(data, "encoding").or_else(|| place::field(data, "_encoding"));
        let encoding: Option<String> = encoding.and_then(|encoding| serde_json::from_str(encoding).ok());
        let body = if encoding.is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64")) {
            data_encoding::BASE64.encode(&message.body)
        } else {
            text::of(&message.body)?.to_owned()
        };
        let at = place::range(kept, place::field(data, "text")?);
        entry.replace_range(at, &Value::from(body).to_string());
    }
    put(&mut entry, "comment", &message.note)?;
    put(&mut entry, MARKS, &Marks::of(message))?;
    Some(entry)
}

/// Sets a field of an entry, which stays as it is written where it says the same. No field says the same as nothing in it.
fn put<T>(entry: &mut String, name: &str, now: &T) -> Option<()>
where
    T: serde::Serialize + serde::de::DeserializeOwned + Default + PartialEq,
{
    let before = place::field(entry, name).map(|text| {
        let said: Option<T> = serde_json::from_str(text).ok().flatten();
        (place::range(entry, text), said.unwrap_or_default())
    });
    let text = serde_json::to_string(now).ok()?;
    match before {
        Some((_, said)) if said == *now => {}
        Some((at, _)) => entry.replace_range(at, &text),
        None if *now == T::default() => {}
        None => {
            // It has a request, so a comma stands before what is added.
            let end = entry.rfind('}')?;
            entry.insert_str(end, &format!(",\"{name}\":{text}"));
        }
    }
    Some(())
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
            "http_version": message.http_version,
            "remote_addr": message.remote_addr,
            "event_type": message.event_type,
            "provider_event_id": message.provider_event_id,
            "verification": facts.verification,
            "tags": message.tags,
            "pinned": message.pinned,
            "veiled": facts.veiled,
            "redacted": facts.redacted,
        },
    });
    if let Ok(Value::Object(recorded)) = serde_json::to_value(Recorded::of(message))
        && let Some(own) = entry.get_mut("_hookbench").and_then(Value::as_object_mut)
    {
        own.extend(recorded);
    }
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
