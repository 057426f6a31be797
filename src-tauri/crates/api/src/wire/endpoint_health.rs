use hookbench_workbench::{EndpointHealthSeen, Nearing};
use serde::Serialize;
use utoipa::ToSchema;

use super::{KeptBack, Outcome, Time, wire_enum};

wire_enum! {
    /// Where a breaker stands.
    BreakerPhase {
        /// Deliveries go out.
        Closed,
        /// Nothing goes out but what a person asks for.
        Open,
        /// The probe is due or under way.
        HalfOpen,
    }
}

/// An endpoint's breaker.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BreakerStanding {
    /// Where it stands.
    state: BreakerPhase,
    /// Failures in a row that count for it.
    failures: u32,
    /// Since when it is open; null where it is closed.
    #[schema(required)]
    opened_at: Option<Time>,
    /// When the probe goes out; null where it is closed.
    #[schema(required)]
    probe_at: Option<Time>,
}

/// How fast an endpoint is sent to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RateStanding {
    /// Attempts a second.
    per_second: f64,
    /// How many may go out at this moment.
    available: usize,
}

/// How near an endpoint is to being disabled.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DisableStanding {
    /// The rule and where it stands.
    sentence: String,
    /// From 0, nothing has failed, to 1, the next failure disables it (or has).
    progress: f64,
}

/// An attempt that failed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LastFailure {
    /// Its delivery: `dlv_…`.
    delivery_id: String,
    /// When it began.
    at: Time,
    /// How it ended.
    outcome: Outcome,
    /// What went wrong, as a sentence.
    #[schema(required)]
    error: Option<String>,
}

/// How an endpoint does, what waits for it, and what keeps that back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EndpointHealth {
    /// Failures since the last success, counted as its disable rule says.
    consecutive_failures: u32,
    /// When the first of them was.
    #[schema(required)]
    failing_since: Option<Time>,
    /// Its breaker; null where it has none.
    #[schema(required)]
    breaker: Option<BreakerStanding>,
    /// Attempts under way.
    in_flight: usize,
    /// Its deliveries that wait: pending or retrying.
    waiting: u64,
    /// Those of them that are due.
    due: u64,
    /// Those of them that are due and wait for something else.
    kept_back: KeptBack,
    /// When the next is due that is not due yet: while its breaker is open, with the probe at the earliest.
    #[schema(required)]
    next_due_at: Option<Time>,
    /// Its rate; null where it has no limit.
    #[schema(required)]
    rate: Option<RateStanding>,
    /// The delivery that failed for good and holds its queue: `dlv_…`.
    #[schema(required)]
    held_by: Option<String>,
    /// How near it is to being disabled; null where no rule would.
    #[schema(required)]
    disable: Option<DisableStanding>,
    /// When a delivery last arrived, as far as its newest thousand tell.
    #[schema(required)]
    last_success_at: Option<Time>,
    /// Its newest failure, as far as its newest thousand deliveries tell.
    #[schema(required)]
    last_failure: Option<LastFailure>,
}

impl From<EndpointHealthSeen> for EndpointHealth {
    fn from(seen: EndpointHealthSeen) -> Self {
        let EndpointHealthSeen { work, .. } = seen;
        Self {
            consecutive_failures: seen.consecutive_failures,
            failing_since: seen.failing_since.map(Into::into),
            breaker: seen.breaker.map(|(phase, state)| BreakerStanding {
                state: phase.into(),
                failures: state.failures,
                opened_at: state.opened_at.map(Into::into),
                probe_at: state.probe_at.map(Into::into),
            }),
            in_flight: seen.in_flight,
            waiting: work.waiting,
            due: work.due,
            kept_back: seen.kept_back.into(),
            next_due_at: work.next_due_at.map(Into::into),
            rate: seen.rate.map(|(per_second, available)| RateStanding { per_second, available }),
            held_by: work.held_by.map(|id| id.to_string()),
            disable: seen
                .disable
                .map(|Nearing { sentence, progress }| DisableStanding { sentence, progress }),
            last_success_at: work.last_success_at.map(Into::into),
            last_failure: work.last_failure.map(|failure| LastFailure {
                delivery_id: failure.delivery.to_string(),
                at: failure.at.into(),
                outcome: failure.outcome.into(),
                error: failure.error,
            }),
        }
    }
}
