use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    DeliveryFilter, DeliveryId, EndpointId, ReplayId, RequestFilter, RequestId, SignMode, Timestamp,
};

/// How a replay signs: afresh, or exactly as it was sent or captured.
pub type Resign = SignMode;

/// What a replay repeats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplaySource {
    /// The deliveries that a filter matches when the replay is made.
    Deliveries(DeliveryFilter),
    /// These deliveries.
    DeliveryIds(Vec<DeliveryId>),
    /// The captured requests that a filter matches when the replay is made.
    Requests(RequestFilter),
    /// These captured requests.
    RequestIds(Vec<RequestId>),
}

/// Where a replay stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplayStatus {
    /// Deliveries are being made.
    Running,
    /// Held by a person.
    Paused,
    /// Every item has its delivery, and every one of those has ended.
    Completed,
    /// Stopped by a person.
    Cancelled,
}

impl ReplayStatus {
    /// Its name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The status of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Running, Self::Paused, Self::Completed, Self::Cancelled]
            .into_iter()
            .find(|status| status.as_str() == name)
    }
}

/// A deliberate resend of deliveries or captured requests, one or many.
#[derive(Clone, Debug)]
pub struct Replay {
    /// Its id.
    pub id: ReplayId,
    /// What it repeats.
    pub source: ReplaySource,
    /// Where it sends instead of the original URL.
    pub target_url: Option<Url>,
    /// The endpoint it sends to instead (captured requests need this or a URL).
    pub target_endpoint: Option<EndpointId>,
    /// Signed afresh, or exactly as it was.
    pub resign: Resign,
    /// How many deliveries it makes a second; `None` for as fast as it goes.
    pub per_second: Option<f64>,
    /// How far apart they follow each other: as far as their originals came, times this; `None` where the rate says it.
    pub gaps: Option<f64>,
    /// Why somebody did it.
    pub reason: String,
    /// Where it stands.
    pub status: ReplayStatus,
    /// How far it is.
    pub progress: ReplayProgress,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
}

/// How far a replay is; `total` is the sum of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReplayProgress {
    /// How many items it has.
    pub total: u64,
    /// Not yet made into deliveries.
    pub waiting: u64,
    /// Made into deliveries that are under way.
    pub under_way: u64,
    /// Delivered.
    pub delivered: u64,
    /// Failed for good, or cancelled one by one.
    pub failed: u64,
    /// What could not be made into a delivery: its original or its endpoint is gone.
    pub skipped: u64,
}

/// Where one item of a replay stands before its delivery tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayItemState {
    /// Not yet made into a delivery.
    Waiting,
    /// Made into this delivery.
    Made(DeliveryId),
    /// Left out, since its original or its endpoint is gone.
    Skipped,
}

/// One thing that a replay repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayItem {
    /// A delivery.
    Delivery(DeliveryId),
    /// A captured request.
    Request(RequestId),
}
