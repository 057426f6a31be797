use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use hookbench_model::{DeliveryId, EndpointId, Settings, Timestamp, Trigger};
use hookbench_store::{Claimed, Full, StoreError};
use tokio::sync::watch;
use tokio::time::Instant;

use super::hold_off::HoldOff;
use super::lane::{Known, Shut};
use super::lanes::Entry;
use super::look::{Found, Looking, look, refresh};
use super::recover::recover;
use super::{Shared, attempt};
use crate::breaker::By;

/// How many attempts may have ended without being on disk yet, for each that may be under way.
const UNRECORDED_PER_SLOT: usize = 8;

/// Hands what is due to attempts, as far as there is room for them.
pub(super) struct Dispatcher {
    shared: Arc<Shared>,
    settings: watch::Receiver<Settings>,
    /// Claimed and not yet sent, in the order in which it was claimed.
    ready: VecDeque<Claimed>,
    /// Claimed and not to be sent now: to be given back.
    surplus: Vec<DeliveryId>,
    /// How many of those, from the front, are being given back.
    releasing: usize,
    /// The look at the store that is under way.
    looking: Option<Looking>,
    /// When something is due, as far as is known.
    next_due: Option<Timestamp>,
    /// When to look again even so: nothing that anybody sees happens then.
    next_sweep: Option<Timestamp>,
    /// How many attempts had been recorded when that was looked up: the end of another may do away with it, as what
    /// expires may have been delivered, or the endpoint's breaker have opened.
    may_pass: Option<u64>,
    /// Endpoints that the last look passed over because they had no room.
    full: Vec<Full>,
    /// Endpoints without room that something ready waits for, one for each of these.
    blocked: Vec<Full>,
    /// Whether something ready waits for its endpoint to be read again.
    outdated: bool,
    /// No look before its end.
    hold_off: HoldOff,
}

impl Dispatcher {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let settings = shared.settings.clone();
        Self {
            shared,
            settings,
            ready: VecDeque::new(),
            surplus: Vec::new(),
            releasing: 0,
            looking: None,
            next_due: None,
            next_sweep: None,
            may_pass: None,
            full: Vec::new(),
            blocked: Vec::new(),
            outdated: false,
            hold_off: HoldOff::default(),
        }
    }

    pub(super) async fn run(mut self) {
        let closing = self.shared.closing.clone();
        tokio::select! {
            () = recover(&self.shared) => {}
            () = closing.cancelled() => return,
        }
        self.shared.watch.started(self.shared.clock.now());
        // Not before: what is in flight until here was left by an earlier run.
        self.shared.lanes().open_births();
        loop {
            // Whatever happens from here on leaves a wake-up behind that ends the wait below.
            self.shared.at_work();
            self.launch();
            self.doubt_next_due();
            self.start_look();
            let goes_on_at = self.goes_on_at();
            if self.is_idle() {
                self.shared.at_rest(goes_on_at);
            }
            let wake_at = goes_on_at.into_iter().chain(self.sweeps_at()).min();
            tokio::select! {
                biased;
                () = closing.cancelled() => break,
                found = finished(&mut self.looking) => self.take(found),
                () = self.shared.wake.notified() => {}
                () = changed(&mut self.settings) => {}
                () = until(&self.shared, wake_at) => self.shared.look.store(true, Ordering::SeqCst),
                () = until_instant(self.hold_off.end()) => self.hold_off.over(),
            }
            // Whatever ended the wait: it lasted too long where its end lies far back.
            self.shared.watch.woke(wake_at, self.shared.clock.now());
        }
        self.give_back().await;
    }

    /// Whether there is nothing to do but wait for the clock, the network and what comes.
    fn is_idle(&self) -> bool {
        let waits = self.surplus.is_empty() && self.ready.len() == self.blocked.len();
        waits && self.looking.is_none() && self.hold_off.end().is_none()
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
        if self.shared.watch.looked(now) {
            self.shared.look.store(true, Ordering::SeqCst);
        }
        self.take_newborn();
        let ended = self.shared.lanes().ended();
        let mut waiting = VecDeque::new();
        self.blocked.clear();
        self.outdated = false;
        while self.shared.in_flight.load(Ordering::SeqCst) < most
            && self.shared.recording.load(Ordering::SeqCst) < most * UNRECORDED_PER_SLOT
        {
            let Some(claimed) = self.ready.pop_front() else { break };
            let delivery = &claimed.delivery;
            if delivery.expires_at.is_some_and(|at| at <= now) {
                // It waited here for its endpoint, and nobody wants it any more: a claim ends it.
                self.surplus.push(delivery.id);
                continue;
            }
            let (lane, endpoint) = (delivery.target.lane(), delivery.target.endpoint_id());
            let entered = match lane {
                Some(id) => self.shared.lanes().enter(id, is_by_hand(&claimed), delivery.is_test, most, now),
                None => self.shared.lanes().enter_elsewhere(endpoint),
            };
            match entered {
                Entry::Open(known, by) => self.spawn_attempt(claimed, known, by),
                Entry::Shut(Shut::Soon) => {
                    let by_hand = is_by_hand(&claimed);
                    self.blocked.extend(lane.map(|endpoint| Full { endpoint, by_hand }));
                    waiting.push_back(claimed);
                }
                Entry::Shut(Shut::Later) => self.surplus.push(delivery.id),
                Entry::Outdated => {
                    if let Some(id) = endpoint {
                        self.shared.outdated(id);
                    }
                    self.outdated = true;
                    waiting.push_back(claimed);
                }
            }
        }
        waiting.append(&mut self.ready);
        self.ready = waiting;
        if self.shared.lanes().left_waiting(self.launchable(), &self.blocked, ended) {
            // What ended meanwhile woke nobody.
            self.shared.wake.notify_one();
        }
    }

    /// Before it comes to rest by a time that may have passed with what was under way, it looks once more.
    fn doubt_next_due(&mut self) {
        let recorded = self.shared.recorded.load(Ordering::SeqCst);
        if self.may_pass.is_some_and(|before| before != recorded) && self.shared.under_way() == 0 {
            self.may_pass = None;
            self.shared.look.store(true, Ordering::SeqCst);
        }
    }

    /// Takes over what was claimed as it was accepted.
    fn take_newborn(&mut self) {
        self.ready.extend(self.shared.cradle.take_out());
    }

    /// How many that are claimed could go out, if there were places for them. What has to wait for its own endpoint
    /// keeps nobody else out.
    fn launchable(&self) -> usize {
        self.ready.len().saturating_sub(self.blocked.len())
    }

    fn spawn_attempt(&self, claimed: Claimed, known: Option<Arc<Known>>, by: By) {
        self.shared.in_flight.fetch_add(1, Ordering::SeqCst);
        self.shared.spawn(attempt::make(Arc::clone(&self.shared), claimed, known, by));
    }

    /// Gives back what is not to be sent, however often that takes: what stands as in flight would neither go out nor
    /// end, and an ordered endpoint's others wait for it. Or else looks for due work, if there may be some and there is
    /// room for it; or else only reads again what something waits for.
    ///
    /// One after the other, since a giving-back that was answered with a failure may have been written: one that is
    /// tried again must find nothing that was claimed in between.
    fn start_look(&mut self) {
        if self.looking.is_some() || self.hold_off.holds(Instant::now()) {
            return;
        }
        self.looking = self
            .release_surplus()
            .or_else(|| self.look_for_due())
            .or_else(|| self.outdated.then(|| self.read_again()));
    }

    fn release_surplus(&mut self) -> Option<Looking> {
        if self.surplus.is_empty() {
            return None;
        }
        let (shared, ids) = (Arc::clone(&self.shared), self.surplus.clone());
        self.releasing = ids.len();
        Some(Box::pin(async move { release(&shared, ids).await.map(|()| None) }))
    }

    fn read_again(&self) -> Looking {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move { refresh(&shared).await.map(|()| None) })
    }

    fn look_for_due(&self) -> Option<Looking> {
        // Claims go in batches: a single slot that comes free is filled from what is ready.
        let launchable = self.launchable();
        if *self.shared.unrecorded.borrow() > 0 || launchable > self.ahead() / 2 {
            return None;
        }
        let taken = self.shared.in_flight.load(Ordering::SeqCst) + self.shared.lanes().kept();
        let free = self.most().saturating_sub(taken);
        let limit = (free + self.ahead()).saturating_sub(launchable);
        if limit == 0 || !self.shared.look.swap(false, Ordering::SeqCst) {
            return None;
        }
        let (most, ahead) = (self.most(), self.ahead());
        let room =
            super::look::Ready { by_endpoint: self.ready_by_endpoint(), all: self.ready.len(), most, ahead };
        let shared = Arc::clone(&self.shared);
        Some(Box::pin(async move { look(shared, limit, room).await.map(Some) }))
    }

    fn ready_by_endpoint(&self) -> HashMap<EndpointId, usize> {
        let mut counts = HashMap::new();
        for id in self.ready.iter().filter_map(|claimed| claimed.delivery.target.lane()) {
            *counts.entry(id).or_insert(0) += 1;
        }
        counts
    }

    /// When to go on without being woken: at the next due time, or when an endpoint that was full has a turn.
    fn goes_on_at(&self) -> Option<Timestamp> {
        if self.shared.look.load(Ordering::SeqCst) {
            // A look is due already and waits for something else than the time.
            return None;
        }
        let waited_for = self.full.iter().chain(&self.blocked);
        let now = self.shared.clock.now();
        let turn = self.shared.lanes().next_turn(waited_for, self.most(), now);
        let expiries = self.ready.iter().filter_map(|claimed| claimed.delivery.expires_at);
        self.next_due.into_iter().chain(turn).chain(expiries.filter(|at| *at > now)).min()
    }

    /// When to look even so. A look that is due already does it too, whatever it waits for.
    fn sweeps_at(&self) -> Option<Timestamp> {
        self.next_sweep.filter(|_| !self.shared.look.load(Ordering::SeqCst))
    }

    fn take(&mut self, found: Result<Option<Found>, StoreError>) {
        let releasing = std::mem::take(&mut self.releasing);
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                let pause = self.hold_off.failed(Instant::now());
                let (pause_ms, unreleased) = (pause.as_millis(), self.surplus.len());
                tracing::warn!(%error, pause_ms, unreleased, "due deliveries could not be claimed, or given back");
                self.shared.look.store(true, Ordering::SeqCst);
                return;
            }
        };
        self.hold_off.succeeded();
        self.surplus.drain(..releasing);
        let Some(found) = found else { return };
        self.full = found.full;
        if found.claimed.is_empty() && !found.more {
            (self.next_due, self.may_pass) = (found.next_due, found.next_due.map(|_| found.recorded));
            self.next_sweep = found.next_sweep;
            if found.next_due.is_some_and(|due| due <= found.now) {
                self.hold_off.look_again(Instant::now());
                self.shared.look.store(true, Ordering::SeqCst);
            }
            return;
        }
        (self.next_due, self.next_sweep, self.may_pass) = (None, None, None);
        self.shared.look.store(true, Ordering::SeqCst);
        self.ready.extend(found.claimed);
    }

    /// Waits for what is being claimed as it is written, for as long as attempts have for ending.
    async fn wait_for_births(&mut self) {
        self.shared.cradle.close();
        loop {
            self.take_newborn();
            if self.shared.cradle.is_empty() {
                return;
            }
            tokio::select! {
                () = self.shared.wake.notified() => {}
                // What comes later stays in flight and is recovered at the next start.
                () = self.shared.halt.cancelled() => return,
            }
        }
    }

    /// Gives back what was claimed and not sent, before everything ends; for as long as attempts have for ending.
    async fn give_back(mut self) {
        if let Some(looking) = self.looking.take()
            && let Ok(Some(found)) = looking.await
        {
            self.ready.extend(found.claimed);
        }
        self.wait_for_births().await;
        let ready = self.ready.iter().map(|claimed| claimed.delivery.id);
        let ids: Vec<DeliveryId> = std::mem::take(&mut self.surplus).into_iter().chain(ready).collect();
        let (shared, count) = (&self.shared, ids.len());
        while count > 0
            && let Err(error) = release(shared, ids.clone()).await
        {
            let pause = self.hold_off.failed(Instant::now());
            let waits = shared.halt.run_until_cancelled(tokio::time::sleep(pause));
            if matches!(error, StoreError::Closed) || waits.await.is_none() {
                // They stay in flight and are recovered at the next start.
                tracing::error!(%error, count, "claimed deliveries could not be given back");
                return;
            }
        }
    }
}

async fn release(shared: &Shared, ids: Vec<DeliveryId>) -> Result<(), StoreError> {
    shared.store.deliveries().release(ids, shared.clock.now()).await
}

/// Whether a person asked for the attempt.
fn is_by_hand(claimed: &Claimed) -> bool {
    claimed.delivery.is_test || claimed.delivery.trigger == Trigger::Manual
}

/// The end of the look that is under way; never, where none is.
async fn finished(looking: &mut Option<Looking>) -> Result<Option<Found>, StoreError> {
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
