//! Requests that did not arrive here but were read from a file, judged as if they had.

use std::sync::Arc;

use bytes::Bytes;
use hookbench_model::{
    AnsweredBy, ArrivalFacts, CapturedRequest, Colour, HeaderPairs, InFlightLedger, RequestFault, RequestId,
    Timestamp, Verification, WireRecord,
};
use hookbench_signing::VerificationStatus;

use crate::check::Findings;
use crate::inboxes::Known;
use crate::record::Bared;
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
    /// Its colour.
    pub colour: Option<Colour>,
    /// The event's type, where the inbox has no profile that finds it.
    pub event_type: Option<String>,
    /// The provider's id of the event, likewise.
    pub provider_event_id: Option<String>,
    /// The handshake that it was where it arrived.
    pub handshake: Option<String>,
    /// The rule that answered it there.
    pub answered_by: Option<AnsweredBy>,
    /// How it came in there.
    pub came: Option<ArrivalFacts>,
    /// What is wrong with it.
    pub fault: Option<RequestFault>,
    /// How it stood on the wire; its head is one of this method, target and headers.
    pub wire: WireRecord,
}

/// An inbox as it is now, for requests that did not arrive there.
#[derive(Clone, Debug)]
pub struct Judge(Arc<Known>);

impl Judge {
    pub(crate) const fn new(known: Arc<Known>) -> Self {
        Self(known)
    }

    /// The captured request that the inbox makes of it, and how it stood on the wire: verified as of its time, with
    /// nothing answered and nothing taken for a handshake. Where the file has no status nobody was told any.
    pub fn captured(&self, mut arrived: Arrived) -> (CapturedRequest, WireRecord) {
        let WireRecord { head, chunks, trailers, tls, .. } = std::mem::take(&mut arrived.wire);
        let request = captured(&self.0, arrived);
        let mut wire = Bared { head, chunks, trailers, followed: 0 }.record_over(&self.0, &request, tls);
        // A secret may stand in it where no header is: then the head is written anew.
        let hides = |head: &Bytes| self.0.hiding(|hidden| hidden.taken_out_of(head)).is_some();
        let seen = wire.shown.as_ref().map_or(&wire.head, |shown| &shown.head);
        if seen.as_ref().is_some_and(hides) {
            wire.head = None;
            if let Some(shown) = &mut wire.shown {
                shown.head = None;
            }
        }
        (request, wire)
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
        event_type: arrived.event_type,
        provider_event_id: arrived.provider_event_id,
        verification: Verification::not_checked(),
        handshake: arrived.handshake,
        response_status: arrived.status.unwrap_or(CapturedRequest::UNANSWERED),
        answered_by: arrived.answered_by,
        delivery: None,
        came: arrived.came,
        // Where it arrived nobody could be told, if the file has no status.
        fault: arrived.fault.map(|fault| RequestFault { told: arrived.status.is_some(), ..fault }),
        note: arrived.note,
        tags: arrived.tags,
        pinned: arrived.pinned,
        colour: arrived.colour,
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
    if request.fault.is_some() {
        request.verification = Verification::not_whole();
        request.shown = known.shown_of_broken(&head, None);
        return request;
    }
    // Nothing of it is under way from here.
    let found = Findings::of(known, &head, &arrived.body, &InFlightLedger::new(), arrived.at);
    request.event_type = found.event_type.or(request.event_type);
    request.provider_event_id = found.provider_event_id.or(request.provider_event_id);
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
