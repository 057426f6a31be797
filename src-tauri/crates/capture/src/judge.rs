//! Requests that did not arrive here but were read from a file, judged as if they had.

use std::sync::Arc;

use bytes::Bytes;
use hookbench_model::{CapturedRequest, HeaderPairs, InFlightLedger, RequestId, Timestamp};
use hookbench_signing::VerificationStatus;

use crate::check::Findings;
use crate::inboxes::Known;
use crate::wire::{Head, Target, Version};

/// A request that was read from a file.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// When it arrived where it did, or now.
    pub at: Timestamp,
    /// Whether that time is the file's.
    pub at_is_told: bool,
    /// The method.
    pub method: String,
    /// The URL up to the path, see [`CapturedRequest::addressed`].
    pub addressed: Option<String>,
    /// The path after that.
    pub path: String,
    /// The query without its question mark.
    pub query: Option<String>,
    /// `HTTP/1.1`, where the file says it.
    pub http_version: Option<String>,
    /// The headers.
    pub headers: HeaderPairs,
    /// The body.
    pub body: Bytes,
    /// The status that was answered, where the file says one.
    pub status: Option<u16>,
    /// Who sent it, where the file says it.
    pub remote_addr: Option<String>,
    /// What a person wrote about it.
    pub note: String,
    /// What a person marked it with.
    pub tags: Vec<String>,
    /// Whether it is pinned.
    pub pinned: bool,
}

/// An inbox as it is now, for requests that did not arrive there.
#[derive(Clone, Debug)]
pub struct Judge(Arc<Known>);

impl Judge {
    pub(crate) const fn new(known: Arc<Known>) -> Self {
        Self(known)
    }

    /// The captured request that the inbox makes of it: verified as of its time, with nothing answered and nothing
    /// taken for a handshake. Where the file has no status, it is the one that the inbox answers.
    pub fn captured(&self, arrived: Arrived) -> CapturedRequest {
        captured(&self.0, arrived)
    }
}

fn captured(known: &Known, arrived: Arrived) -> CapturedRequest {
    let url = url(&arrived);
    let target = Target::read(&url).or_else(|_| Target::read("/"));
    let version = match arrived.http_version.as_deref() {
        Some("HTTP/1.0") => Version::Http10,
        Some("HTTP/2.0") => Version::Http2,
        _ => Version::Http11,
    };
    let mut request = CapturedRequest {
        id: RequestId::new(arrived.at),
        inbox_id: known.inbox.id,
        received_at: arrived.at,
        method: arrived.method,
        addressed: arrived.addressed,
        path: arrived.path,
        query: arrived.query,
        http_version: arrived.http_version.unwrap_or_else(|| version.as_str().to_owned()),
        content_type: arrived.headers.get_str("content-type").map(ToOwned::to_owned),
        headers: arrived.headers,
        body_size: arrived.body.len() as u64,
        remote_addr: arrived.remote_addr.unwrap_or_default(),
        event_type: None,
        provider_event_id: None,
        verification: hookbench_model::Verification::not_checked(),
        handshake: None,
        response_status: arrived.status.unwrap_or_else(|| known.reply.status.as_u16()),
        answered_by: None,
        delivery: None,
        came: None,
        fault: None,
        note: arrived.note,
        tags: arrived.tags,
        pinned: arrived.pinned,
        colour: None,
        shown: None,
    };
    let Ok(target) = target else { return request };
    let head = Head {
        method: request.method.clone(),
        target,
        version,
        headers: request.headers.clone(),
        announced: None,
        raw: None,
    };
    // Nothing of it is under way from here.
    let found = Findings::of(known, &head, &arrived.body, &InFlightLedger::new(), arrived.at);
    request.event_type = found.event_type;
    request.provider_event_id = found.provider_event_id;
    request.shown = found.shown;
    request.verification = found.verification;
    if matches!(request.verification.status, VerificationStatus::Valid | VerificationStatus::Invalid) {
        let as_of = if arrived.at_is_told { "at the time in the file" } else { "at the time of the import" };
        let note = format!(" It was imported: its age was judged {as_of}.");
        request.verification.message.push_str(&note);
    }
    request
}

/// The URL that a scheme may have signed.
fn url(arrived: &Arrived) -> String {
    let query = arrived.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
    let path_and_query = format!("{}{query}", arrived.path);
    match arrived.addressed.as_deref().filter(|addressed| !addressed.is_empty()) {
        Some(addressed) => format!("{addressed}{path_and_query}"),
        None if path_and_query.starts_with('/') => path_and_query,
        None => format!("/{path_and_query}"),
    }
}
