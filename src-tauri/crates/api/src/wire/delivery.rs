use hookbench_model::{self as model, EndpointId, EventId, EventPattern, ProviderId, ReplayId};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Attempt, Outcome, Time, Trigger, wire_enum};

wire_enum! {
    /// Where a delivery stands.
    DeliveryStatus {
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
}

wire_enum! {
    /// Why a delivery has ended.
    EndedBecause {
        /// The receiver has it.
        Delivered,
        /// The plan has run out, or the answer was one that is not tried again.
        Exhausted,
        /// Its time to live was over.
        Expired,
        /// Somebody stopped it.
        Cancelled,
        /// Somebody skipped it, so that its endpoint's queue goes on.
        Skipped,
    }
}

/// The newest attempt, in short.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LastAttempt {
    /// From 1.
    number: u32,
    /// How it ended.
    outcome: Outcome,
    /// The status of the response, where one came.
    #[schema(required)]
    response_status: Option<u16>,
    /// How long it took.
    duration_ms: u64,
    /// What went wrong, as a sentence.
    #[schema(required)]
    error: Option<String>,
}

/// One event on its way to one endpoint.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Delivery {
    /// `dlv_…`.
    pub(crate) id: String,
    /// The event it carries.
    event_id: String,
    /// That event's type.
    event_type: String,
    /// That event's profile.
    provider: String,
    /// The endpoint it goes to; null where it goes to a plain URL.
    #[schema(required)]
    endpoint_id: Option<String>,
    /// The endpoint's name; empty where there is no endpoint.
    endpoint_name: String,
    /// Where it goes.
    url: String,
    /// Where it stands.
    status: DeliveryStatus,
    /// How many attempts were made.
    attempt_count: u32,
    /// How many attempts its plan has.
    max_attempts: u32,
    /// When the next attempt is due.
    #[schema(required)]
    next_attempt_at: Option<Time>,
    /// When it was accepted.
    created_at: Time,
    /// When it reached its end.
    #[schema(required)]
    completed_at: Option<Time>,
    /// Why it ended; null while it has not.
    #[schema(required)]
    ended_because: Option<EndedBecause>,
    /// When its time to live is over: it ends then without another attempt. Null for never.
    #[schema(required)]
    expires_at: Option<Time>,
    /// The newest attempt.
    #[schema(required)]
    last_attempt: Option<LastAttempt>,
    /// What triggers the next attempt, or triggered the newest.
    trigger: Trigger,
    /// The replay that made it.
    #[schema(required)]
    replay_id: Option<String>,
    /// The delivery that it repeats.
    #[schema(required)]
    repeats_delivery_id: Option<String>,
    /// The captured request that it repeats.
    #[schema(required)]
    repeats_request_id: Option<String>,
}

/// A delivery with its attempts, past and planned.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryDetail {
    /// The delivery.
    #[serde(flatten)]
    delivery: Delivery,
    /// What was tried, in order.
    attempts: Vec<Attempt>,
    /// When it will be tried, should every attempt fail.
    planned_attempts: Vec<Time>,
}

impl DeliveryDetail {
    pub(crate) fn new(
        delivery: model::Delivery,
        attempts: Vec<model::Attempt>,
        planned: Vec<model::Timestamp>,
    ) -> Self {
        Self {
            delivery: delivery.into(),
            attempts: attempts.into_iter().map(Into::into).collect(),
            planned_attempts: planned.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<model::Delivery> for Delivery {
    fn from(delivery: model::Delivery) -> Self {
        Self {
            id: delivery.id.to_string(),
            event_id: delivery.event_id.to_string(),
            event_type: delivery.event_type,
            provider: delivery.provider.to_string(),
            endpoint_id: delivery.target.endpoint_id().map(|id| id.to_string()),
            endpoint_name: delivery.endpoint_name,
            url: delivery.url,
            status: delivery.status.into(),
            attempt_count: delivery.attempt_count,
            max_attempts: delivery.max_attempts,
            next_attempt_at: delivery.next_attempt_at.map(Into::into),
            created_at: delivery.created_at.into(),
            completed_at: delivery.completed_at.map(Into::into),
            ended_because: delivery.ended_because.map(Into::into),
            expires_at: delivery.expires_at.map(Into::into),
            last_attempt: delivery.last_attempt.map(Into::into),
            trigger: delivery.trigger.into(),
            replay_id: delivery.replay_id.map(|id| id.to_string()),
            repeats_delivery_id: delivery.repeats_delivery.map(|id| id.to_string()),
            repeats_request_id: delivery.repeats_request.map(|id| id.to_string()),
        }
    }
}

impl From<model::LastAttempt> for LastAttempt {
    fn from(last: model::LastAttempt) -> Self {
        Self {
            number: last.number,
            outcome: last.outcome.into(),
            response_status: last.response_status,
            duration_ms: last.duration_ms,
            error: last.error,
        }
    }
}

/// One status or several with commas between them.
#[derive(Debug)]
pub(crate) struct Statuses(Vec<model::DeliveryStatus>);

impl<'de> Deserialize<'de> for Statuses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let one = |name: &str| {
            model::DeliveryStatus::from_name(name).ok_or_else(|| {
                let known = model::DeliveryStatus::ALL.map(model::DeliveryStatus::as_str).join(", ");
                serde::de::Error::custom(format_args!("`{name}` is no status: {known} are"))
            })
        };
        text.split(',').map(one).collect::<Result<_, _>>().map(Self)
    }
}

/// Which deliveries; all conditions hold together, none given means all.
#[derive(Debug, Default, Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeliveryFilter {
    /// One status, or several with commas between them: `failed,cancelled`.
    #[schema(value_type = Option<String>)]
    #[param(value_type = Option<String>)]
    status: Option<Statuses>,
    /// To this endpoint.
    #[schema(value_type = Option<String>)]
    #[param(value_type = Option<String>)]
    endpoint_id: Option<EndpointId>,
    /// Of this event.
    #[schema(value_type = Option<String>)]
    #[param(value_type = Option<String>)]
    event_id: Option<EventId>,
    /// Made by this replay.
    #[schema(value_type = Option<String>)]
    #[param(value_type = Option<String>)]
    replay_id: Option<ReplayId>,
    /// Of events of this type, or prefix (`message.*`).
    #[schema(value_type = Option<String>)]
    #[param(value_type = Option<String>)]
    event_type: Option<EventPattern>,
    /// Of this profile.
    #[schema(value_type = Option<String>)]
    #[param(value_type = Option<String>)]
    provider: Option<ProviderId>,
    /// Accepted at or after this time.
    #[param(inline)]
    since: Option<Time>,
    /// Accepted before this time.
    #[param(inline)]
    until: Option<Time>,
    /// Whose newest attempt ended so.
    outcome: Option<Outcome>,
    /// With this text in an id, the URL, the event type or the payload.
    q: Option<String>,
}

impl From<DeliveryFilter> for model::DeliveryFilter {
    fn from(filter: DeliveryFilter) -> Self {
        Self {
            statuses: filter.status.map(|statuses| statuses.0).unwrap_or_default(),
            endpoint_id: filter.endpoint_id,
            event_id: filter.event_id,
            replay_id: filter.replay_id,
            event_type: filter.event_type,
            provider: filter.provider,
            since: filter.since.map(|time| time.0),
            until: filter.until.map(|time| time.0),
            outcome: filter.outcome.map(Into::into),
            q: filter.q.filter(|text| !text.is_empty()),
        }
    }
}
