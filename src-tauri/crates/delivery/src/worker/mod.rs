//! The worker: asleep until something is due, it claims, sends and records.

mod attempt;
mod bucket;
mod catch_up;
mod clock_watch;
mod cradle;
mod dispatch;
mod hold_off;
mod lane;
mod lanes;
mod listen;
mod look;
mod recall;
mod record;
mod recover;
mod rest;
mod signer;
mod slots;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hookbench_model::{Clock, EndpointId, InFlightLedger, Settings, Timestamp};
use hookbench_providers::{Library, Profile};
use hookbench_store::{Claimed, Store};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::alerts::Alerts;
use crate::{Chance, Wire};
use clock_watch::ClockWatch;
use cradle::Cradle;
use dispatch::Dispatcher;
use lanes::Lanes;

pub use lanes::{EndpointStanding, Pace};
pub use rest::Rest;

/// How long attempts that were told to stop have for recording that they were interrupted.
const LAST_RECORDS: Duration = Duration::from_secs(5);

/// What the engine works with.
#[derive(Clone, Debug)]
pub struct EngineParts {
    /// Where deliveries wait and attempts are recorded.
    pub store: Store,
    /// The provider profiles.
    pub library: Library,
    /// The time that due times and schedules follow.
    pub clock: Arc<dyn Clock>,
    /// Where attempts to our own receiver are known while they are under way.
    pub ledger: Arc<InFlightLedger>,
    /// The workspace's settings, as they change.
    pub settings: watch::Receiver<Settings>,
    /// What carries requests: the [`Sender`](crate::send::Sender) in real work.
    pub wire: Arc<dyn Wire>,
    /// What waits are spread by.
    pub chance: Chance,
}

/// What the engine is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineStatus {
    /// Attempts under way.
    pub in_flight: usize,
    /// Attempts that have ended and whose record is on its way to the disk.
    pub recording: usize,
    /// Those of them that the store has refused (a full disk, say) and that are tried again.
    pub unrecorded: usize,
}

/// Delivers what is due, for as long as it lives.
///
/// Stop it with [`DeliveryEngine::stop`]. One that is merely dropped breaks off at once, as in a crash, and
/// the next start records what was under way as interrupted.
#[derive(Debug)]
pub struct DeliveryEngine {
    shared: Arc<Shared>,
}

/// What all parts of the worker see.
#[derive(Debug)]
struct Shared {
    store: Store,
    library: Library,
    clock: Arc<dyn Clock>,
    ledger: Arc<InFlightLedger>,
    settings: watch::Receiver<Settings>,
    wire: Arc<dyn Wire>,
    chance: Chance,
    /// The lanes, and what is claimed for them as it is accepted.
    cradle: Arc<Cradle>,
    watch: ClockWatch,
    /// Endpoints whose configuration is to be read again.
    stale: Mutex<Stale>,
    /// Wakes the dispatcher.
    wake: Arc<Notify>,
    /// Something may be due that nobody has looked at.
    look: AtomicBool,
    in_flight: AtomicUsize,
    recording: AtomicUsize,
    /// How many attempts have been recorded since the engine began.
    recorded: AtomicU64,
    /// What the dispatcher waits for while nothing is under way.
    rest: watch::Sender<Option<Rest>>,
    /// Whether the dispatcher waits for nothing that is on its way within the machine.
    idle: AtomicBool,
    /// Records that the store does not take (a full disk, say) and that are tried again.
    unrecorded: watch::Sender<usize>,
    /// No more claims.
    closing: CancellationToken,
    /// Attempts under way end now and are recorded as interrupted.
    halt: CancellationToken,
    /// Everything breaks off.
    dead: CancellationToken,
    tasks: TaskTracker,
}

/// Which endpoints are to be read again.
#[derive(Debug)]
enum Stale {
    All,
    These(HashSet<EndpointId>),
}

impl DeliveryEngine {
    /// Starts the engine in the running tokio runtime. What an earlier run left in flight is recorded as
    /// interrupted before anything is sent.
    pub fn start(parts: EngineParts) -> Self {
        let EngineParts { store, library, clock, ledger, settings, wire, chance } = parts;
        store.tell_alerts_by(Arc::new(Alerts::new(library.clone(), chance.clone())));
        // Whoever listens before the first look misses nothing that comes after it.
        let changes = store.changes().subscribe();
        let (wake, unrecorded) = (Arc::new(Notify::new()), watch::Sender::new(0));
        let lanes = Lanes::new(library.clone(), store.endpoints().edits());
        let (time, waiting) = (Arc::clone(&clock), unrecorded.subscribe());
        let cradle = Arc::new(Cradle::new(lanes, time, settings.clone(), waiting, Arc::clone(&wake)));
        store.claim_at_birth_by(Arc::clone(&cradle) as Arc<dyn hookbench_store::Cradle>);
        let shared = Arc::new(Shared {
            cradle,
            watch: ClockWatch::default(),
            store,
            library,
            clock,
            ledger,
            settings,
            wire,
            chance,
            stale: Mutex::new(Stale::All),
            wake,
            look: AtomicBool::new(true),
            in_flight: AtomicUsize::new(0),
            recording: AtomicUsize::new(0),
            recorded: AtomicU64::new(0),
            rest: watch::Sender::new(None),
            idle: AtomicBool::new(false),
            unrecorded,
            closing: CancellationToken::new(),
            halt: CancellationToken::new(),
            dead: CancellationToken::new(),
            tasks: TaskTracker::new(),
        });
        shared.spawn(listen::listen(Arc::clone(&shared), changes));
        shared.spawn(Dispatcher::new(Arc::clone(&shared)).run());
        Self { shared }
    }

    /// Has it look for due work now.
    pub fn wake(&self) {
        self.shared.look_for_work();
    }

    /// Has it read every endpoint again: the library's profiles or schemes may be others now.
    pub fn read_again(&self) {
        self.shared.lanes().take_library();
        *self.shared.stale() = Stale::All;
        self.shared.look_for_work();
    }

    /// Says that the clock has jumped by so many milliseconds, back where that is less than 0, or that the machine
    /// has slept so long. What is overdue by that goes out bit by bit; what waits goes back with the clock.
    pub fn clock_jumped(&self, by_ms: i64) {
        self.shared.watch.told(by_ms, self.shared.clock.now());
        self.shared.look_for_work();
    }

    /// What it knows of an endpoint; `None` for one that it has not met.
    pub fn standing(&self, id: EndpointId) -> Option<EndpointStanding> {
        let now = self.shared.clock.now();
        self.shared.lanes().standing(id, now)
    }

    /// The endpoints whose breaker is not closed, of those that it has met.
    pub fn open_breakers(&self) -> Vec<EndpointId> {
        let now = self.shared.clock.now();
        self.shared.lanes().open_breakers(now)
    }

    /// The endpoints whose breaker is open, of those that it has met, and when it lets a probe out: nothing else goes
    /// to them before but what a person asks for.
    pub fn probes(&self) -> HashMap<EndpointId, Timestamp> {
        let now = self.shared.clock.now();
        self.shared.lanes().probes(now)
    }

    /// How fast overdue deliveries are made up for, for each endpoint that has some.
    pub fn paces(&self) -> Vec<Pace> {
        self.shared.lanes().paces()
    }

    /// What it is at.
    pub fn status(&self) -> EngineStatus {
        EngineStatus {
            in_flight: self.shared.in_flight.load(Ordering::SeqCst),
            recording: self.shared.recording.load(Ordering::SeqCst),
            unrecorded: *self.shared.unrecorded.borrow(),
        }
    }

    /// How many records the store has refused and that wait to be tried again, as it changes: while there is
    /// one, nothing new is claimed.
    pub fn unrecorded(&self) -> watch::Receiver<usize> {
        self.shared.unrecorded.subscribe()
    }

    /// Stops it: nothing more is claimed, what was claimed and not sent is given back, what is under way has
    /// `grace` to end. What has not ended then is recorded as interrupted. Returns once all of it is on disk.
    pub async fn stop(self, grace: Duration) {
        self.shared.closing.cancel();
        self.shared.cradle.close();
        self.shared.tasks.close();
        if tokio::time::timeout(grace, self.shared.tasks.wait()).await.is_ok() {
            return;
        }
        self.shared.halt.cancel();
        if tokio::time::timeout(LAST_RECORDS, self.shared.tasks.wait()).await.is_err() {
            // The store does not take the records; the next start finds these deliveries in flight.
            tracing::error!(recording = self.status().recording, "engine stopped with attempts unrecorded");
        }
    }
}

impl Drop for DeliveryEngine {
    fn drop(&mut self) {
        self.shared.dead.cancel();
        self.shared.cradle.abandon();
    }
}

impl Shared {
    fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.cradle.lanes()
    }

    fn stale(&self) -> MutexGuard<'_, Stale> {
        self.stale.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something may be due.
    fn look_for_work(&self) {
        self.look.store(true, Ordering::SeqCst);
        self.wake.notify_one();
    }

    /// The endpoint may be configured, or do, otherwise than is known here.
    fn read_again(&self, id: EndpointId) {
        self.outdated(id);
        self.look_for_work();
    }

    /// The same for whoever looks by himself.
    fn outdated(&self, id: EndpointId) {
        if let Stale::These(ids) = &mut *self.stale() {
            ids.insert(id);
        }
    }

    /// The profile of a delivery that has no endpoint.
    fn profile_of(&self, claimed: &Claimed) -> Arc<Profile> {
        self.library.profile_or_generic(&claimed.event.provider)
    }

    /// Runs a part of the worker for as long as the engine lives.
    fn spawn(&self, part: impl Future<Output = ()> + Send + 'static) {
        let dead = self.dead.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                // First: nothing is sent any more once the engine is dropped, whatever has just been claimed.
                biased;
                () = dead.cancelled_owned() => {}
                () = part => {}
            }
        });
    }
}
