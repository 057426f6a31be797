use serde::{Deserialize, Serialize};

use crate::{
    DeliveryStatus, EndpointId, EventId, EventPattern, InboxId, Outcome, ProviderId, ReplayId, Timestamp,
    VerificationStatus,
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
    /// Whose newest attempt ended so.
    pub outcome: Option<Outcome>,
    /// With this text in an id, the URL, the event type or the payload.
    pub q: Option<String>,
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
