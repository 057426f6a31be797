use hookbench_model as model;
use hookbench_workbench::{ReplayDraft, ReplayPlan, Workbench};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::delivery::DeliveryFilter;
use super::request::RequestFilter;
use super::{Time, wire_enum};
use crate::problem::Problem;

/// How something sent before is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Resign {
    /// Signed anew, with the secrets and the time of the attempt: the endpoint's, or on the way of a captured request
    /// to a URL its inbox's. What was captured gets a new event id, and else goes as it came: its headers in their order
    /// and case, the new signature, time and id where the old ones stood.
    Fresh,
    /// Exactly as it was sent or captured, the old signature included.
    Exact,
}

impl From<Resign> for model::SignMode {
    fn from(resign: Resign) -> Self {
        match resign {
            Resign::Fresh => Self::Fresh,
            Resign::Exact => Self::Exact,
        }
    }
}

impl From<model::SignMode> for Resign {
    fn from(mode: model::SignMode) -> Self {
        match mode {
            model::SignMode::Fresh | model::SignMode::Renewed => Self::Fresh,
            model::SignMode::Exact => Self::Exact,
        }
    }
}

wire_enum! {
    /// Where a replay stands.
    ReplayStatus {
        /// Deliveries are being made.
        Running,
        /// Held by a person.
        Paused,
        /// Every item has its delivery, and every one of those has ended.
        Completed,
        /// Stopped by a person.
        Cancelled,
    }
}

/// How far a replay is; `total` is the sum of the others.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplayProgress {
    /// How many items it has.
    total: u64,
    /// Not yet made into deliveries.
    waiting: u64,
    /// Made into deliveries that are under way.
    under_way: u64,
    /// Delivered.
    delivered: u64,
    /// Failed for good, or cancelled one by one.
    failed: u64,
    /// Could not be made into a delivery: its original or its endpoint is gone.
    skipped: u64,
}

/// A deliberate resend of deliveries or captured requests, one or many.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Replay {
    /// `rpl_…`.
    pub(crate) id: String,
    /// Where it stands.
    status: ReplayStatus,
    /// How far it is.
    progress: ReplayProgress,
    /// Where it sends instead of the original URL.
    #[schema(required)]
    target_url: Option<String>,
    /// The endpoint it sends to instead.
    #[schema(required)]
    endpoint_id: Option<String>,
    /// Signed anew, or exactly as it was.
    resign: Resign,
    /// How many deliveries it makes a second; null for as fast as it goes.
    #[schema(required)]
    per_second: Option<f64>,
    /// They follow each other as far apart as their originals came, times this; null where they do not.
    #[schema(required)]
    gap_factor: Option<f64>,
    /// Why somebody did it.
    reason: String,
    /// When it was made.
    created_at: Time,
    /// When it ended.
    #[schema(required)]
    completed_at: Option<Time>,
}

impl From<model::Replay> for Replay {
    fn from(replay: model::Replay) -> Self {
        Self {
            id: replay.id.to_string(),
            status: replay.status.into(),
            progress: replay.progress.into(),
            target_url: replay.target_url.map(Into::into),
            endpoint_id: replay.target_endpoint.map(|id| id.to_string()),
            resign: replay.resign.into(),
            per_second: replay.per_second,
            gap_factor: replay.gaps,
            reason: replay.reason,
            created_at: replay.created_at.into(),
            completed_at: replay.completed_at.map(Into::into),
        }
    }
}

impl From<model::ReplayProgress> for ReplayProgress {
    fn from(progress: model::ReplayProgress) -> Self {
        let model::ReplayProgress { total, waiting, under_way, delivered, failed, skipped } = progress;
        Self { total, waiting, under_way, delivered, failed, skipped }
    }
}

/// How far apart a replay's deliveries follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Gaps {
    /// As far as their originals came.
    Original,
}

/// A replay to be made. One of `ids`, `filter` and `request_filter` says what it repeats.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplayInput {
    /// These deliveries (`dlv_…`) or captured requests (`req_…`), not both.
    ids: Option<Vec<String>>,
    /// The deliveries that this filter matches now.
    filter: Option<DeliveryFilter>,
    /// The captured requests that this filter matches now.
    request_filter: Option<RequestFilter>,
    /// Only say what would go where.
    #[serde(default)]
    pub(crate) dry_run: bool,
    /// How many deliveries a second; as fast as it goes unless given.
    #[schema(exclusive_minimum = 0, maximum = 10_000)]
    per_second: Option<f64>,
    /// `original` has them follow each other as far apart as their originals came; goes without `per_second`.
    gaps: Option<Gaps>,
    /// Those gaps times this; 1 unless given.
    #[schema(minimum = 0.001, maximum = 1000)]
    gap_factor: Option<f64>,
    /// Send to this URL instead of the original one.
    target_url: Option<String>,
    /// Send to this endpoint instead. Captured requests need this or `target_url`.
    endpoint_id: Option<String>,
    /// `fresh` unless given; captured requests to a `target_url` go `exact` then.
    resign: Option<Resign>,
    /// Why.
    #[schema(max_length = 1000)]
    reason: Option<String>,
}

impl ReplayInput {
    /// What is asked for; ages in a filter are from now on.
    pub(crate) async fn draft(self, workbench: &Workbench) -> Result<ReplayDraft, Problem> {
        let input = self;
        let request_filter = match input.request_filter {
            Some(filter) => Some(filter.read("request_filter.filter", workbench).await?),
            None => None,
        };
        Ok(ReplayDraft {
            ids: input.ids,
            filter: input.filter.map(Into::into),
            request_filter,
            per_second: input.per_second,
            gaps: input.gaps.map(|Gaps::Original| true),
            gap_factor: input.gap_factor,
            target_url: input.target_url,
            endpoint_id: input.endpoint_id,
            resign: input.resign.map(Into::into),
            reason: input.reason,
        })
    }
}

/// What a replay would send where; nothing has been made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplayPreview {
    /// Always true: this is what a dry run answers.
    dry_run: bool,
    /// How many deliveries it would make.
    total: u64,
    /// How many would go where.
    targets: Vec<ReplayTarget>,
    /// The first few of what would be repeated, newest first.
    first_ids: Vec<String>,
    /// How long it takes until the last is made, in milliseconds, where a rate or gaps say so.
    #[schema(required)]
    lasts_ms: Option<u64>,
    /// What somebody should know before, in sentences: which headers an exact repeat would go without, how many of the
    /// captured requests did not come whole.
    notes: Vec<String>,
}

/// How much of a replay goes to one place.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplayTarget {
    /// The endpoint; null for a plain URL.
    #[schema(required)]
    endpoint_id: Option<String>,
    /// Its name; empty where there is no endpoint.
    endpoint_name: String,
    /// The URL.
    url: String,
    /// How many deliveries.
    count: u64,
}

impl From<ReplayPlan> for ReplayPreview {
    fn from(plan: ReplayPlan) -> Self {
        Self {
            dry_run: true,
            total: plan.total,
            targets: plan
                .targets
                .into_iter()
                .map(|target| ReplayTarget {
                    endpoint_id: target.endpoint_id.map(|id| id.to_string()),
                    endpoint_name: target.name,
                    url: target.url,
                    count: target.count,
                })
                .collect(),
            first_ids: plan.first_ids,
            lasts_ms: plan.lasts_ms,
            notes: plan.notes,
        }
    }
}
