use hookbench_model as model;
use serde::Serialize;
use utoipa::ToSchema;

use super::wire_enum;

wire_enum! {
    /// What kind of thing changed.
    #[schema(as = ChangeNoun)]
    Noun {
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
        /// Something that somebody is told of; the id is that of the delivery by which it happened.
        Alert,
        /// Whether the workspace can be written to.
        Health,
        /// A fault receiver, or what it received.
        FaultReceiver,
        /// A filter that somebody gave a name.
        SavedFilter,
        /// The requests that reached no inbox: others than before.
        Stray,
        /// A shape, or a drift from it; the id is the shape's.
        Shape,
    }
}

wire_enum! {
    /// What happened to it.
    #[schema(as = ChangeAction)]
    Action {
        /// It is new.
        Created,
        /// It is another than before.
        Updated,
        /// It is gone.
        Deleted,
    }
}

/// One message of the change feed: which thing changed. What it is now is fetched by its id.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Change {
    /// What kind of thing.
    r#type: Noun,
    /// What happened to it.
    action: Action,
    /// Its id.
    id: String,
    /// What it belongs to: a delivery's or an alert's endpoint, a captured request's inbox.
    #[schema(required)]
    parent: Option<String>,
    /// Where it stands now: a delivery's status, a captured request's verification; what an alert tells of
    /// (`endpoint.failing`, `delivery.exhausted`, `endpoint.disabled`, `endpoint.recovered`).
    #[schema(required)]
    status: Option<&'static str>,
}

impl From<&model::Change> for Change {
    fn from(change: &model::Change) -> Self {
        Self {
            r#type: change.noun.into(),
            action: change.action.into(),
            id: change.id.clone(),
            parent: change.parent.clone(),
            status: change.status,
        }
    }
}
