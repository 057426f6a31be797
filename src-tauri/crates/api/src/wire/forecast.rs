use hookbench_model as model;
use hookbench_workbench::ForecastSeen;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Time;

/// How far ahead, and how finely.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ForecastQuery {
    /// How far ahead; an hour unless given.
    #[param(minimum = 1000, maximum = 2_592_000_000_u64)]
    pub(crate) span_ms: Option<u64>,
    /// Into how many stretches of time that is cut; 60 unless given.
    #[param(minimum = 1, maximum = 500)]
    pub(crate) buckets: Option<u32>,
}

/// What goes out in a stretch of time.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ForecastBucket {
    /// Its begin, which is part of it.
    from: Time,
    /// Its end, which is not.
    until: Time,
    /// How many deliveries.
    count: u64,
}

/// Deliveries that are due and wait for something else, each counted once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeptBack {
    /// How many wait for their endpoint's breaker.
    by_breaker: u64,
    /// How many stand behind another of their ordered endpoint: one at a time goes, or one that failed holds the
    /// queue.
    by_order: u64,
}

impl From<model::KeptBack> for KeptBack {
    fn from(kept: model::KeptBack) -> Self {
        Self { by_breaker: kept.by_breaker, by_order: kept.by_order }
    }
}

/// What goes out when, should nothing fail.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Forecast {
    /// When that was asked, by the workspace's clock.
    now: Time,
    /// How many deliveries are due already and go out as fast as they can; what is kept back is not among them.
    overdue: u64,
    /// How many are due already and wait for something else.
    kept_back: KeptBack,
    /// When the last of those goes out that go out bit by bit, after a sleep or a long stop; null where none does.
    #[schema(required)]
    spread_until: Option<Time>,
    /// How many deliveries wait, whenever they are due.
    waiting: u64,
    /// What goes out in each stretch of time to come, in order. What is overdue and goes out bit by bit is counted
    /// where it will.
    buckets: Vec<ForecastBucket>,
}

impl From<ForecastSeen> for Forecast {
    fn from(seen: ForecastSeen) -> Self {
        let buckets = seen.forecast.buckets.into_iter();
        Self {
            now: seen.now.into(),
            overdue: seen.due_now.overdue,
            kept_back: seen.due_now.kept_back.into(),
            spread_until: seen.spread_until.map(Into::into),
            waiting: seen.forecast.waiting,
            buckets: buckets
                .map(|bucket| ForecastBucket {
                    from: bucket.from.into(),
                    until: bucket.until.into(),
                    count: bucket.count,
                })
                .collect(),
        }
    }
}
