//! JSON Lines: one captured request a line, with everything that is known of it. Our own form; README.md has it.

use bytes::Bytes;
use hookbench_model::{HeaderPairs, Timestamp};
use serde::{Deserialize, Serialize};

use crate::read::Intake;
use crate::recorded::Recorded;
use crate::target::{Target, writable};
use crate::{Fault, Message, Outgoing, Place, ReadError, headers, said, text};

/// What is read of a line; what else stands there is passed over.
#[derive(Deserialize)]
struct Line {
    received_at: Option<String>,
    method: String,
    url: Option<String>,
    addressed: Option<String>,
    path: Option<String>,
    query: Option<String>,
    http_version: Option<String>,
    #[serde(default)]
    headers: HeaderPairs,
    body: Option<String>,
    body_base64: Option<String>,
    status: Option<u16>,
    remote_addr: Option<String>,
    #[serde(default)]
    note: String,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    pinned: bool,
    event_type: Option<String>,
    provider_event_id: Option<String>,
    #[serde(flatten)]
    recorded: Recorded,
}

/// A line as it is written.
#[derive(Serialize)]
struct Written<'m> {
    id: &'m str,
    inbox: &'m str,
    received_at: Option<String>,
    method: &'m str,
    url: String,
    addressed: Option<&'m str>,
    path: &'m str,
    query: Option<&'m str>,
    http_version: Option<&'m str>,
    headers: &'m HeaderPairs,
    body_size: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'m str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_base64: Option<String>,
    status: Option<u16>,
    remote_addr: Option<&'m str>,
    event_type: Option<&'m str>,
    provider_event_id: Option<&'m str>,
    verification: Verification<'m>,
    delivery_id: Option<&'m str>,
    attempt_number: Option<u32>,
    note: &'m str,
    tags: &'m [String],
    pinned: bool,
    #[serde(flatten)]
    recorded: Recorded,
    veiled: bool,
    redacted: bool,
}

#[derive(Serialize)]
struct Verification<'m> {
    status: &'m str,
    scheme: Option<&'m str>,
    reason: Option<&'m str>,
    message: &'m str,
}

pub(crate) fn read(content: &[u8], intake: &mut Intake<'_>) -> Result<(), ReadError> {
    for (index, line) in content.split(|byte| *byte == b'\n').enumerate() {
        if !line.trim_ascii().is_empty() {
            intake.take(Place::Line(index + 1), message(line))?;
        }
    }
    Ok(())
}

pub(crate) fn message(line: &[u8]) -> Result<Message, Fault> {
    // The form first, so that what is no JSON is told apart from a field that is missing.
    let text = std::str::from_utf8(line).map_err(|_| Fault::NotJson("it is not UTF-8".to_owned()))?;
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
        return Err(Fault::NotJson(error.to_string()));
    }
    let line: Line = serde_json::from_str(text).map_err(|error| Fault::Form(said::of(&error)))?;
    let target = match (line.path, line.url) {
        // As it was written here: what was addressed is told apart from what is below it.
        (Some(path), _) => Target { origin: line.addressed, path, query: line.query },
        (None, Some(url)) => Target::read(&writable(&url))?,
        (None, None) => return Err(Fault::NoUrl),
    };
    let Target { origin, path, query } = target;
    let mut message = Message {
        at: line.received_at.map(|at| Timestamp::parse_rfc3339(&at).ok_or(Fault::Time)).transpose()?,
        method: line.method,
        addressed: origin,
        path,
        query,
        http_version: line.http_version,
        headers: line.headers,
        body: match (line.body, line.body_base64) {
            (_, Some(base64)) => headers::decoded(&base64, "body")?,
            (Some(text), None) => Bytes::from(text),
            (None, None) => Bytes::new(),
        },
        status: line.status.filter(|status| (100..=599).contains(status)),
        remote_addr: line.remote_addr,
        note: line.note,
        tags: line.tags,
        pinned: line.pinned,
        event_type: line.event_type,
        provider_event_id: line.provider_event_id,
        ..Message::default()
    };
    line.recorded.put(&mut message);
    Ok(message)
}

/// One request, without the end of its line.
pub(crate) fn line(Outgoing { message, facts }: &Outgoing) -> Vec<u8> {
    let body = text::of(&message.body);
    let written = Written {
        id: &facts.id,
        inbox: &facts.inbox,
        received_at: message.at.map(Timestamp::to_rfc3339),
        method: &message.method,
        url: message.url(),
        addressed: message.addressed.as_deref(),
        path: &message.path,
        query: message.query.as_deref(),
        http_version: message.http_version.as_deref(),
        headers: &message.headers,
        body_size: message.body.len(),
        body,
        body_base64: body.is_none().then(|| data_encoding::BASE64.encode(&message.body)),
        status: message.status,
        remote_addr: message.remote_addr.as_deref(),
        event_type: message.event_type.as_deref(),
        provider_event_id: message.provider_event_id.as_deref(),
        verification: Verification {
            status: &facts.verification,
            scheme: facts.scheme.as_deref(),
            reason: facts.reason.as_deref(),
            message: &facts.message,
        },
        delivery_id: facts.delivery.as_ref().map(|(id, _)| id.as_str()),
        attempt_number: facts.delivery.as_ref().map(|(_, number)| *number),
        note: &message.note,
        tags: &message.tags,
        pinned: message.pinned,
        recorded: Recorded::of(message),
        veiled: facts.veiled,
        redacted: facts.redacted,
    };
    // Text, numbers and lists of them: there is nothing in it that JSON could not hold.
    serde_json::to_vec(&written).unwrap_or_default()
}
