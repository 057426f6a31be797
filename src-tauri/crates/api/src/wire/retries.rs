use hookbench_workbench as workbench;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer_given::GivenAnswer;
use super::{Schedule, Time};

/// By what arrivals are told to be one request again.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AlikeBy {
    /// They are attempts of one delivery of Hookbench's own.
    Delivery,
    /// They are about the same event of the inbox's provider.
    Event,
    /// They have the same method, path, query and body, and come from the same address.
    Body,
}

/// How an arrival compares with the plan.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Pace {
    /// It came when it was to come.
    AsPlanned,
    /// It came before.
    Early,
    /// It came after.
    Late,
    /// The plan was over.
    Beyond,
}

/// One of the times that a request came.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Arrived {
    /// Which one of all it is, from 1.
    number: u64,
    /// The captured request.
    request_id: String,
    /// When it came.
    received_at: Time,
    /// What was answered.
    response: GivenAnswer,
    /// How long after the one before it; null of the first.
    #[schema(required)]
    after_ms: Option<u64>,
    /// How long after it the provider says; null of the first, and where it says nothing.
    #[schema(required)]
    planned_ms: Option<u64>,
    /// The same at the earliest, where jitter shortens it.
    #[schema(required)]
    planned_earliest_ms: Option<u64>,
    /// The same at the latest, where jitter lengthens it.
    #[schema(required)]
    planned_latest_ms: Option<u64>,
    /// How that compares; null where there is nothing to compare it with.
    #[schema(required)]
    pace: Option<Pace>,
}

/// How the sender of a captured request tried again, beside what its inbox's provider says.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Retries {
    /// By what the arrivals are told to be one request again.
    by: AlikeBy,
    /// How many arrivals there are; where they are told by their body, of those that are near.
    total: u64,
    /// The arrivals, oldest first: of more than 200 those nearest to the request that was asked for, itself among them.
    arrivals: Vec<Arrived>,
    /// The provider of the inbox; null where it has none.
    #[schema(required)]
    provider: Option<String>,
    /// What it is called.
    #[schema(required)]
    provider_name: Option<String>,
    /// When its sender would have tried from the first arrival on, had every attempt failed at once.
    #[schema(required)]
    schedule: Option<Schedule>,
}

impl From<workbench::AlikeBy> for AlikeBy {
    fn from(by: workbench::AlikeBy) -> Self {
        match by {
            workbench::AlikeBy::Delivery => Self::Delivery,
            workbench::AlikeBy::Event => Self::Event,
            workbench::AlikeBy::Body => Self::Body,
        }
    }
}

impl From<workbench::Pace> for Pace {
    fn from(pace: workbench::Pace) -> Self {
        match pace {
            workbench::Pace::AsPlanned => Self::AsPlanned,
            workbench::Pace::Early => Self::Early,
            workbench::Pace::Late => Self::Late,
            workbench::Pace::Beyond => Self::Beyond,
        }
    }
}

impl From<workbench::Retries> for Retries {
    fn from(retries: workbench::Retries) -> Self {
        let ms = |span: std::time::Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        let arrived = |arrived: workbench::Arrived| Arrived {
            number: arrived.before + 1,
            request_id: arrived.request.id.to_string(),
            received_at: arrived.request.received_at.into(),
            response: GivenAnswer::to(&arrived.request),
            after_ms: arrived.after.map(ms),
            planned_ms: arrived.planned.map(|(planned, _, _)| ms(planned)),
            planned_earliest_ms: arrived.planned.map(|(_, earliest, _)| ms(earliest)),
            planned_latest_ms: arrived.planned.map(|(_, _, latest)| ms(latest)),
            pace: arrived.pace.map(Into::into),
        };
        Self {
            by: retries.by.into(),
            total: retries.total,
            arrivals: retries.arrivals.into_iter().map(arrived).collect(),
            provider: retries.profile.as_ref().map(|profile| profile.id().to_string()),
            provider_name: retries.profile.as_ref().map(|profile| profile.name().to_owned()),
            schedule: retries.schedule.map(Into::into),
        }
    }
}
