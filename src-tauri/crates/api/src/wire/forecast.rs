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

/// What goes out when, should nothing fail.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Forecast {
    /// When that was asked, by the workspace's clock.
    now: Time,
    /// How many deliveries are due already.
    overdue: u64,
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
            overdue: seen.forecast.overdue,
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
