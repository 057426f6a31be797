//! The day itself: events happen, attempts are made when they are due, and what arrives is captured.

use std::collections::HashMap;

use hookbench_delivery::build::{BuildInput, BuiltRequest, build};
use hookbench_delivery::plan::{Ended, EndpointHealth, follow};
use hookbench_delivery::policy_of;
use hookbench_model::{
    Attempt, AttemptTiming, CapturedRequest, DeliveryId, DeliveryStatus, DeliveryTarget, EndpointId,
    EndpointStatus, Event, EventId, EventRequest, Inbox, NewDelivery, RequestId, SentRequest, Timestamp,
    Trigger, Verification,
};
use hookbench_providers::{ComposeInput, Profile};
use hookbench_signing::{Received, Secret, verify};
use hookbench_store::{Claimed, Finish, Next};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::DAY_MS;
use super::actors::Answer;
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
    let types: Vec<_> = profile.events().map(hookbench_providers::EventType::event_type).collect();
    // The first types of a profile are its everyday ones.
    let index = rng.random_range(0..types.len().max(1)).min(rng.random_range(0..types.len().max(1)));
    let Some(event_type) = types.get(index) else { return Ok(None) };
    let input = ComposeInput { event_type, data: None, now: at, event_id: None, envelope: None };
    let composed =
        profile.compose(input, rng).map_err(|error| WorkbenchError::field("type", error.to_string()))?;
    Ok(Some(Event {
        id: EventId::new(at),
        provider_event_id: composed.provider_event_id,
        provider: profile.id().clone(),
        event_type: (*event_type).to_owned(),
        content_type: composed.content_type.unwrap_or_default(),
        request: EventRequest { method: composed.method, query: composed.query, ..EventRequest::default() },
        payload: composed.payload,
        created_at: at,
    }))
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
            endpoint: Some(&part.endpoint),
            profile: &profile,
            scheme: None,
            attempt: claimed.attempt_number,
            now: started_at,
        };
        let built = build(&input).map_err(|error| WorkbenchError::field("url", error.to_string()))?;
        let timeout_ms = u64::try_from(policy.timeout.as_millis()).unwrap_or(u64::MAX);
        let answer = part.manner.answer(started_at, self.end, timeout_ms, &mut self.rng);
        let ended_at = started_at.plus_ms(i64::try_from(answer.duration_ms).unwrap_or(0));
        if let (true, Some(inbox)) = (answer.arrived(), &part.inbox) {
            let sent_by = (claimed.delivery.id, claimed.attempt_number);
            let request = captured(inbox, &profile, &built, &answer, sent_by, ended_at.plus_ms(-1));
            self.workbench.store().requests().capture(request, built.body().clone()).await?;
        }
        let health = self.health.entry(part.endpoint.id).or_insert(EndpointHealth {
            enabled: part.endpoint.status == EndpointStatus::Enabled,
            consecutive_failures: 0,
            failing_since: None,
        });
        let ended = Ended {
            outcome: answer.outcome,
            trigger: Trigger::Automatic,
            at: ended_at,
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
        let finish = Finish { delivery, attempt, next: plan.next, effect: plan.effect };
        self.workbench.store().deliveries().finish(finish).await?;
        Ok(())
    }

    /// When a claimed attempt was due.
    fn due(&self, claimed: &Claimed) -> Timestamp {
        self.waiting.get(&claimed.delivery.id).copied().unwrap_or(claimed.delivery.created_at)
    }
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
        request: Some(request),
        response: answer.response(),
        outcome: answer.outcome,
        error: answer.error.clone(),
        captured_as: None,
    }
}

fn captured(
    inbox: &Inbox,
    profile: &Profile,
    built: &BuiltRequest,
    answer: &Answer,
    sent_by: (DeliveryId, u32),
    at: Timestamp,
) -> CapturedRequest {
    let headers = built.headers();
    let seen = hookbench_providers::Seen {
        method: built.method(),
        query: built.url().query(),
        headers: &headers,
        body: built.body(),
    };
    let event = profile.event_of(&seen);
    let secrets: Vec<&Secret> = inbox.secrets.iter().map(|kept| &kept.secret).collect();
    let pairs: Vec<(&str, &[u8])> = headers.iter().map(|(name, value)| (name, value.as_bytes())).collect();
    let url = built.url().as_str();
    let received = Received { method: built.method(), url, headers: &pairs, body: built.body() };
    let verification = Verification::from(verify(profile.scheme(), &secrets, &received, at.unix_ms()));
    let below = built.url().path().strip_prefix(&format!("/{}", inbox.slug)).unwrap_or_default().to_owned();
    CapturedRequest {
        id: RequestId::new(at),
        inbox_id: inbox.id,
        received_at: at,
        method: built.method().to_owned(),
        path: below,
        query: built.url().query().map(ToOwned::to_owned),
        http_version: "HTTP/1.1".to_owned(),
        content_type: headers.get_str("content-type").map(ToOwned::to_owned),
        headers,
        body_size: built.body().len() as u64,
        remote_addr: "127.0.0.1:51934".to_owned(),
        event_type: event.event_type,
        provider_event_id: event.provider_event_id,
        verification,
        handshake: None,
        response_status: answer.status.unwrap_or(200),
        delivery: Some(sent_by),
        note: String::new(),
        tags: Vec::new(),
        pinned: false,
    }
}
