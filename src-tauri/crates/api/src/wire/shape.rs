use hookbench_model::{self as model, ShapeId, ShapeSource};
use hookbench_workbench::{DriftFilter as Which, DriftSeen, ShapeSeen};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{Time, wire_enum};

wire_enum! {
    /// How a body differs from what was known before it.
    DriftKind {
        /// Nothing of that event type had come before, and the provider's profile does not list it.
        NewEventType,
        /// A field that none had before.
        NewField,
        /// Something has a type that it never had before.
        ChangedType,
        /// A field that all had before is not there.
        MissingField,
    }
}

wire_enum! {
    /// The type of a JSON value, in the words of JSON Schema.
    JsonType {
        /// `null`.
        Null,
        /// `true` or `false`.
        Boolean,
        /// A number without a fraction.
        Integer,
        /// A number with a fraction.
        Number,
        /// A text.
        String,
        /// An object.
        Object,
        /// An array.
        Array,
    }
}

/// What the JSON bodies of one event type of a provider look like, or those of an inbox without one: learnt from what
/// arrived.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Shape {
    /// `shp_…`.
    id: String,
    /// The provider whose bodies these are; null for an inbox without one.
    #[schema(required)]
    provider: Option<String>,
    /// The inbox whose bodies these are, where it has no provider.
    #[schema(required)]
    inbox_id: Option<String>,
    /// The event type; null where they have none.
    #[schema(required)]
    event_type: Option<String>,
    /// From how many bodies it was learnt.
    bodies: u64,
    /// How many places it tells apart.
    places: u64,
    /// When the first of them was received.
    first_seen_at: Time,
    /// When the newest of them was received.
    last_seen_at: Time,
    /// How many drifts are kept of it: the newest 20,000 of the workspace are.
    drifts: u64,
    /// When the request was received that the newest of them was found in.
    #[schema(required)]
    last_drift_at: Option<Time>,
    /// Its places, each before what is below it; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Vec<ShapeField>>,
}

impl From<model::KnownShape> for Shape {
    fn from(known: model::KnownShape) -> Self {
        let (provider, inbox_id) = owner(&known.source);
        Self {
            id: known.id.to_string(),
            provider,
            inbox_id,
            event_type: known.event_type,
            bodies: known.bodies,
            places: known.places,
            first_seen_at: known.first_seen_at.into(),
            last_seen_at: known.last_seen_at.into(),
            drifts: known.drifts,
            last_drift_at: known.last_drift_at.map(Into::into),
            fields: None,
        }
    }
}

impl From<ShapeSeen> for Shape {
    fn from(ShapeSeen { known, fields }: ShapeSeen) -> Self {
        Self { fields: Some(fields.into_iter().map(Into::into).collect()), ..known.into() }
    }
}

fn owner(source: &ShapeSource) -> (Option<String>, Option<String>) {
    match source {
        ShapeSource::Provider(provider) => (Some(provider.as_str().to_owned()), None),
        ShapeSource::Inbox(inbox) => (None, Some(inbox.to_string())),
    }
}

/// One place of a shape.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShapeField {
    /// Where: `data.items[].id`; `$` for the whole body; `users.*.name` where keys are data.
    path: String,
    /// Its last step: `id`, `[]`, `*`, `$`.
    name: String,
    /// How many steps it lies below the whole.
    depth: usize,
    /// The types that were seen there, and how often each.
    types: Vec<SeenType>,
    /// How many values were there.
    seen: u64,
    /// How many there could have been: as many as there were objects for it to be in.
    of: u64,
    /// Whether it counts as missing where it is not there: at least five bodies had it, and all of them.
    required: bool,
    /// What all texts were written as: `date-time`, `date`, `uuid`, `email`, `uri`, `number`.
    #[schema(required)]
    format: Option<&'static str>,
    /// The texts that were seen, where they are few and words.
    words: Vec<String>,
    /// What stood there in the newest body, where that is still there, and the place is no object and no array.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    example: Option<Value>,
}

/// How often a type was seen.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SeenType {
    /// The type.
    r#type: JsonType,
    /// How often.
    count: u64,
}

impl From<model::ShapeField> for ShapeField {
    fn from(field: model::ShapeField) -> Self {
        let seen = |(kind, count): (model::JsonType, u64)| SeenType { r#type: kind.into(), count };
        Self {
            path: field.path,
            name: field.name,
            depth: field.depth,
            types: field.types.into_iter().map(seen).collect(),
            seen: field.seen,
            of: field.of,
            required: field.required,
            format: field.format.map(model::TextFormat::as_str),
            words: field.words,
            example: field.example,
        }
    }
}

/// A captured request that differs from what was known before it. Each difference is told once, of the first request
/// that has it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Drift {
    /// `dft_…`.
    id: String,
    /// The captured request.
    request_id: String,
    /// When that was received.
    received_at: Time,
    /// The shape that it differs from.
    shape_id: String,
    /// Whose bodies that describes; null for an inbox without a provider.
    #[schema(required)]
    provider: Option<String>,
    /// The inbox whose bodies that describes, where it has no provider.
    #[schema(required)]
    inbox_id: Option<String>,
    /// The event type.
    #[schema(required)]
    event_type: Option<String>,
    /// What kind of difference.
    kind: DriftKind,
    /// Where: `data.items[].id`; `$` for the whole body.
    path: String,
    /// The types that were known there; empty where nothing was.
    was: Vec<JsonType>,
    /// The type that is there; null where nothing is.
    #[schema(required)]
    is: Option<JsonType>,
    /// How often it has been so since, the first time among them; null where that is not counted.
    #[schema(required)]
    times: Option<u64>,
}

impl From<DriftSeen> for Drift {
    fn from(DriftSeen { kept, times }: DriftSeen) -> Self {
        let (provider, inbox_id) = owner(&kept.source);
        Self {
            id: kept.id.to_string(),
            request_id: kept.request_id.to_string(),
            received_at: kept.received_at.into(),
            shape_id: kept.shape_id.to_string(),
            provider,
            inbox_id,
            event_type: kept.event_type,
            kind: kept.drift.kind.into(),
            path: kept.drift.path,
            was: kept.drift.was.into_iter().map(Into::into).collect(),
            is: kept.drift.is.map(Into::into),
            times,
        }
    }
}

/// Which drifts; all conditions hold together.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DriftFilter {
    /// From this shape.
    #[param(value_type = Option<String>)]
    shape_id: Option<ShapeId>,
    /// Found at or after this time.
    #[param(inline)]
    since: Option<Time>,
}

impl From<DriftFilter> for Which {
    fn from(filter: DriftFilter) -> Self {
        Self { shape_id: filter.shape_id, request_id: None, since: filter.since.map(|time| time.0) }
    }
}
