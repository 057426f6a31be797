use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use hookbench_signing::Secret;
use http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use super::LONGEST;

/// What a handshake is answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: StatusCode,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Bytes,
    /// A secret that came with the question, for an inbox that has none.
    pub(crate) secret: Option<Secret>,
}

impl Answer {
    /// Nothing but 200.
    pub(super) fn ok() -> Self {
        Self { status: StatusCode::OK, headers: HeaderMap::new(), body: Bytes::new(), secret: None }
    }

    /// Plain text, which no browser takes for anything else.
    pub(super) fn text(text: String) -> Self {
        Self { body: text.into(), ..Self::ok() }.of_type("text/plain; charset=utf-8")
    }

    /// JSON.
    pub(super) fn json(value: &Value) -> Self {
        Self { body: value.to_string().into(), ..Self::ok() }.of_type("application/json")
    }

    /// A challenge repeated as plain text, unless it is one that nobody asks.
    pub(super) fn repeating(name: &str, challenge: String) -> Self {
        Self::unfit(name, &challenge).unwrap_or_else(|| Self::text(challenge))
    }

    /// It is a handshake, and it is wrong.
    pub(super) fn refused(status: StatusCode, sentence: &str) -> Self {
        Self { status, ..Self::text(format!("{sentence}\n")) }
    }

    /// The refusal of what is of no use: `problem` says why, without a full stop.
    pub(super) fn not_answered(problem: &str) -> Self {
        Self::refused(StatusCode::BAD_REQUEST, &format!("Captured, and not answered: {problem}."))
    }

    /// The refusal of what cannot be repeated: it is empty, longer than any that a provider sends, or was not
    /// text, for which decoding leaves a replacement character.
    pub(super) fn unfit(name: &str, challenge: &str) -> Option<Self> {
        match challenge.len() {
            0 => Some(Self::not_answered(&format!("{name} is empty"))),
            _ if challenge.contains(char::REPLACEMENT_CHARACTER) => Some(Self::not_text(name)),
            1..=LONGEST => None,
            length => Some(Self::not_answered(&format!(
                "{name} is {length} bytes long, and no more than {LONGEST} are repeated"
            ))),
        }
    }

    /// The refusal of what is no text.
    pub(super) fn not_text(name: &str) -> Self {
        Self::not_answered(&format!("{name} is not text"))
    }

    /// With one more header.
    pub(super) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    fn of_type(self, content_type: &'static str) -> Self {
        self.with(CONTENT_TYPE, HeaderValue::from_static(content_type))
            .with(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"))
    }

    pub(crate) fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}
