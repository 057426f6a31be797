//! The worker that makes replays into deliveries, each at its own pace.

use std::collections::HashMap;
use std::time::Duration;

use futures::future::OptionFuture;
use hookbench_delivery::policy_of;
use hookbench_model::{
    Delivery, DeliveryId, DeliveryTarget, Event, EventId, EventRequest, NewDelivery, Noun, Replay, ReplayId,
    ReplayItem, ReplayStatus, RequestId, SentRequest, Shown, SignMode, Timestamp, Trigger, unveiled_headers,
    unveiled_query,
};
use hookbench_store::{ChangeStream, Feed, Repeat, ReplayWork, StoreError, WaitingItem};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::Workbench;
use crate::error::{Result, WorkbenchError};
use crate::send_on::{Destination, first_status};
use crate::time::Resting;

/// How many items are made in one write.
const BATCH: u32 = 100;
/// How long to wait between two looks at how a replay's deliveries fare, and after an error before the first other
/// try. In real time: it spares the machine and means nothing to the workspace.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// The longest wait before another try: it doubles from one to the next.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How each replay goes on.
type Paces = HashMap<ReplayId, Pace>;

/// How a replay goes on.
#[derive(Clone, Copy, Debug)]
enum Pace {
    /// By its rate: when it may make its next delivery, in fractions of a millisecond.
    Next(f64),
    /// By the gaps between its originals: the original that came then is repeated now, and what follows it as much
    /// later as it came later. Begun anew after a pause and after a start.
    Anchored {
        /// When the original came.
        original: Timestamp,
        /// When it is repeated.
        now: Timestamp,
    },
}

/// The replays that could not go on, and when they are tried again.
type Troubles = HashMap<ReplayId, Pause>;

/// A wait before another try, in real time.
#[derive(Clone, Copy, Debug)]
struct Pause {
    length: Duration,
    end: Instant,
}

impl Pause {
    /// The wait after another try that failed.
    fn after(before: Option<Self>) -> Self {
        let length = before.map_or(LOOK_AGAIN, |before| (before.length * 2).min(LONGEST_PAUSE));
        Self { length, end: Instant::now() + length }
    }
}

/// Makes replays into deliveries until it is stopped.
pub(crate) async fn run(workbench: Workbench, stopping: CancellationToken) {
    let mut changes = workbench.changes().subscribe();
    let (mut paces, mut troubles) = (Paces::new(), Troubles::new());
    let mut trouble = None;
    loop {
        workbench.replays_rest().send_replace(None);
        let wake = match round(&workbench, &mut paces, &mut troubles).await {
            Ok(wake) => {
                trouble = None;
                wake
            }
            Err(WorkbenchError::Store(StoreError::Closed)) => return,
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "replays could not go on");
                let pause = Pause::after(trouble);
                trouble = Some(pause);
                Wake { again: Some(pause.end), ..Wake::default() }
            }
        };
        if !wake.now && wake.again.is_none() {
            workbench.replays_rest().send_replace(Some(Resting { until: wake.at }));
        }
        match stopping.run_until_cancelled(wake.wait(&workbench, &mut changes)).await {
            Some(true) => {}
            Some(false) | None => return,
        }
    }
}

/// What there is to wait for. A replay that changes ends the wait in any case.
#[derive(Clone, Copy, Debug, Default)]
struct Wake {
    /// There is more to do already.
    now: bool,
    /// When a replay may make its next delivery, by the workspace's clock.
    at: Option<Timestamp>,
    /// Whether a replay waits for its deliveries to end.
    deliveries: bool,
    /// When what failed is tried again, in real time.
    again: Option<Instant>,
}

impl Wake {
    fn or(self, other: Self) -> Self {
        Self {
            now: self.now || other.now,
            at: self.at.into_iter().chain(other.at).min(),
            deliveries: self.deliveries || other.deliveries,
            again: self.again.into_iter().chain(other.again).min(),
        }
    }

    /// Waits; false where nothing will come any more.
    async fn wait(self, workbench: &Workbench, changes: &mut ChangeStream) -> bool {
        if self.now {
            return true;
        }
        let timer = async {
            match self.at {
                Some(at) => workbench.clock().sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        let again = OptionFuture::from(self.again.map(tokio::time::sleep_until));
        tokio::select! {
            () = timer => true,
            Some(()) = again => true,
            goes_on = change(changes, self.deliveries) => goes_on,
        }
    }
}

/// Waits for a change that matters; false where none will come any more.
async fn change(changes: &mut ChangeStream, deliveries: bool) -> bool {
    // Deliveries may change thousands of times a second; a look a few times a second is enough.
    let mut waiting = false;
    let mut look = std::pin::pin!(OptionFuture::<tokio::time::Sleep>::default());
    loop {
        let next = tokio::select! {
            next = changes.next() => next,
            Some(()) = look.as_mut(), if waiting => return true,
        };
        match next {
            Feed::Change(change) if change.noun == Noun::Replay => return true,
            Feed::Change(change) if deliveries && change.noun == Noun::Delivery && !waiting => {
                look.set(Some(tokio::time::sleep(LOOK_AGAIN)).into());
                waiting = true;
            }
            Feed::Change(_) => {}
            Feed::Lagged => return true,
            Feed::Closed => return false,
        }
    }
}

/// Lets every replay that runs make what it may make now. One that cannot go on keeps no other back.
async fn round(workbench: &Workbench, paces: &mut Paces, troubles: &mut Troubles) -> Result<Wake> {
    let mut running = workbench.store().replays().unfinished().await?;
    running.retain(|replay| replay.status == ReplayStatus::Running);
    let runs = |id: &ReplayId| running.iter().any(|replay| replay.id == *id);
    paces.retain(|id, _| runs(id));
    troubles.retain(|id, _| runs(id));
    let mut wake = Wake::default();
    for replay in &running {
        let id = replay.id;
        let pause = troubles.get(&id).copied();
        let waits = pause.filter(|pause| Instant::now() < pause.end);
        let pace = paces.get(&id).copied();
        let stepped = match waits {
            Some(pause) => Ok(Wake { again: Some(pause.end), ..Wake::default() }),
            None => step(workbench, replay, paces).await,
        };
        wake = wake.or(match stepped {
            Ok(stepped) => {
                if waits.is_none() {
                    troubles.remove(&id);
                }
                stepped
            }
            Err(WorkbenchError::Store(StoreError::Closed)) => return Err(StoreError::Closed.into()),
            Err(error) => {
                tracing::error!(replay = %id, error = &error as &dyn std::error::Error, "a replay could not go on");
                // Nothing was made, so its turn is not used up.
                match pace {
                    Some(next) => paces.insert(id, next),
                    None => paces.remove(&id),
                };
                let pause = Pause::after(pause);
                troubles.insert(id, pause);
                Wake { again: Some(pause.end), ..Wake::default() }
            }
        });
    }
    Ok(wake)
}

async fn step(workbench: &Workbench, replay: &Replay, paces: &mut Paces) -> Result<Wake> {
    let replays = workbench.store().replays();
    if replay.progress.waiting == 0 {
        if replay.progress.under_way > 0 && !replays.has_ended(replay.id).await? {
            return Ok(Wake { deliveries: true, ..Wake::default() });
        }
        replays.set_status(replay.id, ReplayStatus::Completed, workbench.now()).await?;
        return Ok(Wake::default());
    }
    let now = workbench.now();
    let (items, next) = if let Some(factor) = replay.gaps {
        due_by_gaps(replay, factor, replays.waiting_items(replay.id, BATCH).await?, now, paces)
    } else {
        let (allowed, next) = allowance(replay, now, paces);
        let items = if allowed > 0 { replays.waiting_items(replay.id, allowed).await? } else { Vec::new() };
        (items, next)
    };
    if !items.is_empty() {
        let mut work = Vec::with_capacity(items.len());
        for waiting in items {
            work.push((waiting.position, make(workbench, replay, waiting.item).await?));
        }
        replays.made(replay.id, work).await?;
        workbench.wake_engine();
    }
    Ok(Wake { now: next.is_none(), at: next, ..Wake::default() })
}

/// How many items may be made now, and when the next may be.
fn allowance(replay: &Replay, now: Timestamp, paces: &mut Paces) -> (u32, Option<Timestamp>) {
    let Some(per_second) = replay.per_second else { return (BATCH, None) };
    let now_ms = now.unix_ms() as f64;
    let gap_ms = 1000.0 / per_second;
    let Pace::Next(next) = paces.entry(replay.id).or_insert(Pace::Next(now_ms)) else {
        return (0, Some(now));
    };
    // What was not made while somebody slept is not made up for beyond a second's worth.
    *next = next.max(now_ms - 1000.0);
    let mut allowed = 0;
    while *next <= now_ms && allowed < BATCH {
        *next += gap_ms;
        allowed += 1;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "milliseconds since the epoch fit, fractions are cut on purpose"
    )]
    let at = Timestamp::from_unix_ms(next.ceil() as i64);
    (allowed, Some(at))
}

/// The waiting items whose gap is over, and when that of the next one is.
fn due_by_gaps(
    replay: &Replay,
    factor: f64,
    mut items: Vec<WaitingItem>,
    now: Timestamp,
    paces: &mut Paces,
) -> (Vec<WaitingItem>, Option<Timestamp>) {
    let Some(first) = items.first().map(|item| came_at(item.item)) else { return (items, Some(now)) };
    let pace = paces.entry(replay.id).or_insert(Pace::Anchored { original: first, now });
    let Pace::Anchored { original, now: begun } = *pace else { return (Vec::new(), Some(now)) };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "milliseconds, cut on purpose; too many are the most there are"
    )]
    let at =
        |item: &WaitingItem| begun.plus_ms((came_at(item.item).ms_since(original) as f64 * factor) as i64);
    let due = items.iter().take_while(|item| at(item) <= now).count();
    let next = items.get(due).map(at);
    items.truncate(due);
    (items, next)
}

/// When what is repeated came: its id says it.
fn came_at(item: ReplayItem) -> Timestamp {
    match item {
        ReplayItem::Delivery(id) => id.created_at(),
        ReplayItem::Request(id) => id.created_at(),
    }
}

async fn make(workbench: &Workbench, replay: &Replay, item: ReplayItem) -> Result<ReplayWork> {
    match item {
        ReplayItem::Delivery(id) => repeat_delivery(workbench, replay, id).await,
        ReplayItem::Request(id) => repeat_request(workbench, replay, id).await,
    }
}

async fn repeat_request(workbench: &Workbench, replay: &Replay, id: RequestId) -> Result<ReplayWork> {
    let Some(request) = workbench.store().requests().get(id).await? else { return Ok(ReplayWork::Skipped) };
    let destination = match (&replay.target_url, replay.target_endpoint) {
        (Some(url), _) => Destination::Url(url.clone()),
        (None, Some(id)) => match workbench.store().endpoints().get(id).await? {
            Some(endpoint) => Destination::Endpoint(Box::new(endpoint)),
            None => return Ok(ReplayWork::Skipped),
        },
        (None, None) => return Ok(ReplayWork::Skipped),
    };
    let now = workbench.now();
    let repeatable = workbench.repeatable(request).await?;
    let event = repeatable.event(&destination, replay.resign, workbench.library(), now);
    let delivery = destination.delivery(&repeatable, workbench, now, Some(replay.id));
    Ok(ReplayWork::Made(Repeat::New(Box::new(event), delivery)))
}

async fn repeat_delivery(workbench: &Workbench, replay: &Replay, id: DeliveryId) -> Result<ReplayWork> {
    let Some(original) = workbench.store().deliveries().get(id).await? else {
        return Ok(ReplayWork::Skipped);
    };
    let Some(delivery) = again(workbench, replay, &original).await? else { return Ok(ReplayWork::Skipped) };
    if replay.resign == SignMode::Exact
        && let Some(event) = as_sent(workbench, &original).await?
    {
        return Ok(ReplayWork::Made(Repeat::New(Box::new(event), delivery)));
    }
    if replay.resign == SignMode::Exact {
        return Ok(ReplayWork::Made(Repeat::Existing(original.event_id, delivery)));
    }
    Ok(match signed_afresh(workbench, original, &delivery.target).await? {
        Some(Signed::Always(event)) => ReplayWork::Made(Repeat::Existing(event, delivery)),
        Some(Signed::Anew(event)) => ReplayWork::Made(Repeat::New(event, delivery)),
        None => ReplayWork::Skipped,
    })
}

/// An event whose attempts are signed.
enum Signed {
    /// As it always was.
    Always(EventId),
    /// Made of one that went out exactly as something had been recorded.
    Anew(Box<Event>),
}

/// What repeats a delivery signed afresh: its event, or where that goes out exactly as something was recorded the one of
/// the delivery that it repeats, or one that is made of what was captured. `None` where that is gone.
async fn signed_afresh(
    workbench: &Workbench,
    original: Delivery,
    target: &DeliveryTarget,
) -> Result<Option<Signed>> {
    let mut one = original;
    if one.repeats_request.is_none() && one.repeats_delivery.is_none() {
        return Ok(Some(Signed::Always(one.event_id)));
    }
    loop {
        let Some(event) = workbench.store().events().get(one.event_id).await? else { return Ok(None) };
        if event.request.sign != SignMode::Exact {
            return Ok(Some(Signed::Always(event.id)));
        }
        let before = match one.repeats_delivery {
            Some(id) => workbench.store().deliveries().get(id).await?,
            None => None,
        };
        let Some(before) = before else {
            let event = workbench.afresh(event, target, one.repeats_request).await?;
            return Ok(Some(Signed::Anew(Box::new(event))));
        };
        one = before;
    }
}

/// The delivery that repeats one; `None` where its endpoint is gone.
pub(crate) async fn again(
    workbench: &Workbench,
    replay: &Replay,
    original: &Delivery,
) -> Result<Option<NewDelivery>> {
    let target = match (&replay.target_url, replay.target_endpoint, original.target.endpoint_id()) {
        (Some(url), _, Some(id)) => DeliveryTarget::EndpointAt(id, url.clone()),
        (Some(url), _, None) => DeliveryTarget::Url(url.clone()),
        (None, Some(id), _) => DeliveryTarget::Endpoint(id),
        (None, None, _) => original.target.clone(),
    };
    let endpoint = match target.endpoint_id() {
        Some(id) => match workbench.store().endpoints().get(id).await? {
            Some(endpoint) => Some(endpoint),
            None => return Ok(None),
        },
        None => None,
    };
    let policy = policy_of(endpoint.as_ref(), &workbench.profile_or_generic(&original.provider));
    let now = workbench.now();
    Ok(Some(NewDelivery {
        id: DeliveryId::new(now),
        target,
        status: endpoint.as_ref().map_or(hookbench_model::DeliveryStatus::Pending, first_status),
        is_test: false,
        max_attempts: if endpoint.is_some() { policy.retry.max_attempts() } else { 1 },
        due_at: now,
        expires_at: endpoint.as_ref().and_then(|_| policy.expires_at(now)),
        trigger: Trigger::Replay,
        replay_id: Some(replay.id),
        repeats_delivery: Some(original.id),
        repeats_request: None,
    }))
}

/// The event with the very headers and body that the newest attempt sent, and with what a scheme had written
/// into the query; `None` where none was sent.
pub(crate) async fn as_sent(workbench: &Workbench, original: &Delivery) -> Result<Option<Event>> {
    let attempts = workbench.store().attempts();
    let mut made = attempts.of(original.id).await?.into_iter().rev();
    let Some((number, sent)) = made.find_map(|made| Some((made.number, made.request?))) else {
        return Ok(None);
    };
    let Some(event) = workbench.store().events().get(original.event_id).await? else { return Ok(None) };
    let payload = attempts.request_body(original.id, number).await?.unwrap_or(event.payload);
    let now = workbench.now();
    let request = as_recorded(&sent, &original.url, event.request);
    Ok(Some(Event { id: EventId::new(now), request, payload, created_at: now, ..event }))
}

/// The request as a record of it has it. What was secret is not in the record: what the event brought is put back
/// here, the endpoint's own when the request is built.
fn as_recorded(sent: &SentRequest, target: &str, own: EventRequest) -> EventRequest {
    let headers = unveiled_headers(&sent.headers, own.headers.iter());
    let shown = own.shown.as_ref().map_or(&own.query, |shown| &shown.query).as_deref();
    let recorded = query_as_sent(&sent.url, target, shown);
    let query = match (&recorded, shown, &own.query) {
        (Some(recorded), Some(shown), Some(own)) => Some(unveiled_query(recorded, shown, own)),
        _ => recorded.clone(),
    };
    let shown = Shown { headers: sent.headers.clone(), query: recorded };
    let shown = (shown.headers != headers || shown.query != query).then_some(shown);
    EventRequest { headers, query, shown, sign: SignMode::Exact, ..own }
}

/// What was added to the query of the target's URL, by the event and by a scheme that signs there; as it is shown.
/// Where the target has another URL by now that cannot be told, and it is what the event added.
fn query_as_sent(sent: &str, target: &str, own: Option<&str>) -> Option<String> {
    let query_of = |url: &str| url.split_once('?').map(|(_, query)| query.to_owned());
    let added = match (query_of(sent), query_of(target)) {
        (Some(sent), Some(target)) => sent.strip_prefix(&format!("{target}&")).map(ToOwned::to_owned),
        (sent, _) => sent,
    };
    added.filter(|added| own.is_none_or(|own| added.starts_with(own))).or_else(|| own.map(ToOwned::to_owned))
}

/// How long the worker is given to end what it is writing.
pub(crate) const GRACE: Duration = Duration::from_secs(5);
