use serde::{Deserialize, Serialize};

use crate::{
    DeliveryStatus, EndedBecause, EndpointId, ErrorCode, EventId, EventPattern, InboxId, Outcome, ProviderId,
    ReplayId, StatusRange, Timestamp, VerificationStatus,
    query::{Query, Term},
};

/// Which deliveries; all conditions hold together, none given means all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeliveryFilter {
    /// Any of these statuses; empty for all.
    pub statuses: Vec<DeliveryStatus>,
    /// To this endpoint.
    pub endpoint_id: Option<EndpointId>,
    /// Of this event.
    pub event_id: Option<EventId>,
    /// Made by this replay.
    pub replay_id: Option<ReplayId>,
    /// Of events of this type, or prefix (`message.*`).
    pub event_type: Option<EventPattern>,
    /// Of this profile.
    pub provider: Option<ProviderId>,
    /// Accepted at or after.
    pub since: Option<Timestamp>,
    /// Accepted before.
    pub until: Option<Timestamp>,
    /// With an attempt that ended so: the newest, unless `any_attempt`.
    pub outcome: Option<Outcome>,
    /// With an attempt that failed by exactly this: the newest, unless `any_attempt`.
    pub error_code: Option<ErrorCode>,
    /// With an attempt that was answered with one of these statuses, the newest unless `any_attempt`; empty for all,
    /// answered or not.
    pub response_statuses: Vec<StatusRange>,
    /// Whether `outcome`, `error_code` and `response_statuses` ask for any one attempt of which all that is given holds,
    /// rather than for the newest.
    pub any_attempt: bool,
    /// That ended for this reason.
    pub ended_because: Option<EndedBecause>,
    /// With this text in an id, a URL, the event type, an error, or the body of a request or a response.
    pub q: Option<String>,
}

/// Where the text stands that a delivery was searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FoundIn {
    /// Its id, or one of what it belongs to: its event, endpoint, replay, or what it repeats.
    Id,
    /// The type of its event.
    EventType,
    /// The id that the provider gives its event.
    ProviderEventId,
    /// The name of its endpoint.
    EndpointName,
    /// The URL that it goes to, or one that it went to.
    Url,
    /// What went wrong with an attempt, as a sentence.
    Error,
    /// The payload of its event.
    Payload,
    /// The body of an attempt's request, where that is not the payload.
    RequestBody,
    /// The body of an attempt's response, as far as it is kept.
    ResponseBody,
}

impl FoundIn {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Id,
        Self::EventType,
        Self::ProviderEventId,
        Self::EndpointName,
        Self::Url,
        Self::Error,
        Self::Payload,
        Self::RequestBody,
        Self::ResponseBody,
    ];
}

/// Which captured requests; all conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestFilter {
    /// Received by this inbox.
    pub inbox_id: Option<InboxId>,
    /// With this method.
    pub method: Option<String>,
    /// With this verdict.
    pub verification: Option<VerificationStatus>,
    /// Of this event type, or prefix.
    pub event_type: Option<EventPattern>,
    /// Received at or after.
    pub since: Option<Timestamp>,
    /// Received before.
    pub until: Option<Timestamp>,
    /// With this text in an id, the path, the query, a header or the body.
    pub q: Option<String>,
    /// Pinned or not.
    pub pinned: Option<bool>,
    /// What else has to hold, in the filter's language.
    pub query: Option<Query>,
}

impl RequestFilter {
    /// Whether bodies have to be read to know what matches.
    pub fn reads_bodies(&self) -> bool {
        let in_query = self.query.as_ref().is_some_and(|query| query.root().has(Term::reads_body));
        in_query || self.q.as_deref().is_some_and(|q| !q.is_empty())
    }
}

/// Which events; all conditions hold together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventFilter {
    /// Of this type, or prefix.
    pub event_type: Option<EventPattern>,
    /// Of this profile.
    pub provider: Option<ProviderId>,
    /// Made at or after.
    pub since: Option<Timestamp>,
    /// Made before.
    pub until: Option<Timestamp>,
}

/// Which page of a list, newest first: the rows before a known id.
#[derive(Clone, Copy, Debug)]
pub struct PageRequest<Id> {
    /// Only rows older than this one; `None` for the first page.
    pub before: Option<Id>,
    /// How many rows at most, 1 to 500.
    pub limit: u32,
}

impl<Id> PageRequest<Id> {
    /// The most rows a page may have.
    pub const MAX_LIMIT: u32 = 500;

    /// The first page.
    pub const fn first(limit: u32) -> Self {
        Self { before: None, limit }
    }
}

/// A page of a list, newest first.
#[derive(Clone, Debug)]
pub struct Page<T, Id> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page starts; `None` where there is none.
    pub next: Option<Id>,
}

impl<T, Id> Page<T, Id> {
    /// The same page with other rows.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U, Id> {
        Page { rows: self.rows.into_iter().map(change).collect(), next: self.next }
    }
}
