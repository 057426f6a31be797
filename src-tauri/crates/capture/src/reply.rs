use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use hookbench_model::{HeaderPairs, InboxId, InboxResponse};
use hookbench_store::StoreError;
use http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::fault::Fault;
use crate::relay_head::OwnHead;

const WELCOME: &str = "This is Hookbench's capture receiver.\n\
    It keeps every request that is sent to an inbox, at this address and the inbox's name: /my-inbox\n\
    Make inboxes, and look at what they caught, in the Hookbench window or with `hookbench`.\n";

/// Headers that belong to the connection or to framing; hyper writes those itself.
const NOT_OURS: [&str; 8] = [
    "connection",
    "content-length",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Whether a header belongs to one connection rather than to the message (RFC 9110 section 7.6.1), or
/// says how long the message is.
pub(crate) fn is_of_connection(name: &str) -> bool {
    NOT_OURS.iter().any(|other| other.eq_ignore_ascii_case(name))
}

/// Whether an answer of that status has no body, whatever it says (RFC 9110 sections 15.3.5 and 15.4.5).
pub(crate) fn has_no_body(status: StatusCode) -> bool {
    matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

/// The headers of an answer that can be sent, without those of the connection: for the HTTP library, and as they are
/// written.
pub(crate) fn sendable(headers: &HeaderPairs) -> (HeaderMap, HeaderPairs) {
    let mut map = HeaderMap::with_capacity(headers.len());
    let mut written = HeaderPairs::new();
    for (name, value) in headers.iter().filter(|(name, _)| !is_of_connection(name)) {
        let read = (name.parse::<HeaderName>(), HeaderValue::from_bytes(value.as_bytes()));
        if let (Ok(known), Ok(read)) = read {
            map.append(known, read);
            written.push(name, value.clone());
        }
    }
    (map, written)
}

/// An inbox's answer, ready to be sent many times.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    headers: HeaderMap,
    /// The headers as they were written, for HTTP/1.
    head: Option<OwnHead>,
    body: Bytes,
    pub(crate) delay_ms: u64,
}

impl Reply {
    /// Makes the answer ready. What cannot stand in an answer is left out and named in the log: an inbox
    /// that answers less is better than one that captures nothing.
    pub(crate) fn of(response: &InboxResponse) -> Self {
        let status = StatusCode::from_u16(response.status).ok().filter(|status| status.as_u16() >= 200);
        if status.is_none() {
            tracing::warn!(status = response.status, "an inbox's status cannot be answered, 200 is");
        }
        let status = status.unwrap_or(StatusCode::OK);
        let (headers, written) = sendable(&response.headers);
        for (name, _) in response.headers.iter().filter(|(name, _)| !is_of_connection(name)) {
            if written.get(name).is_none() {
                tracing::warn!(name, "an inbox's header cannot be answered");
            }
        }
        Self {
            status,
            headers,
            head: OwnHead::ours(status, written),
            body: if has_no_body(status) { Bytes::new() } else { response.body.clone() },
            delay_ms: response.delay_ms.min(InboxResponse::MAX_DELAY_MS),
        }
    }

    pub(crate) fn to_response(&self) -> Response {
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.status_mut() = self.status;
        response.headers_mut().clone_from(&self.headers);
        if let Some(head) = &self.head {
            response.extensions_mut().insert(head.clone());
        }
        response
    }
}

/// Why a request got another answer than its inbox's.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It breaks a rule or a limit; the connection ends.
    Fault(Fault),
    /// The same of one whose inbox could be told, and that is stored as far as it came.
    Kept(Fault),
    /// Nobody is addressed.
    Nobody,
    /// No inbox has that name.
    NoInbox(String),
    /// Who sends may not: by the workspace's list, or by that inbox's.
    NotAllowed(Option<InboxId>),
    /// What the inbox wants to be shown was not.
    Unauthorized {
        /// The inbox.
        inbox: InboxId,
        /// What it wants, as `WWW-Authenticate` says it.
        challenge: HeaderValue,
    },
    /// It could not be stored.
    Store(StoreError),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Refusal {
    /// Its kind, for the log: nothing that its sender wrote is in it.
    pub(crate) fn kind(&self) -> String {
        match self {
            Self::Fault(fault) | Self::Kept(fault) => format!("{fault:?}"),
            Self::Nobody => "Nobody".to_owned(),
            Self::NoInbox(_) => "NoInbox".to_owned(),
            Self::NotAllowed(_) => "NotAllowed".to_owned(),
            Self::Unauthorized { .. } => "Unauthorized".to_owned(),
            Self::Store(_) => "Store".to_owned(),
        }
    }

    /// The inbox that refused it; `None` where none did.
    pub(crate) const fn inbox(&self) -> Option<InboxId> {
        match self {
            Self::NotAllowed(inbox) => *inbox,
            Self::Unauthorized { inbox, .. } => Some(*inbox),
            _ => None,
        }
    }

    /// Why who sends from `address` was refused, for who owns the inbox.
    pub(crate) fn in_words(&self, address: &str) -> String {
        match self {
            Self::NotAllowed(None) => {
                format!("{address} is not on the list of addresses that may send here.")
            }
            Self::NotAllowed(Some(_)) => {
                format!("{address} is not on the list of addresses that may send to this inbox.")
            }
            _ => "It did not show the password or the token that the inbox wants.".to_owned(),
        }
    }

    /// The answer that says so in a sentence.
    pub(crate) fn to_response(&self) -> Response {
        match self {
            Self::Fault(fault) => broken(fault, "Not stored"),
            Self::Kept(fault) => broken(fault, "Refused, and kept as far as it came"),
            Self::Nobody => sentence(
                StatusCode::NOT_FOUND,
                "Not stored: no inbox is addressed. Put its name into the path: /my-inbox",
            ),
            Self::NoInbox(slug) => {
                let shown: String = slug.chars().take(64).collect();
                sentence(
                    StatusCode::NOT_FOUND,
                    &format!("Not stored: there is no inbox called `{shown}` here."),
                )
            }
            Self::NotAllowed(_) => sentence(
                StatusCode::FORBIDDEN,
                "Not stored: the address that this comes from is not on the list of those that may send here.",
            ),
            Self::Unauthorized { challenge, .. } => {
                let mut response = sentence(
                    StatusCode::UNAUTHORIZED,
                    "Not stored: this inbox wants a password or a token, and what came has none or another.",
                );
                response.headers_mut().insert(WWW_AUTHENTICATE, challenge.clone());
                response
            }
            Self::Store(error) => refused_by_store(error),
        }
    }
}

fn broken(fault: &Fault, what: &str) -> Response {
    let mut response = sentence(fault.status(), &format!("{what}: {fault}."));
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

fn refused_by_store(error: &StoreError) -> Response {
    let (status, text) = match error {
        StoreError::Full => {
            (StatusCode::INSUFFICIENT_STORAGE, "Not stored: the disk of this Hookbench is full.".to_owned())
        }
        StoreError::NotFound { .. } => {
            (StatusCode::NOT_FOUND, "Not stored: this inbox has just been deleted.".to_owned())
        }
        StoreError::Closed => {
            (StatusCode::SERVICE_UNAVAILABLE, "Not stored: Hookbench is closing.".to_owned())
        }
        StoreError::ReadOnly => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Not stored: Hookbench cannot write to its data folder.".to_owned(),
        ),
        StoreError::Busy => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Not stored: another program keeps the database of this Hookbench locked.".to_owned(),
        ),
        StoreError::Gone { .. } => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Not stored: the data folder of this Hookbench has been moved or removed.".to_owned(),
        ),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "Not stored: Hookbench could not write it down.".to_owned()),
    };
    let mut response = sentence(status, &text);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("30"));
    response
}

/// The page at the receiver's root.
pub(crate) fn welcome() -> Response {
    text(StatusCode::OK, WELCOME.to_owned())
}

pub(crate) fn sentence(status: StatusCode, sentence: &str) -> Response {
    text(status, format!("{sentence}\n"))
}

fn text(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_keeps_what_can_be_sent() {
        let headers = HeaderPairs::from_iter([
            ("X-One", "1"),
            ("Content-Length", "999"),
            ("Connection", "upgrade"),
            ("no good", "x"),
            ("x-one", "2"),
        ]);
        let response =
            InboxResponse { status: 299, headers, body: Bytes::from_static(b"ok"), delay_ms: u64::MAX };
        let reply = Reply::of(&response);
        assert_eq!(reply.delay_ms, InboxResponse::MAX_DELAY_MS);
        let sent = reply.to_response();
        assert_eq!(sent.status().as_u16(), 299);
        let names: Vec<_> =
            sent.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        assert_eq!(names, [("x-one", &b"1"[..]), ("x-one", b"2")]);
    }

    #[test]
    fn nothing_that_a_sender_wrote_goes_into_the_log() {
        assert_eq!(Refusal::NoInbox("a-key-in-a-path".to_owned()).kind(), "NoInbox");
        assert_eq!(Refusal::Fault(Fault::HeadTooLarge(9)).kind(), "HeadTooLarge(9)");
    }

    #[test]
    fn every_failure_of_the_store_has_a_status_of_its_meaning() {
        for (error, status) in [
            (StoreError::Full, 507),
            (StoreError::Closed, 503),
            (StoreError::ReadOnly, 503),
            (StoreError::Busy, 503),
            (StoreError::Gone { folder: "/here".into() }, 503),
            (StoreError::Panicked, 503),
            (StoreError::NotFound { noun: hookbench_model::Noun::Inbox, id: "inb_1".to_owned() }, 404),
        ] {
            assert_eq!(Refusal::Store(error).to_response().status().as_u16(), status);
        }
    }
}
