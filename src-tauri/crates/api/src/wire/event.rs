use data_encoding::BASE64;
use hookbench_model::{self as model, EventPattern, ProviderId};
use hookbench_workbench::{Accepted, EventDraft, EventSummary, PreviewedRequest};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{DeliveryStatus, Headers, Resign, Time, given};

/// Something that happened. Its payload is a raw resource of its own.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Event {
    /// `evt_…`.
    id: String,
    /// The id the provider gives it, in the provider's form.
    provider_event_id: String,
    /// Its type: `message.sent`.
    r#type: String,
    /// The profile that made it.
    provider: String,
    /// The `Content-Type` of the payload.
    content_type: String,
    /// In bytes.
    payload_size: u64,
    /// The HTTP method it is sent with.
    method: String,
    /// What is added to the path of where it goes; null but for a captured request that was sent on with one.
    #[schema(required)]
    path: Option<String>,
    /// What is added to the query of where it goes; `(the secret)` stands in place of a secret that came in it.
    #[schema(required)]
    query: Option<String>,
    /// Its own headers: beside the profile's where it is signed `fresh`, all there are where it goes out `exact` or was
    /// captured. One of a signature that is made for each attempt is empty. What was secret is shown as `(the secret)`.
    headers: Headers,
    /// Signed anew, or exactly as it was recorded.
    resign: Resign,
    /// How many deliveries carry it.
    delivery_count: u64,
    /// When it was made.
    created_at: Time,
}

impl From<EventSummary> for Event {
    fn from(summary: EventSummary) -> Self {
        let event = summary.event;
        let request = event.request;
        let (headers, query) = match request.shown {
            Some(shown) => (shown.headers, shown.query),
            None => (request.headers, request.query),
        };
        // What is made for every message is nobody's to send again.
        let said_anew =
            |name: &str| ["host", "content-length"].iter().any(|known| name.eq_ignore_ascii_case(known));
        let kept = headers.iter().filter(|(name, _)| !said_anew(name));
        let headers: hookbench_model::HeaderPairs =
            kept.map(|(name, value)| (name.to_owned(), value.clone())).collect();
        Self {
            id: event.id.to_string(),
            provider_event_id: event.provider_event_id,
            r#type: event.event_type,
            provider: event.provider.to_string(),
            content_type: event.content_type,
            payload_size: summary.payload_size,
            method: request.method,
            path: request.path,
            query,
            headers: headers.into(),
            resign: request.sign.into(),
            delivery_count: summary.deliveries,
            created_at: event.created_at.into(),
        }
    }
}

/// Which events; all conditions hold together.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventFilter {
    /// Of this type, or prefix (`message.*`).
    #[param(value_type = Option<String>)]
    r#type: Option<EventPattern>,
    /// Of this profile.
    #[param(value_type = Option<String>)]
    provider: Option<ProviderId>,
    /// Made at or after this time.
    #[param(inline)]
    since: Option<Time>,
    /// Made before this time.
    #[param(inline)]
    until: Option<Time>,
}

impl From<EventFilter> for model::EventFilter {
    fn from(filter: EventFilter) -> Self {
        Self {
            event_type: filter.r#type,
            provider: filter.provider,
            since: filter.since.map(|time| time.0),
            until: filter.until.map(|time| time.0),
        }
    }
}

/// An event to be made. At most one of `data`, `payload` and `payload_base64` is given; with none of them
/// the profile's sample is sent.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventInput {
    /// Its type. Needed, except beside `provider` with a whole payload whose type the profile can read.
    r#type: Option<String>,
    /// The profile that makes it; found by the type where only one profile has it.
    provider: Option<String>,
    /// The inner part, around which the profile's envelope is built.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Value>)]
    data: Option<Option<Value>>,
    /// The whole JSON body.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Value>)]
    payload: Option<Option<Value>>,
    /// The exact bytes of the body, in base64.
    payload_base64: Option<String>,
    /// The profile's generation of envelope, for `data` and samples; its usual one unless given.
    envelope: Option<String>,
    /// The `Content-Type`; the profile's unless given.
    content_type: Option<String>,
    /// The endpoints it goes to; every enabled endpoint of the profile that subscribes to the type unless given.
    endpoint_ids: Option<Vec<String>>,
    /// What the sample's ids, names and amounts are drawn from: the same seed draws the same. Random unless given.
    seed: Option<u64>,
    /// For how long it is worth delivering, whatever its endpoints say; as they say unless given.
    #[schema(minimum = 1000, maximum = 31_536_000_000_u64)]
    ttl_ms: Option<u64>,
}

impl From<EventInput> for EventDraft {
    fn from(input: EventInput) -> Self {
        Self {
            event_type: input.r#type,
            provider: input.provider,
            data: input.data.map(Option::unwrap_or_default),
            payload: input.payload.map(Option::unwrap_or_default),
            payload_base64: input.payload_base64,
            envelope: input.envelope,
            content_type: input.content_type,
            endpoint_ids: input.endpoint_ids,
            seed: input.seed,
            ttl_ms: input.ttl_ms,
        }
    }
}

/// An event that is on disk, with its deliveries.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventAccepted {
    /// `evt_…`.
    id: String,
    /// The id the provider gives it.
    provider_event_id: String,
    /// Its deliveries.
    deliveries: Vec<AcceptedDelivery>,
}

/// A delivery that is on disk.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AcceptedDelivery {
    /// `dlv_…`.
    id: String,
    /// The endpoint it goes to; null for a plain URL.
    #[schema(required)]
    endpoint_id: Option<String>,
    /// Where it stands.
    status: DeliveryStatus,
}

impl From<&Accepted> for EventAccepted {
    fn from(accepted: &Accepted) -> Self {
        Self {
            id: accepted.event_id.to_string(),
            provider_event_id: accepted.provider_event_id.clone(),
            deliveries: accepted
                .deliveries
                .iter()
                .map(|delivery| AcceptedDelivery {
                    id: delivery.id.to_string(),
                    endpoint_id: delivery.endpoint_id.map(|id| id.to_string()),
                    status: delivery.status.into(),
                })
                .collect(),
        }
    }
}

/// What would be sent; nothing has been.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Preview {
    /// One for each endpoint; where no endpoint would get it, one as the profile would make it.
    requests: Vec<PreviewRequest>,
}

/// What one endpoint would get.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewRequest {
    /// The endpoint; null where there is none yet.
    #[schema(required)]
    endpoint_id: Option<String>,
    /// Its name.
    #[schema(required)]
    endpoint_name: Option<String>,
    /// The HTTP method.
    method: String,
    /// The whole URL; empty where there is no endpoint yet.
    url: String,
    /// As they will stand on the wire.
    headers: Headers,
    /// The bytes that the signature covers; null where nothing is signed.
    #[schema(required)]
    signed_content_base64: Option<String>,
    /// The exact body.
    body_base64: String,
    /// Why it would not go out as shown; null where it would.
    #[schema(required)]
    problem: Option<String>,
}

impl From<Vec<PreviewedRequest>> for Preview {
    fn from(requests: Vec<PreviewedRequest>) -> Self {
        Self { requests: requests.into_iter().map(Into::into).collect() }
    }
}

impl From<PreviewedRequest> for PreviewRequest {
    fn from(request: PreviewedRequest) -> Self {
        Self {
            endpoint_id: request.endpoint.as_ref().map(|(id, _)| id.to_string()),
            endpoint_name: request.endpoint.map(|(_, name)| name),
            method: request.method,
            url: request.url,
            headers: request.headers.into(),
            signed_content_base64: request.signed_content.map(|content| BASE64.encode(&content)),
            body_base64: BASE64.encode(&request.body),
            problem: request.problem,
        }
    }
}
