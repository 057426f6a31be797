use serde::{Deserialize, Serialize};
use url::Url;

use crate::{DeliveryId, EndpointId, EventId, Outcome, ProviderId, ReplayId, RequestId, Timestamp, Trigger};

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// Accepted, not yet tried.
    Pending,
    /// An attempt is under way.
    InFlight,
    /// Tried and failed; another attempt is planned.
    Retrying,
    /// The receiver has it.
    Delivered,
    /// The plan has run out.
    Failed,
    /// Somebody stopped it.
    Cancelled,
    /// Kept while its endpoint is disabled.
    Paused,
}

impl DeliveryStatus {
    /// All of them, in the order of a delivery's life.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::InFlight,
        Self::Retrying,
        Self::Delivered,
        Self::Failed,
        Self::Cancelled,
        Self::Paused,
    ];

    /// Its name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InFlight => "in_flight",
            Self::Retrying => "retrying",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Paused => "paused",
        }
    }

    /// The status of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// Whether nothing more happens to it on its own.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Delivered | Self::Failed | Self::Cancelled)
    }
}

/// Why a delivery has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBecause {
    /// The receiver has it.
    Delivered,
    /// No attempt is left: the plan has run out, the answer was one that is not tried again, or a try by hand failed
    /// of what had ended before.
    Exhausted,
    /// Its time to live was over.
    Expired,
    /// Somebody stopped it.
    Cancelled,
    /// Somebody skipped it, so that its endpoint's queue goes on.
    Skipped,
}

impl EndedBecause {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Delivered, Self::Exhausted, Self::Expired, Self::Cancelled, Self::Skipped];

    /// Its name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Exhausted => "exhausted",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
        }
    }

    /// Where a delivery can stand that ended so. One that had failed before it was skipped stays failed.
    pub const fn statuses(self) -> &'static [DeliveryStatus] {
        match self {
            Self::Delivered => &[DeliveryStatus::Delivered],
            Self::Exhausted | Self::Expired => &[DeliveryStatus::Failed],
            Self::Cancelled => &[DeliveryStatus::Cancelled],
            Self::Skipped => &[DeliveryStatus::Cancelled, DeliveryStatus::Failed],
        }
    }
}

/// What a delivery is sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryTarget {
    /// An endpoint, at the URL that it has when the attempt is made.
    Endpoint(EndpointId),
    /// Another URL by an endpoint's policy and secrets: a replay that was pointed elsewhere.
    EndpointAt(EndpointId, Url),
    /// A plain URL, with the profile's policy and no secret: something captured, sent on.
    Url(Url),
}

impl DeliveryTarget {
    /// The endpoint whose policy and secrets hold, if any.
    pub const fn endpoint_id(&self) -> Option<EndpointId> {
        match self {
            Self::Endpoint(id) | Self::EndpointAt(id, _) => Some(*id),
            Self::Url(_) => None,
        }
    }

    /// The endpoint whose lane it goes in: whose order, rate, places and breaker it waits for, whose being disabled
    /// pauses it, and of which its attempts say something. `None` where it goes to a URL of its own.
    pub const fn lane(&self) -> Option<EndpointId> {
        match self {
            Self::Endpoint(id) => Some(*id),
            Self::EndpointAt(..) | Self::Url(_) => None,
        }
    }

    /// The URL that is not the endpoint's own, if any.
    pub const fn url(&self) -> Option<&Url> {
        match self {
            Self::Endpoint(_) => None,
            Self::EndpointAt(_, url) | Self::Url(url) => Some(url),
        }
    }
}

/// A delivery about to be written.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    /// Its id.
    pub id: DeliveryId,
    /// What it is sent to.
    pub target: DeliveryTarget,
    /// `Pending`, or `Paused` where its endpoint is disabled.
    pub status: DeliveryStatus,
    /// Whether it tests its endpoint: it goes out even to a draft, and makes a draft live.
    pub is_test: bool,
    /// How many attempts its plan has.
    pub max_attempts: u32,
    /// When the first attempt is due.
    pub due_at: Timestamp,
    /// When its time to live is over: it ends then without another attempt. `None` for never.
    pub expires_at: Option<Timestamp>,
    /// Why it exists: an event that happened, or a replay.
    pub trigger: Trigger,
    /// The replay that made it.
    pub replay_id: Option<ReplayId>,
    /// The delivery that it repeats.
    pub repeats_delivery: Option<DeliveryId>,
    /// The captured request that it repeats.
    pub repeats_request: Option<RequestId>,
}

/// What a list shows of a delivery's newest attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastAttempt {
    /// Its number, from 1.
    pub number: u32,
    /// How it ended.
    pub outcome: Outcome,
    /// The status of the response, where one came.
    pub response_status: Option<u16>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// What went wrong, as a sentence.
    pub error: Option<String>,
}

/// One event on its way to one endpoint.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// The event it carries.
    pub event_id: EventId,
    /// That event's type.
    pub event_type: String,
    /// That event's profile.
    pub provider: ProviderId,
    /// What it is sent to.
    pub target: DeliveryTarget,
    /// The endpoint's name now (or when it was deleted); empty where there is no endpoint.
    pub endpoint_name: String,
    /// The URL it goes to now.
    pub url: String,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// Whether it tests its endpoint.
    pub is_test: bool,
    /// How many attempts were made.
    pub attempt_count: u32,
    /// How many of those the plan made, rather than a person; the plan counts by these.
    pub automatic_attempts: u32,
    /// How many attempts the plan has in all.
    pub max_attempts: u32,
    /// When the next attempt is due; `None` where none is planned.
    pub next_attempt_at: Option<Timestamp>,
    /// What triggers the next attempt (a manual retry is due at once) or triggered the newest.
    pub trigger: Trigger,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it reached its end.
    pub completed_at: Option<Timestamp>,
    /// Why it ended; `None` while it has not, and for one that ended before this was kept.
    pub ended_because: Option<EndedBecause>,
    /// Whether its plan had come to its end (delivered, given up, expired, cancelled, skipped) when a person had it
    /// tried again: then no attempt of the plan follows that one.
    pub plan_over: bool,
    /// When its first attempt began; `None` until then.
    pub first_attempt_at: Option<Timestamp>,
    /// When its time to live is over; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// Its newest attempt.
    pub last_attempt: Option<LastAttempt>,
    /// The replay that made it.
    pub replay_id: Option<ReplayId>,
    /// The delivery that it repeats.
    pub repeats_delivery: Option<DeliveryId>,
    /// The captured request that it repeats.
    pub repeats_request: Option<RequestId>,
}
