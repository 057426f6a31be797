//! What the store shows.

use std::collections::BTreeMap;

use hookbench_model::{
    BreakerState, Delivery, DeliveryStatus, EndedBecause, Endpoint, EndpointStatus, Outcome, Timestamp,
};

/// How everything stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) deliveries: BTreeMap<usize, Seen>,
    pub(crate) endpoints: Vec<SeenEndpoint>,
}

/// A delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) status: DeliveryStatus,
    pub(crate) because: Option<EndedBecause>,
    pub(crate) attempts: u32,
    pub(crate) automatic: u32,
    pub(crate) most: u32,
    pub(crate) next: Option<Timestamp>,
    pub(crate) first: Option<Timestamp>,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) outcome: Option<Outcome>,
}

impl Seen {
    pub(crate) fn of(delivery: &Delivery) -> Self {
        Self {
            status: delivery.status,
            because: delivery.ended_because,
            attempts: delivery.attempt_count,
            automatic: delivery.automatic_attempts,
            most: delivery.max_attempts,
            next: delivery.next_attempt_at,
            first: delivery.first_attempt_at,
            expires: delivery.expires_at,
            outcome: delivery.last_attempt.as_ref().map(|last| last.outcome),
        }
    }

    /// The same delivery when it had just been accepted.
    pub(crate) fn new(later: &Self) -> Self {
        Self {
            status: DeliveryStatus::Pending,
            because: None,
            attempts: 0,
            automatic: 0,
            next: None,
            first: None,
            outcome: None,
            ..later.clone()
        }
    }
}

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeenEndpoint {
    pub(crate) number: usize,
    pub(crate) enabled: bool,
    pub(crate) reason: Option<String>,
    pub(crate) failures: u32,
    pub(crate) since: Option<Timestamp>,
    pub(crate) breaker: BreakerState,
}

impl SeenEndpoint {
    pub(crate) fn of((endpoint, breaker): &(Endpoint, BreakerState)) -> Self {
        Self {
            number: usize::from(endpoint.id.as_bytes()[15]),
            enabled: endpoint.status == EndpointStatus::Enabled,
            reason: endpoint.disabled_reason.clone(),
            failures: endpoint.consecutive_failures,
            since: endpoint.failing_since,
            breaker: *breaker,
        }
    }
}
