use crate::{DeliveryStatus, EndedBecause, Outcome, VerificationStatus};

/// Durations, counted by how long they were at most.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DurationCounts {
    /// A bound in seconds, and how many were no longer; each bound is above the one before.
    pub buckets: Vec<(f64, u64)>,
    /// How many there were.
    pub count: u64,
    /// All of them together, in seconds.
    pub sum_seconds: f64,
}

/// What has been written since the program started.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tallied {
    /// Deliveries that were accepted.
    pub accepted: u64,
    /// Deliveries that ended, by why; one that is retried by hand ends once more.
    pub ended: Vec<(EndedBecause, u64)>,
    /// Attempts that were recorded, by outcome.
    pub attempts: Vec<(Outcome, u64)>,
    /// How long they took.
    pub attempt_durations: DurationCounts,
    /// Requests that were captured, by verdict.
    pub captured: Vec<(VerificationStatus, u64)>,
    /// The bytes of their bodies.
    pub captured_bytes: u64,
    /// How long whoever had something written waited until it was on disk.
    pub writes: DurationCounts,
    /// Transactions.
    pub commits: u64,
}

/// How things stand in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// How many deliveries there are of each status in which one has not ended.
    pub open: Vec<(DeliveryStatus, u64)>,
    /// Endpoints that are enabled.
    pub endpoints_enabled: u64,
    /// Endpoints that are disabled, drafts among them.
    pub endpoints_disabled: u64,
    /// Endpoints whose breaker is open.
    pub breakers_open: u64,
    /// The size of the database file, in bytes, without its log.
    pub database_bytes: u64,
    /// How much of that is free to be used again.
    pub database_free_bytes: u64,
}
