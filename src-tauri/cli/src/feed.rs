//! The change feed, read as server-sent events.

use axum::body::Body;
use http_body_util::BodyExt as _;
use serde_json::Value;

use crate::client::Client;
use crate::error::CliError;

/// Changes as they come.
pub(crate) struct Feed {
    body: Body,
    unread: Vec<u8>,
}

/// One message of the feed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Message {
    /// The event's name: a noun of the contract, or `resync`.
    pub(crate) event: String,
    /// What it says.
    pub(crate) data: Value,
}

impl Feed {
    /// From now on.
    pub(crate) async fn open(client: &Client) -> Result<Self, CliError> {
        Ok(Self { body: client.stream("/v1/changes").await?, unread: Vec::new() })
    }

    /// The next message; `None` when the workspace has ended the feed.
    pub(crate) async fn next(&mut self) -> Result<Option<Message>, CliError> {
        loop {
            if let Some(end) = self.unread.windows(2).position(|pair| pair == b"\n\n") {
                let block: Vec<u8> = self.unread.drain(..end + 2).collect();
                if let Some(message) = parse(&String::from_utf8_lossy(&block)) {
                    return Ok(Some(message));
                }
                continue;
            }
            let Some(frame) = self.body.frame().await else { return Ok(None) };
            if let Ok(data) = frame.map_err(CliError::Router)?.into_data() {
                self.unread.extend_from_slice(&data);
            }
        }
    }
}

/// `None` for a block without data: a comment that keeps the connection alive.
fn parse(block: &str) -> Option<Message> {
    let mut message = Message { event: "message".to_owned(), data: Value::Null };
    let mut data = String::new();
    for line in block.lines() {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut message.event),
            "data" => data.push_str(value),
            _ => {}
        }
    }
    if data.is_empty() && message.event == "message" {
        return None;
    }
    message.data = serde_json::from_str(&data).unwrap_or_default();
    Some(message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_block_is_read_and_a_comment_is_none() {
        let message = parse("id: a-1\nevent: request\ndata: {\"id\":\"req_1\"}\n\n").unwrap();
        assert_eq!(message, Message { event: "request".to_owned(), data: json!({"id": "req_1"}) });
        assert_eq!(parse(": keep-alive\n\n"), None);
        assert_eq!(parse("event: resync\ndata:\n\n").unwrap().event, "resync");
    }
}
