use crate::{EndpointId, Outcome, Timestamp};

/// Counts of attempts by outcome in one stretch of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeBucket {
    /// Where the stretch begins.
    pub start: Timestamp,
    /// How many attempts ended how; outcomes that did not happen are left out.
    pub counts: Vec<(Outcome, u64)>,
}

/// How long attempts took, in milliseconds: half were faster than `p50_ms`, and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LatencyPercentiles {
    /// Half.
    pub p50_ms: u64,
    /// Nine in ten.
    pub p90_ms: u64,
    /// Ninety-nine in a hundred.
    pub p99_ms: u64,
}

/// One endpoint's share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointStats {
    /// The endpoint.
    pub endpoint_id: EndpointId,
    /// Its name.
    pub name: String,
    /// How many attempts ended how.
    pub counts: Vec<(Outcome, u64)>,
    /// How long they took; `None` where there were none.
    pub latency: Option<LatencyPercentiles>,
    /// Deliveries of its that wait: pending or retrying.
    pub waiting: u64,
    /// Deliveries of its that failed for good in the stretch.
    pub failed: u64,
}

/// What happened in a stretch of time, and what is under way now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    /// From here.
    pub since: Timestamp,
    /// To here.
    pub until: Timestamp,
    /// How long a bucket is, in milliseconds.
    pub bucket_ms: u64,
    /// The buckets, in order of time; empty ones are there too.
    pub buckets: Vec<OutcomeBucket>,
    /// How many attempts ended how, in all.
    pub counts: Vec<(Outcome, u64)>,
    /// How long attempts took; `None` where there were none.
    pub latency: Option<LatencyPercentiles>,
    /// Captured requests in the stretch.
    pub captured: u64,
    /// Captured requests in the stretch whose signature was invalid.
    pub captured_invalid: u64,
    /// Per endpoint, most failures first.
    pub endpoints: Vec<EndpointStats>,
    /// Deliveries now waiting, with a time: pending and retrying.
    pub due: u64,
    /// Deliveries now under way.
    pub in_flight: u64,
    /// Deliveries now retrying: at least one attempt of theirs has failed.
    pub retrying: u64,
    /// Deliveries that failed for good in the stretch.
    pub failed: u64,
    /// Deliveries now paused.
    pub paused: u64,
    /// When the next attempt is due.
    pub next_attempt_at: Option<Timestamp>,
}

/// What is due already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DueNow {
    /// What nothing keeps back: it goes out as fast as it can.
    pub overdue: u64,
    /// What goes out once something else has happened.
    pub kept_back: KeptBack,
}

/// Deliveries that are due and wait for something else, each counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeptBack {
    /// They wait for their endpoint's breaker.
    pub by_breaker: u64,
    /// They stand behind another of their ordered endpoint.
    pub by_order: u64,
}

impl KeptBack {
    /// All of them.
    pub const fn total(self) -> u64 {
        self.by_breaker + self.by_order
    }
}
