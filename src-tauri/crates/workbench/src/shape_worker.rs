//! The worker that learns shapes from what the inboxes received, behind the capturing and apart from it.
//!
//! It goes by a mark on disk, which moves in the transaction that writes what was learnt: whatever ends it, it goes on
//! there, and learns from nothing twice. Everything that arrives counts, also what Hookbench itself has sent.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Duration;

use hookbench_model::{
    Action, Drift, DriftId, FoundDrift, InboxId, Noun, ProviderId, Shape, ShapeId, ShapeSource, Timestamp,
};
use hookbench_store::{
    Arrived, ArrivedRequest, ChangeStream, Drifted, Feed, Learnt, LearntShape, Pace, StoreError, StoredShape,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::Workbench;
use crate::aside::aside;
use crate::error::{Result, WorkbenchError};
use crate::shapes::json_of;

/// Between two looks, in real time, unless there is more and nobody else writes: what arrives by the thousand is looked at
/// behind it, some hundred at a time.
const REST: Duration = Duration::from_millis(250);
/// How many transactions a look takes.
const OWN: u64 = 1;
/// After an error.
const PAUSE: Duration = Duration::from_secs(5);
/// A longer event type is no type of events, in bytes.
const LONGEST_TYPE: usize = 200;

/// Learns until it is stopped.
pub(crate) async fn run(workbench: Workbench, stopping: CancellationToken) {
    let mut changes = workbench.changes().subscribe();
    let store = workbench.store().clone();
    let commits = || store.stats().tallied().commits;
    let (mut pace, mut ended) = (Pace::new(commits()), Instant::now());
    loop {
        let began = Instant::now();
        let (more, rest) = match look(&workbench).await {
            Ok(more) => {
                let passed = ended.elapsed();
                ended = Instant::now();
                let rest = pace.rest(OWN, commits(), began.elapsed(), passed);
                (more, if more { rest.min(REST) } else { REST })
            }
            Err(WorkbenchError::Store(StoreError::Closed) | WorkbenchError::Stopping) => return,
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "shapes could not be learnt; it is tried again"
                );
                (true, PAUSE)
            }
        };
        let wait = async {
            let goes_on = more || captured(&mut changes).await;
            tokio::time::sleep(rest).await;
            goes_on
        };
        match stopping.run_until_cancelled(wait).await {
            Some(true) => {}
            Some(false) | None => return,
        }
    }
}

/// Waits until something was captured; false where nothing will be any more.
pub(crate) async fn captured(changes: &mut ChangeStream) -> bool {
    loop {
        match changes.next().await {
            Feed::Change(change) if change.noun == Noun::Request && change.action == Action::Created => {
                return true;
            }
            Feed::Change(_) => {}
            Feed::Lagged => return true,
            Feed::Closed => return false,
        }
    }
}

/// Whose bodies, and of which event type.
type Key = (ShapeSource, Option<String>);

/// A shape on its way through some requests.
#[derive(Debug)]
struct Pupil {
    /// As it was stored; `None` where it is new.
    stored: Option<StoredShape>,
    /// Whether its event type would be new.
    is_news: bool,
}

/// Learns from some of what has arrived; gives whether there is more.
async fn look(workbench: &Workbench) -> Result<bool> {
    let Arrived { requests, last, more } = workbench.store().shapes().arrived().await?;
    let Some(last) = last else { return Ok(false) };
    let mut pupils: HashMap<Key, Pupil> = HashMap::new();
    for request in &requests {
        let key = key_of(request);
        if let Entry::Vacant(place) = pupils.entry(key) {
            let pupil = pupil(workbench, place.key()).await?;
            place.insert(pupil);
        }
    }
    let now = workbench.now();
    let bytes = requests.iter().map(|request| request.body.len()).sum();
    let shapes = aside(bytes, move || learn(requests, pupils, now)).await?;
    workbench.store().shapes().learnt(Learnt { last, shapes }).await?;
    Ok(more)
}

fn key_of(request: &ArrivedRequest) -> Key {
    let source = source_of(request.provider.as_ref(), request.inbox_id);
    (source, request.event_type.clone().filter(|name| name.len() <= LONGEST_TYPE))
}

fn source_of(provider: Option<&ProviderId>, inbox: InboxId) -> ShapeSource {
    provider.map_or(ShapeSource::Inbox(inbox), |provider| ShapeSource::Provider(provider.clone()))
}

async fn pupil(workbench: &Workbench, (source, event_type): &Key) -> Result<Pupil> {
    let shapes = workbench.store().shapes();
    let stored = shapes.find(source, event_type.as_deref()).await?;
    let is_news = match (&stored, source, event_type) {
        (None, ShapeSource::Provider(provider), Some(event_type)) => {
            !lists(workbench, provider, event_type) && shapes.has_any(source).await?
        }
        _ => false,
    };
    Ok(Pupil { stored, is_news })
}

/// Whether the provider's profile lists that type.
fn lists(workbench: &Workbench, provider: &ProviderId, event_type: &str) -> bool {
    let profile = workbench.profile_or_generic(provider);
    profile.events().any(|event| event.event_type() == event_type || event.wire_type() == event_type)
}

/// Compares each body with what was known before it, and learns from it.
fn learn(requests: Vec<ArrivedRequest>, mut pupils: HashMap<Key, Pupil>, now: Timestamp) -> Vec<LearntShape> {
    let mut learnt: HashMap<Key, LearntShape> = HashMap::new();
    for request in requests {
        let Some(body) = json_of(&request.headers, &request.body) else { continue };
        let key = key_of(&request);
        let shape = learnt.entry(key).or_insert_with_key(|key| begin(key, pupils.remove(key), &request, now));
        let found = match shape.shape.bodies() {
            0 => Vec::new(),
            _ => shape.shape.compare(&body),
        };
        shape.shape.learn(&body);
        shape.last_seen_at = shape.last_seen_at.max(request.received_at);
        shape.last_request = request.id;
        if !found.is_empty() {
            shape.drifts.push((drifted(&request), kept(found, now)));
        }
    }
    learnt.into_values().collect()
}

/// What is written of a shape, before it learns.
fn begin(
    (source, event_type): &Key,
    pupil: Option<Pupil>,
    request: &ArrivedRequest,
    now: Timestamp,
) -> LearntShape {
    let is_news = pupil.as_ref().is_some_and(|pupil| pupil.is_news);
    let stored = pupil.and_then(|pupil| pupil.stored);
    let (source, event_type) = (source.clone(), event_type.clone());
    match stored {
        Some(StoredShape { known, shape, last_request }) => LearntShape {
            id: known.id,
            is_new: false,
            source,
            event_type,
            shape,
            first_seen_at: known.first_seen_at,
            last_seen_at: known.last_seen_at,
            last_request,
            drifts: Vec::new(),
        },
        None => LearntShape {
            id: ShapeId::new(now),
            is_new: true,
            source,
            event_type,
            shape: Shape::default(),
            first_seen_at: request.received_at,
            last_seen_at: request.received_at,
            last_request: request.id,
            drifts: if is_news {
                vec![(drifted(request), kept(vec![Drift::new_event_type()], now))]
            } else {
                Vec::new()
            },
        },
    }
}

fn drifted(request: &ArrivedRequest) -> Drifted {
    Drifted {
        seq: request.seq,
        id: request.id,
        inbox_id: request.inbox_id,
        verification: request.verification,
        received_at: request.received_at,
    }
}

fn kept(found: Vec<Drift>, now: Timestamp) -> Vec<FoundDrift> {
    found.into_iter().map(|drift| FoundDrift { id: DriftId::new(now), drift }).collect()
}
