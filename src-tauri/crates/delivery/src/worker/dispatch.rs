use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::StreamExt as _;
use futures::future::BoxFuture;
use hookbench_model::{DeliveryId, EndpointId, Settings, Timestamp};
use hookbench_store::{Claimed, StoreError};
use tokio::sync::watch;
use tokio::time::Instant;

use super::lanes::{Entry, Known};
use super::record::{FIRST_PAUSE, longer};
use super::{Shared, Stale, attempt};

/// How many records of what a crash left are under way at once.
const RECOVERING: usize = 256;

/// How many attempts may have ended without being on disk yet, for each that may be under way.
const UNRECORDED_PER_SLOT: usize = 8;

/// The wait before another look where the store says that something is due and gives nothing.
const SECOND_LOOK: Duration = Duration::from_millis(20);

/// Hands what is due to attempts, as far as there is room for them.
pub(super) struct Dispatcher {
    shared: Arc<Shared>,
    settings: watch::Receiver<Settings>,
    /// Claimed and not yet sent, in the order in which it was claimed.
    ready: VecDeque<Claimed>,
    /// The look at the store that is under way.
    looking: Option<BoxFuture<'static, Result<Found, StoreError>>>,
    /// When something is due, as far as is known.
    next_due: Option<Timestamp>,
    /// Endpoints that the last look passed over because they had no room.
    full: Vec<EndpointId>,
    /// Endpoints without room that something ready waits for.
    blocked: Vec<EndpointId>,
    /// No look before then, after one that failed, and how long that wait is.
    pause: Option<(Instant, Duration)>,
}

/// What a look at the store gave.
struct Found {
    /// When it was looked at.
    now: Timestamp,
    /// Due deliveries, claimed; where there are some there may be more.
    claimed: Vec<Claimed>,
    /// Where there are none, when the next is due.
    next_due: Option<Timestamp>,
    /// Endpoints that were passed over.
    full: Vec<EndpointId>,
}

impl Dispatcher {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let settings = shared.settings.clone();
        Self {
            shared,
            settings,
            ready: VecDeque::new(),
            looking: None,
            next_due: None,
            full: Vec::new(),
            blocked: Vec::new(),
            pause: None,
        }
    }

    pub(super) async fn run(mut self) {
        let closing = self.shared.closing.clone();
        tokio::select! {
            () = recover(&self.shared) => {}
            () = closing.cancelled() => return,
        }
        loop {
            // Whatever happens from here on leaves a wake-up behind that ends the wait below.
            self.launch();
            self.start_look();
            let wake_at = self.wake_at();
            tokio::select! {
                biased;
                () = closing.cancelled() => break,
                found = finished(&mut self.looking) => self.take(found),
                () = self.shared.wake.notified() => {}
                () = changed(&mut self.settings) => {}
                () = until(&self.shared, wake_at) => self.shared.look.store(true, Ordering::SeqCst),
                () = until_instant(self.pause.map(|(end, _)| end)) => self.pause = None,
            }
        }
        self.give_back().await;
    }

    fn most(&self) -> usize {
        self.settings.borrow().max_in_flight.max(1) as usize
    }

    /// How many are claimed before there is a slot for them, so that a slot that comes free need not wait
    /// for the disk. Few: what is claimed counts as sent if Hookbench crashes.
    fn ahead(&self) -> usize {
        self.most().div_ceil(2)
    }

    /// Sends what is ready, as far as slots and the endpoints' own limits go.
    fn launch(&mut self) {
        let most = self.most();
        let now = self.shared.clock.now();
        let (mut waiting, mut surplus) = (VecDeque::new(), Vec::new());
        self.blocked.clear();
        while self.shared.in_flight.load(Ordering::SeqCst) < most
            && self.shared.recording.load(Ordering::SeqCst) < most * UNRECORDED_PER_SLOT
        {
            let Some(claimed) = self.ready.pop_front() else { break };
            let Some(id) = claimed.delivery.target.endpoint_id() else {
                self.spawn_attempt(claimed, None);
                continue;
            };
            let entered = self.shared.lanes().enter(id, claimed.delivery.is_test, now);
            match entered {
                Entry::Open(known) => self.spawn_attempt(claimed, known),
                Entry::Full => {
                    self.blocked.push(id);
                    waiting.push_back(claimed);
                }
                Entry::Disabled => surplus.push(claimed.delivery.id),
            }
        }
        waiting.append(&mut self.ready);
        self.ready = waiting;
        self.spawn_release(surplus);
    }

    fn spawn_attempt(&self, claimed: Claimed, known: Option<Arc<Known>>) {
        self.shared.in_flight.fetch_add(1, Ordering::SeqCst);
        self.shared.spawn(attempt::make(Arc::clone(&self.shared), claimed, known));
    }

    fn spawn_release(&self, ids: Vec<DeliveryId>) {
        if !ids.is_empty() {
            let shared = Arc::clone(&self.shared);
            self.shared.spawn(async move { release(&shared, ids).await });
        }
    }

    /// Looks for due work, if there may be some and there is room for it.
    fn start_look(&mut self) {
        let held_off = self.looking.is_some()
            || self.pause.is_some_and(|(end, _)| Instant::now() < end)
            || *self.shared.unrecorded.borrow() > 0;
        // Claims go in batches: a single slot that comes free is filled from what is ready.
        if held_off || self.ready.len() > self.ahead() / 2 {
            return;
        }
        let free = self.most().saturating_sub(self.shared.in_flight.load(Ordering::SeqCst));
        let limit = (free + self.ahead()).saturating_sub(self.ready.len());
        if limit == 0 || !self.shared.look.swap(false, Ordering::SeqCst) {
            return;
        }
        self.looking = Some(Box::pin(look(Arc::clone(&self.shared), limit, self.ready_by_endpoint())));
    }

    fn ready_by_endpoint(&self) -> HashMap<EndpointId, usize> {
        let mut counts = HashMap::new();
        for id in self.ready.iter().filter_map(|claimed| claimed.delivery.target.endpoint_id()) {
            *counts.entry(id).or_insert(0) += 1;
        }
        counts
    }

    /// When to look without being woken: at the next due time, or when an endpoint that was full has a turn.
    fn wake_at(&self) -> Option<Timestamp> {
        if self.shared.look.load(Ordering::SeqCst) {
            // A look is due already and waits for something else than the time.
            return None;
        }
        let waited_for = self.full.iter().chain(&self.blocked);
        let turn = self.shared.lanes().next_turn(waited_for, self.shared.clock.now());
        self.next_due.into_iter().chain(turn).min()
    }

    fn take(&mut self, found: Result<Found, StoreError>) {
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                let pause = self.pause.map_or(FIRST_PAUSE, |(_, pause)| longer(pause));
                tracing::warn!(%error, pause_ms = pause.as_millis(), "due deliveries could not be claimed");
                self.hold_off(pause);
                return;
            }
        };
        self.full = found.full;
        if found.claimed.is_empty() {
            self.next_due = found.next_due;
            if found.next_due.is_some_and(|due| due <= found.now) {
                self.hold_off(SECOND_LOOK);
            }
            return;
        }
        self.next_due = None;
        self.shared.look.store(true, Ordering::SeqCst);
        self.ready.extend(found.claimed);
    }

    fn hold_off(&mut self, pause: Duration) {
        self.pause = Some((Instant::now() + pause, pause));
        self.shared.look.store(true, Ordering::SeqCst);
    }

    /// Gives back what was claimed and not sent.
    async fn give_back(mut self) {
        if let Some(looking) = self.looking.take()
            && let Ok(found) = looking.await
        {
            self.ready.extend(found.claimed);
        }
        let ids: Vec<DeliveryId> = self.ready.iter().map(|claimed| claimed.delivery.id).collect();
        if !ids.is_empty() {
            release(&self.shared, ids).await;
        }
    }
}

async fn release(shared: &Shared, ids: Vec<DeliveryId>) {
    let count = ids.len();
    if let Err(error) = shared.store.deliveries().release(ids, shared.clock.now()).await {
        // They stay in flight and are recovered at the next start.
        tracing::error!(%error, count, "claimed deliveries could not be given back");
    }
}

async fn look(
    shared: Arc<Shared>,
    limit: usize,
    ready: HashMap<EndpointId, usize>,
) -> Result<Found, StoreError> {
    refresh(&shared).await?;
    let now = shared.clock.now();
    let mut room: HashMap<EndpointId, usize> = shared.lanes().limited(now).into_iter().collect();
    for (id, ready) in ready {
        room.entry(id).and_modify(|room| *room = room.saturating_sub(ready));
    }
    let full: Vec<EndpointId> = room.iter().filter(|(_, room)| **room == 0).map(|(id, _)| *id).collect();
    let deliveries = shared.store.deliveries();
    let claimed = deliveries.claim_due_within(now, limit, room).await?;
    let next_due = if claimed.is_empty() { deliveries.next_due(&full).await? } else { None };
    let unknown: HashSet<EndpointId> = {
        let lanes = shared.lanes();
        let ids = claimed.iter().filter_map(|claimed| claimed.delivery.target.endpoint_id());
        ids.filter(|id| !lanes.knows(*id)).collect()
    };
    for id in unknown {
        // What cannot be read now is tried without: the attempt then says that the endpoint is gone, and
        // what was claimed is not lost.
        match shared.store.endpoints().get(id).await {
            Ok(Some(endpoint)) => shared.lanes().learn(endpoint, now),
            Ok(None) => {}
            Err(error) => tracing::warn!(endpoint = %id, %error, "endpoint could not be read"),
        }
    }
    Ok(Found { now, claimed, next_due, full })
}

/// Reads again which endpoints there are, or those that were edited.
async fn refresh(shared: &Shared) -> Result<(), StoreError> {
    let stale = std::mem::replace(&mut *shared.stale(), Stale::These(HashSet::new()));
    let read = read_again(shared, &stale).await;
    if read.is_err() {
        *shared.stale() = Stale::All;
    }
    read
}

async fn read_again(shared: &Shared, stale: &Stale) -> Result<(), StoreError> {
    let endpoints = shared.store.endpoints();
    match stale {
        Stale::All => {
            let all = endpoints.all().await?;
            let now = shared.clock.now();
            let mut lanes = shared.lanes();
            lanes.keep_only(&all.iter().map(|endpoint| endpoint.id).collect());
            for endpoint in all {
                lanes.learn(endpoint, now);
            }
        }
        Stale::These(ids) => {
            for &id in ids {
                match endpoints.get(id).await? {
                    Some(endpoint) => shared.lanes().learn(endpoint, shared.clock.now()),
                    None => shared.lanes().forget(id),
                }
            }
        }
    }
    Ok(())
}

/// Records everything that an earlier run left in flight as interrupted.
async fn recover(shared: &Arc<Shared>) {
    let mut pause = FIRST_PAUSE;
    let left = loop {
        let read = async {
            refresh(shared).await?;
            shared.store.deliveries().in_flight().await
        };
        match read.await {
            Ok(left) => break left,
            Err(StoreError::Closed) => return,
            Err(error) => {
                tracing::warn!(%error, pause_ms = pause.as_millis(), "deliveries in flight could not be read");
            }
        }
        tokio::time::sleep(pause).await;
        pause = longer(pause);
    };
    if !left.is_empty() {
        tracing::info!(count = left.len(), "attempts were interrupted by the end of an earlier run");
    }
    futures::stream::iter(left)
        .for_each_concurrent(RECOVERING, |claimed| {
            let known = claimed.delivery.target.endpoint_id().and_then(|id| shared.lanes().get(id));
            attempt::recover(shared, claimed, known)
        })
        .await;
}

/// The end of the look that is under way; never, where none is.
async fn finished(
    looking: &mut Option<BoxFuture<'static, Result<Found, StoreError>>>,
) -> Result<Found, StoreError> {
    let Some(future) = looking else { return std::future::pending().await };
    let found = future.await;
    *looking = None;
    found
}

/// The next change of the settings; never, where their owner has gone.
async fn changed(settings: &mut watch::Receiver<Settings>) {
    if settings.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

async fn until(shared: &Shared, at: Option<Timestamp>) {
    match at {
        Some(at) => shared.clock.sleep_until(at).await,
        None => std::future::pending().await,
    }
}

async fn until_instant(end: Option<Instant>) {
    match end {
        Some(end) => tokio::time::sleep_until(end).await,
        None => std::future::pending().await,
    }
}
