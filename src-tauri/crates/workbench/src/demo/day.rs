//! The day itself: events happen, attempts are made when they are due, and what arrives is captured.

use std::borrow::Cow;
use std::collections::HashMap;

use hookbench_delivery::build::{BuildInput, build};
use hookbench_delivery::plan::{Ended, EndpointHealth, follow};
use hookbench_delivery::policy_of;
use hookbench_model::{
    Attempt, AttemptTiming, CapturedRequest, DeliveryId, DeliveryStatus, DeliveryTarget, Endpoint,
    EndpointId, EndpointStatus, Event, EventId, EventRequest, NewDelivery, SentRequest, Timestamp, Trigger,
};
use hookbench_providers::{ComposeInput, Profile};
use hookbench_store::{Claimed, Finish, Next};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::DAY_MS;
use super::actors::{Answer, Asked};
use super::arrival::Arrival;
use super::cast::{Cast, Part};
use crate::Workbench;
use crate::error::{Result, WorkbenchError};

/// How much of the day is played in one go, in milliseconds.
const SCENE_MS: i64 = 60_000;
/// The most attempts of one claim.
const CLAIM: usize = 200;

/// Plays the day up to now.
pub(super) async fn play(workbench: &Workbench, cast: &Cast) -> Result<()> {
    let end = workbench.now();
    let mut rng = StdRng::seed_from_u64(20);
    happen(workbench, cast, end, &mut rng).await?;
    let mut stage = Stage {
        workbench,
        parts: cast.parts.iter().map(|part| (part.endpoint.id, part)).collect(),
        health: HashMap::new(),
        waiting: HashMap::new(),
        end,
        rng,
    };
    while let Some(due) = workbench.store().deliveries().next_due(&[]).await?.filter(|due| *due < end) {
        stage.scene(due.plus_ms(SCENE_MS).min(end)).await?;
    }
    Ok(())
}

/// Writes every event of the day with its deliveries, oldest first.
async fn happen(workbench: &Workbench, cast: &Cast, end: Timestamp, rng: &mut StdRng) -> Result<()> {
    let mut times = Vec::new();
    for (index, part) in cast.parts.iter().enumerate() {
        times.extend((0..part.events).map(|_| (moment(end, rng), index)));
    }
    times.sort_unstable();
    let events = workbench.store().events();
    let mut writes = Vec::with_capacity(times.len());
    for (at, index) in times {
        let Some(event) = event(workbench, &cast.parts[index], at, rng)? else { continue };
        let wants = |part: &&Part| {
            part.endpoint.provider == event.provider
                && part.endpoint.enabled_events.matches(&event.event_type)
        };
        let deliveries = cast.parts.iter().filter(wants).map(|part| delivery(workbench, part, at)).collect();
        writes.push(events.create(event, deliveries, None));
    }
    // Together, so that they share their transactions.
    futures::future::try_join_all(writes).await?;
    Ok(())
}

/// A time of the day: more by daylight than by night.
fn moment(end: Timestamp, rng: &mut StdRng) -> Timestamp {
    loop {
        let ago = rng.random_range(20_000..DAY_MS);
        let into = (DAY_MS - ago) as f64 / DAY_MS as f64;
        let busy = 0.25 + 0.75 * (std::f64::consts::PI * into).sin();
        if rng.random_range(0.0..1.0) < busy {
            return end.plus_ms(-ago);
        }
    }
}

fn event(workbench: &Workbench, part: &Part, at: Timestamp, rng: &mut StdRng) -> Result<Option<Event>> {
    let profile = workbench.profile_or_generic(&part.endpoint.provider);
    // The first types of a profile are its everyday ones too.
    let types: Vec<_> = match part.happens {
        [] => profile.events().map(hookbench_providers::EventType::event_type).collect(),
        happens => happens.to_vec(),
    };
    let index = rng.random_range(0..types.len().max(1)).min(rng.random_range(0..types.len().max(1)));
    types.get(index).map(|event_type| composed(&profile, event_type, at, rng)).transpose()
}

/// An event of that type by the profile's sample.
pub(super) fn composed(
    profile: &Profile,
    event_type: &str,
    at: Timestamp,
    rng: &mut StdRng,
) -> Result<Event> {
    let input = ComposeInput { event_type, data: None, now: at, event_id: None, envelope: None };
    let composed =
        profile.compose(input, rng).map_err(|error| WorkbenchError::field("type", error.to_string()))?;
    Ok(Event {
        id: EventId::new(at),
        provider_event_id: composed.provider_event_id,
        provider: profile.id().clone(),
        event_type: event_type.to_owned(),
        content_type: composed.content_type.unwrap_or_default(),
        request: EventRequest { method: composed.method, query: composed.query, ..EventRequest::default() },
        payload: composed.payload,
        created_at: at,
    })
}

fn delivery(workbench: &Workbench, part: &Part, at: Timestamp) -> NewDelivery {
    let profile = workbench.profile_or_generic(&part.endpoint.provider);
    NewDelivery {
        id: DeliveryId::new(at),
        target: DeliveryTarget::Endpoint(part.endpoint.id),
        status: DeliveryStatus::Pending,
        is_test: false,
        max_attempts: policy_of(Some(&part.endpoint), &profile).retry.max_attempts(),
        due_at: at,
        expires_at: None,
        trigger: Trigger::Automatic,
        replay_id: None,
        repeats_delivery: None,
        repeats_request: None,
    }
}

/// What the day is played with.
struct Stage<'a> {
    workbench: &'a Workbench,
    parts: HashMap<EndpointId, &'a Part>,
    health: HashMap<EndpointId, EndpointHealth>,
    /// When the next attempt of a delivery is due; whoever claims it is not told any more.
    waiting: HashMap<DeliveryId, Timestamp>,
    end: Timestamp,
    rng: StdRng,
}

impl Stage<'_> {
    /// Makes every attempt that is due by then.
    async fn scene(&mut self, until: Timestamp) -> Result<()> {
        let deliveries = self.workbench.store().deliveries();
        loop {
            let mut claimed = deliveries.claim_due(until, CLAIM, &[]).await?;
            if claimed.is_empty() {
                return Ok(());
            }
            claimed.sort_by_key(|claimed| self.due(claimed));
            for claimed in claimed {
                self.attempt(claimed).await?;
            }
        }
    }

    async fn attempt(&mut self, claimed: Claimed) -> Result<()> {
        let started_at = self.due(&claimed);
        let known = claimed.delivery.target.endpoint_id().and_then(|id| self.parts.get(&id).copied());
        let Some(part) = known else { return Ok(()) };
        let profile = self.workbench.profile_or_generic(&part.endpoint.provider);
        let policy = policy_of(Some(&part.endpoint), &profile);
        let input = BuildInput {
            event: &claimed.event,
            target: &claimed.delivery.target,
            endpoint: Some(&as_of(&part.endpoint, started_at)),
            profile: &profile,
            scheme: None,
            signer: None,
            attempt: claimed.attempt_number,
            now: started_at,
        };
        let built = build(&input).map_err(|error| WorkbenchError::field("url", error.to_string()))?;
        let timeout_ms = u64::try_from(policy.timeout.as_millis()).unwrap_or(u64::MAX);
        let asked = Asked { at: started_at, end: self.end, timeout_ms, success: profile.success() };
        let answer = part.manner.answer(&asked, &mut self.rng);
        let ended_at = started_at.plus_ms(i64::try_from(answer.duration_ms).unwrap_or(0));
        if let (true, Some(inbox)) = (answer.arrived(), &part.inbox) {
            let sent_by = (claimed.delivery.id, claimed.attempt_number);
            let arrival = Arrival::of(&built, inbox);
            let request = CapturedRequest {
                response_status: answer.status.unwrap_or(inbox.response.status),
                ..arrival.delivered(self.workbench, inbox, ended_at.plus_ms(-1), sent_by)
            };
            self.workbench.store().requests().capture(request, arrival.body).await?;
        }
        let health = self.health.entry(part.endpoint.id).or_insert(EndpointHealth {
            enabled: part.endpoint.status == EndpointStatus::Enabled,
            ..EndpointHealth::default()
        });
        let ended = Ended {
            outcome: answer.outcome,
            status: answer.status,
            retry_after: None,
            trigger: Trigger::Automatic,
            at: ended_at,
            first_at: claimed.delivery.first_attempt_at.unwrap_or(started_at),
            expires_at: claimed.delivery.expires_at,
            automatic_attempts: claimed.delivery.automatic_attempts + 1,
            attempts: claimed.attempt_number,
            max_attempts: claimed.delivery.max_attempts,
            plan_over: false,
            is_test: false,
        };
        let plan = follow(&ended, &policy, Some(health), self.rng.random_range(0.0..1.0));
        *health = health.after(&plan.effect);
        let attempt = attempted(&claimed, built.to_sent(), &answer, started_at, &part.endpoint.url);
        let delivery = claimed.delivery.id;
        if let Next::Retry { at } = plan.next {
            self.waiting.insert(delivery, at);
        }
        let finish = Finish { delivery, attempt, next: plan.next, effect: plan.effect, breaker: None };
        self.workbench.store().deliveries().finish(finish).await?;
        Ok(())
    }

    /// When a claimed attempt was due.
    fn due(&self, claimed: &Claimed) -> Timestamp {
        self.waiting.get(&claimed.delivery.id).copied().unwrap_or(claimed.delivery.created_at)
    }
}

/// The endpoint without the secrets that it did not have yet.
fn as_of(endpoint: &Endpoint, at: Timestamp) -> Cow<'_, Endpoint> {
    if endpoint.secrets.iter().all(|kept| kept.created_at <= at) {
        return Cow::Borrowed(endpoint);
    }
    let mut endpoint = endpoint.clone();
    endpoint.secrets.retain(|kept| kept.created_at <= at);
    Cow::Owned(endpoint)
}

fn attempted(
    claimed: &Claimed,
    request: SentRequest,
    answer: &Answer,
    started_at: Timestamp,
    url: &url::Url,
) -> Attempt {
    let total = answer.duration_ms as f64;
    let connected = answer.arrived();
    let timing = AttemptTiming {
        dns_ms: None,
        connect_ms: connected.then_some(0.4),
        tls_ms: None,
        first_byte_ms: connected.then_some((total - 0.9).max(0.3)),
        body_ms: connected.then_some(0.2),
    };
    Attempt {
        delivery_id: claimed.delivery.id,
        number: claimed.attempt_number,
        trigger: Trigger::Automatic,
        started_at,
        duration_ms: answer.duration_ms,
        timing,
        remote_addr: connected.then(|| format!("127.0.0.1:{}", url.port_or_known_default().unwrap_or(80))),
        connection: None,
        request: Some(request),
        response: answer.response(),
        outcome: answer.outcome,
        error_code: None,
        error: answer.error.clone(),
        captured_as: None,
    }
}
