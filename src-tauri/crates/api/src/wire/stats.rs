use std::collections::BTreeMap;

use hookbench_model as model;
use hookbench_workbench::StatsSeen;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{KeptBack, Time};

/// Which stretch of time.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct StatsQuery {
    /// From this time; 24 hours ago unless given.
    #[param(inline)]
    pub(crate) since: Option<Time>,
    /// To this time; now unless given.
    #[param(inline)]
    pub(crate) until: Option<Time>,
    /// How long a bucket is; a 48th of the stretch unless given. A stretch holds at most 2,000.
    #[param(minimum = 1000)]
    pub(crate) bucket_ms: Option<u64>,
}

/// Attempts of one stretch of time, by how they ended.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatsBucket {
    /// Where the stretch begins.
    start: Time,
    /// By outcome; outcomes that did not happen are left out.
    #[schema(value_type = std::collections::HashMap<String, u64>)]
    counts: Counts,
}

/// How long attempts took.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the unit belongs to each name in the contract")]
pub(crate) struct Latency {
    /// Half were faster.
    p50_ms: u64,
    /// Nine in ten were faster.
    p90_ms: u64,
    /// Ninety-nine in a hundred were faster.
    p99_ms: u64,
}

/// One endpoint's share.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EndpointStats {
    /// The endpoint.
    endpoint_id: String,
    /// Its name.
    endpoint_name: String,
    /// Attempts by outcome.
    #[schema(value_type = std::collections::HashMap<String, u64>)]
    outcomes: Counts,
    /// How long they took; null where there were none.
    #[schema(required)]
    latency: Option<Latency>,
    /// Its deliveries that wait: pending or retrying.
    waiting: u64,
    /// Its deliveries that failed for good in the stretch.
    failed: u64,
}

/// What happened in a stretch of time, and what is under way now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Stats {
    /// From here.
    since: Time,
    /// To here.
    until: Time,
    /// How long a bucket is.
    bucket_ms: u64,
    /// In order of time; empty ones are there too.
    buckets: Vec<StatsBucket>,
    /// Attempts by outcome, over the whole stretch.
    #[schema(value_type = std::collections::HashMap<String, u64>)]
    outcomes: Counts,
    /// How long attempts took; null where there were none.
    #[schema(required)]
    latency: Option<Latency>,
    /// Requests captured in the stretch.
    captured: u64,
    /// Requests captured in the stretch whose signature was invalid.
    captured_invalid: u64,
    /// Most failures first.
    endpoints: Vec<EndpointStats>,
    /// Deliveries that failed for good in the stretch.
    failed: u64,
    /// What the engine has before it now.
    engine: EngineState,
}

/// What the engine has before it now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EngineState {
    /// Deliveries that wait for their time: pending and retrying.
    due: u64,
    /// Those of them whose time has come and that go out as fast as they can.
    overdue: u64,
    /// Those of them whose time has come and that wait for something else.
    kept_back: KeptBack,
    /// Deliveries under way.
    in_flight: u64,
    /// Deliveries of which at least one attempt has failed and another is planned.
    retrying: u64,
    /// Deliveries kept while their endpoint is disabled.
    paused: u64,
    /// When the next attempt is due.
    #[schema(required)]
    next_attempt_at: Option<Time>,
}

type Counts = BTreeMap<&'static str, u64>;

fn counts(counts: Vec<(model::Outcome, u64)>) -> Counts {
    counts.into_iter().map(|(outcome, count)| (outcome.as_str(), count)).collect()
}

impl From<model::LatencyPercentiles> for Latency {
    fn from(latency: model::LatencyPercentiles) -> Self {
        Self { p50_ms: latency.p50_ms, p90_ms: latency.p90_ms, p99_ms: latency.p99_ms }
    }
}

impl From<model::EndpointStats> for EndpointStats {
    fn from(stats: model::EndpointStats) -> Self {
        Self {
            endpoint_id: stats.endpoint_id.to_string(),
            endpoint_name: stats.name,
            outcomes: counts(stats.counts),
            latency: stats.latency.map(Into::into),
            waiting: stats.waiting,
            failed: stats.failed,
        }
    }
}

impl From<StatsSeen> for Stats {
    fn from(StatsSeen { stats, due_now }: StatsSeen) -> Self {
        let bucket = |bucket: model::OutcomeBucket| StatsBucket {
            start: bucket.start.into(),
            counts: counts(bucket.counts),
        };
        Self {
            since: stats.since.into(),
            until: stats.until.into(),
            bucket_ms: stats.bucket_ms,
            buckets: stats.buckets.into_iter().map(bucket).collect(),
            outcomes: counts(stats.counts),
            latency: stats.latency.map(Into::into),
            captured: stats.captured,
            captured_invalid: stats.captured_invalid,
            endpoints: stats.endpoints.into_iter().map(Into::into).collect(),
            failed: stats.failed,
            engine: EngineState {
                due: stats.due,
                overdue: due_now.overdue,
                kept_back: due_now.kept_back.into(),
                in_flight: stats.in_flight,
                retrying: stats.retrying,
                paused: stats.paused,
                next_attempt_at: stats.next_attempt_at.map(Into::into),
            },
        }
    }
}
