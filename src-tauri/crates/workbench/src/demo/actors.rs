//! How the receivers of the day behave.

use bytes::Bytes;
use hookbench_model::{HeaderPairs, InboxResponse, Outcome, SentResponse, SuccessRule, Timestamp};
use rand::Rng as _;
use rand::rngs::StdRng;

use super::DAY_MS;

/// The manner of a receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// Nearly always right.
    Steady,
    /// Fails one time in eight, and mends itself.
    Hiccups,
    /// Down for an hour and a half about noon of the day.
    Outage,
    /// Slow, and sometimes too slow.
    Slow,
    /// Nobody is there any more.
    Gone,
    /// Answers that it cannot.
    Broken,
}

/// One attempt, as its receiver meets it.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) at: Timestamp,
    /// When the day ends.
    pub(super) end: Timestamp,
    pub(super) timeout_ms: u64,
    pub(super) success: &'a SuccessRule,
}

/// What a receiver did with one attempt.
pub(super) struct Answer {
    pub(super) outcome: Outcome,
    pub(super) status: Option<u16>,
    pub(super) body: &'static str,
    pub(super) duration_ms: u64,
    pub(super) error: Option<String>,
}

impl Manner {
    /// What the real inbox answers from now on, where the provider takes that as delivered.
    pub(super) fn inbox_response(self, success: &SuccessRule) -> InboxResponse {
        let status = success.usual_status();
        let body = Bytes::from_static(body_of(status).as_bytes());
        let ok = InboxResponse { status, body, ..InboxResponse::default() };
        match self {
            Self::Broken => {
                InboxResponse { status: 503, body: Bytes::from_static(b"the queue is full\n"), ..ok }
            }
            Self::Slow => InboxResponse { delay_ms: 400, ..ok },
            _ => ok,
        }
    }

    /// What it does at a time of the day that ends at `end`.
    pub(super) fn answer(self, asked: &Asked<'_>, rng: &mut StdRng) -> Answer {
        let Asked { at, end, timeout_ms, success } = *asked;
        let takes = |duration_ms| takes(success.usual_status(), duration_ms);
        let usual = rng.random_range(9..70);
        match self {
            Self::Steady if rng.random_ratio(1, 90) => refuses(500, "Internal Server Error", usual * 4),
            Self::Hiccups if rng.random_ratio(1, 16) => reset(usual),
            Self::Hiccups if rng.random_ratio(1, 12) => {
                refuses(502, "<html><h1>502 Bad Gateway</h1></html>", usual)
            }
            Self::Steady | Self::Hiccups => takes(usual),
            Self::Outage if in_outage(at, end) => refuses(503, "{\"error\":\"maintenance\"}", usual),
            Self::Outage => takes(usual * 2),
            Self::Slow if rng.random_ratio(1, 14) => too_slow(timeout_ms),
            Self::Slow => takes(usual * 11),
            Self::Gone => refused(),
            Self::Broken => refuses(503, "the queue is full\n", usual),
        }
    }
}

fn in_outage(at: Timestamp, end: Timestamp) -> bool {
    let into_day = DAY_MS - end.ms_since(at);
    (11 * 3_600_000..11 * 3_600_000 + 5_400_000).contains(&into_day)
}

fn takes(status: u16, duration_ms: u64) -> Answer {
    let body = body_of(status);
    Answer { outcome: Outcome::Delivered, status: Some(status), body, duration_ms, error: None }
}

/// A 204 has no body.
fn body_of(status: u16) -> &'static str {
    if status == 204 { "" } else { "ok" }
}

fn refuses(status: u16, body: &'static str, duration_ms: u64) -> Answer {
    let error = Some(format!("The server answered {status}"));
    Answer { outcome: Outcome::HttpError, status: Some(status), body, duration_ms, error }
}

fn reset(duration_ms: u64) -> Answer {
    let error = Some("The connection broke before the answer was whole.".to_owned());
    Answer { outcome: Outcome::ConnectionReset, status: None, body: "", duration_ms, error }
}

fn too_slow(timeout_ms: u64) -> Answer {
    let error = Some(format!("No whole answer came within {timeout_ms} ms."));
    Answer { outcome: Outcome::Timeout, status: None, body: "", duration_ms: timeout_ms, error }
}

fn refused() -> Answer {
    let error = Some("The connection to 127.0.0.1:9 was refused: nothing listens there.".to_owned());
    Answer { outcome: Outcome::ConnectionRefused, status: None, body: "", duration_ms: 1, error }
}

impl Answer {
    /// Whether the receiver saw the request at all.
    pub(super) fn arrived(&self) -> bool {
        self.status.is_some()
    }

    pub(super) fn response(&self) -> Option<SentResponse> {
        let status = self.status?;
        let kind = if self.body.starts_with('{') { "application/json" } else { "text/plain; charset=utf-8" };
        let size = self.body.len().to_string();
        Some(SentResponse {
            status,
            http_version: "HTTP/1.1".to_owned(),
            headers: HeaderPairs::from_iter([("content-type", kind), ("content-length", size.as_str())]),
            body: Bytes::from_static(self.body.as_bytes()),
            body_size: self.body.len() as u64,
            body_truncated: false,
        })
    }
}
