use hookbench_delivery::{EndpointStanding, Nearing, nearing, policy_of};
use hookbench_model::{BreakerPhase, BreakerState, EndpointId, KeptBack, Timestamp};
use hookbench_store::EndpointWork;

use crate::Workbench;
use crate::error::Result;

/// How an endpoint does, what waits for it, and what keeps that back.
#[derive(Clone, Debug)]
pub struct EndpointHealthSeen {
    /// Failures since the last success, counted as its disable rule says.
    pub consecutive_failures: u32,
    /// When the first of them was.
    pub failing_since: Option<Timestamp>,
    /// Where its breaker stands; `None` where it has none.
    pub breaker: Option<(BreakerPhase, BreakerState)>,
    /// Attempts under way.
    pub in_flight: usize,
    /// What waits.
    pub work: EndpointWork,
    /// What is due of that and waits for something else.
    pub kept_back: KeptBack,
    /// Its rate, and how many attempts that allows now; `None` where it has no limit.
    pub rate: Option<(f64, usize)>,
    /// How near it is to being disabled; `None` where no rule would.
    pub disable: Option<Nearing>,
}

impl Workbench {
    /// How an endpoint does.
    pub async fn endpoint_health(&self, id: EndpointId) -> Result<EndpointHealthSeen> {
        let endpoint = self.endpoint(id).await?;
        let policy = policy_of(Some(&endpoint), &self.profile_or_generic(&endpoint.provider));
        let now = self.now();
        let mut work = self.store().deliveries().work_of(id, now).await?;
        let standing = self.with_engine(|engine| engine.standing(id)).await.flatten();
        let health = standing.map(|standing| standing.health).unwrap_or_default();
        // An engine that has not met the endpoint yet knows less than the store.
        let (consecutive_failures, failing_since) = match standing {
            Some(EndpointStanding { health, .. }) => (health.consecutive_failures, health.failing_since),
            None => (endpoint.consecutive_failures, endpoint.failing_since),
        };
        let breaker = policy.breaker.map(|_| standing.and_then(|known| known.breaker).unwrap_or_default());
        let breaker = breaker.map(|state| (state.phase(now), state));
        let is_open = breaker.is_some_and(|(phase, _)| phase != BreakerPhase::Closed);
        let kept_back = self.store().deliveries().kept_back_of(id, now, is_open).await?;
        if let Some((BreakerPhase::Open, BreakerState { probe_at: Some(probe_at), .. })) = breaker {
            // What is due already waits for the probe, and so does what is due before it.
            let own = if kept_back.by_breaker > 0 { Some(now) } else { work.next_due_at };
            work.next_due_at = own.map(|due| due.max(probe_at));
        }
        let rate = policy
            .rate_limit
            .map(|limit| (limit.per_second, standing.and_then(|known| known.rate_available).unwrap_or(1)));
        let judged =
            hookbench_delivery::plan::EndpointHealth { consecutive_failures, failing_since, ..health };
        Ok(EndpointHealthSeen {
            consecutive_failures,
            failing_since,
            breaker,
            in_flight: standing.map_or(0, |standing| standing.in_flight),
            work,
            kept_back,
            rate,
            disable: nearing(&policy.disable, &judged, now),
        })
    }
}
