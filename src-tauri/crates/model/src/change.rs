use serde::{Deserialize, Serialize};

/// What kind of thing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Noun {
    /// A delivery, or an attempt of it.
    Delivery,
    /// A captured request.
    Request,
    /// An endpoint.
    Endpoint,
    /// An inbox.
    Inbox,
    /// An event.
    Event,
    /// A replay.
    Replay,
    /// A scheme of one's own.
    Scheme,
    /// A provider profile of one's own.
    Provider,
    /// The settings.
    Settings,
    /// How time goes.
    Clock,
    /// Whether the workspace can be written to.
    Health,
    /// Something that somebody is told of: the id is that of the delivery by which it happened, the parent its
    /// endpoint, the status says what.
    Alert,
    /// A fault receiver, or what it received.
    FaultReceiver,
    /// A filter that somebody gave a name.
    SavedFilter,
    /// The requests that reached no inbox.
    Stray,
    /// A shape, or a drift from it.
    Shape,
}

impl Noun {
    /// Its name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Request => "request",
            Self::Endpoint => "endpoint",
            Self::Inbox => "inbox",
            Self::Event => "event",
            Self::Replay => "replay",
            Self::Scheme => "scheme",
            Self::Provider => "provider",
            Self::Settings => "settings",
            Self::Clock => "clock",
            Self::Health => "health",
            Self::Alert => "alert",
            Self::FaultReceiver => "fault_receiver",
            Self::SavedFilter => "saved_filter",
            Self::Stray => "stray",
            Self::Shape => "shape",
        }
    }
}

/// What happened to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is new.
    Created,
    /// It is another than before.
    Updated,
    /// It is gone.
    Deleted,
}

impl Action {
    /// Its name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        }
    }
}

/// A change that is on disk: small enough to send thousands a second, so that who cares can pull.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its number in this run of the program, from 1, without gaps.
    pub sequence: u64,
    /// What kind of thing changed.
    pub noun: Noun,
    /// What happened to it.
    pub action: Action,
    /// Its id, in text form.
    pub id: String,
    /// What it belongs to: a delivery's endpoint, a captured request's inbox.
    pub parent: Option<String>,
    /// Where it stands now, in the contract's words: a delivery's status, a request's verification.
    pub status: Option<&'static str>,
}
