use hookbench_model::{self as model, EndpointId, EventId, EventPattern, ProviderId, ReplayId};
use hookbench_workbench::DeliverySeen;
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
        /// No attempt is left: the plan has run out, the answer was one that is not tried again, or a try by hand
        /// failed of what had ended before.
        Exhausted,
        /// Its time to live was over.
        Expired,
        /// Somebody stopped it.
        Cancelled,
        /// Somebody skipped it, so that its endpoint's queue goes on.
        Skipped,
    }
}

wire_enum! {
    /// Where the text stands that a delivery was searched for.
    FoundIn {
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
        /// What went wrong with an attempt.
        Error,
        /// The payload of its event.
        Payload,
        /// The body of an attempt's request, where that is not the payload.
        RequestBody,
        /// The body of an attempt's response, as far as it is kept.
        ResponseBody,
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
    /// Whether that is a URL of its own, not its endpoint's: then nothing of an endpoint keeps it back.
    own_url: bool,
    /// Where it stands.
    status: DeliveryStatus,
    /// How many attempts were made.
    attempt_count: u32,
    /// How many attempts it has: as many as its plan, and one more for each that was interrupted or asked for by hand
    /// where the plan has no room for it. Never fewer than were made, or one more while another is to come.
    max_attempts: u32,
    /// When the next attempt is due: while its endpoint's breaker is open, with the probe at the earliest.
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
    /// Where the text of `q` stands; null but in a list that was searched for one.
    #[schema(required)]
    found_in: Option<Vec<FoundIn>>,
}

impl Delivery {
    /// The same, found by text in these places.
    pub(crate) fn found(self, places: Option<Vec<model::FoundIn>>) -> Self {
        Self { found_in: places.map(|places| places.into_iter().map(Into::into).collect()), ..self }
    }
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
    /// The headers of what it repeats exactly that its newest attempt went without: they held a secret of the
    /// endpoint that was not there any more, or must not go elsewhere.
    left_out_headers: Vec<String>,
    /// What may have had a receiver refuse the newest attempt, where that lies in the workspace itself: in a demo
    /// whose time was moved, that it is ahead of the machine's. As a sentence; null where there is nothing to say.
    #[schema(required)]
    hint: Option<String>,
}

impl DeliveryDetail {
    pub(crate) fn new(seen: DeliverySeen) -> Self {
        Self {
            delivery: seen.delivery.into(),
            attempts: seen.attempts.into_iter().map(Into::into).collect(),
            planned_attempts: seen.planned_attempts.into_iter().map(Into::into).collect(),
            left_out_headers: seen.left_out,
            hint: seen.hint,
        }
    }
}

impl From<model::Delivery> for Delivery {
    fn from(delivery: model::Delivery) -> Self {
        let max_attempts = most_attempts(&delivery);
        Self {
            id: delivery.id.to_string(),
            event_id: delivery.event_id.to_string(),
            event_type: delivery.event_type,
            provider: delivery.provider.to_string(),
            endpoint_id: delivery.target.endpoint_id().map(|id| id.to_string()),
            endpoint_name: delivery.endpoint_name,
            own_url: delivery.target.lane().is_none(),
            url: delivery.url,
            status: delivery.status.into(),
            attempt_count: delivery.attempt_count,
            max_attempts,
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
            found_in: None,
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

/// One HTTP status or range of them, or several with commas between them.
#[derive(Debug)]
pub(crate) struct StatusRanges(Vec<model::StatusRange>);

impl<'de> Deserialize<'de> for StatusRanges {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// More than anybody has a use for.
        const MOST: usize = 32;
        let text = String::deserialize(deserializer)?;
        let ranges: Vec<_> = text.split(',').map(str::parse).collect::<Result<_, _>>().map_err(custom)?;
        if ranges.len() > MOST {
            return Err(custom(format_args!("may be at most {MOST} statuses or ranges")));
        }
        Ok(Self(ranges))
    }
}

fn custom<E: serde::de::Error>(message: impl std::fmt::Display) -> E {
    E::custom(message)
}

/// The name of a failure.
#[derive(Debug)]
pub(crate) struct ErrorCode(model::ErrorCode);

impl<'de> Deserialize<'de> for ErrorCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if name.len() > 80 {
            return Err(custom("is no error code"));
        }
        name.parse().map(Self).map_err(custom)
    }
}

/// Which attempts of a delivery a filter asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Attempts {
    /// The newest: how a delivery stands.
    Newest,
    /// Any one of which all that is given holds, though a later one may have arrived.
    Any,
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
    /// With an attempt that ended so: the newest, or any, as `attempts` says.
    outcome: Option<Outcome>,
    /// With an attempt that failed by exactly this, the newest or any: an attempt's `error_code`.
    #[schema(value_type = Option<String>)]
    #[param(value_type = Option<String>)]
    error_code: Option<ErrorCode>,
    /// With an attempt that was answered so, the newest or any: a status, a range of them, or several with commas between
    /// them, as `404,5xx` or `500-504`.
    #[schema(value_type = Option<String>)]
    #[param(value_type = Option<String>)]
    response_status: Option<StatusRanges>,
    /// Which attempts `outcome`, `error_code` and `response_status` ask for. Without it, `newest`.
    #[param(inline)]
    attempts: Option<Attempts>,
    /// That ended for this reason.
    ended_because: Option<EndedBecause>,
    /// With this text in an id, the name or a URL of the endpoint, the event type, an error, or the body of a request
    /// or a response of any attempt, letter case included; 512 characters at most. The beginning of an id finds what has
    /// it. Bodies are searched a bounded part at a time: a page may be short, empty even, and have a `next_cursor`
    /// where the search goes on.
    #[schema(max_length = 512)]
    #[param(max_length = 512)]
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
            error_code: filter.error_code.map(|code| code.0),
            response_statuses: filter.response_status.map(|ranges| ranges.0).unwrap_or_default(),
            any_attempt: filter.attempts == Some(Attempts::Any),
            ended_because: filter.ended_because.map(Into::into),
            q: filter.q.filter(|text| !text.is_empty()),
        }
    }
}

/// How many attempts a delivery has in all: its plan knows nothing of one that was interrupted, nor of a person's.
fn most_attempts(delivery: &model::Delivery) -> u32 {
    let comes = u32::from(!delivery.status.is_final());
    delivery.max_attempts.max(delivery.attempt_count.saturating_add(comes))
}
