use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hookbench_capture::{Judge, Limits, Receiver, ReceiverParts, bind};
use hookbench_delivery::send::Sender;
use hookbench_delivery::{Chance, DeliveryEngine, EngineParts, Rest};
use hookbench_model::{Clock, InFlightLedger, ProviderId, Settings, Slug, Timestamp};
use hookbench_providers::{Library, Profile};
use hookbench_store::{ChangeFeed, Folder, KeySource, OpenOptions, Store, Synchronous, Trouble};
use tokio::sync::{Mutex, RwLock, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::demo_folder::Standing;
use crate::error::{Result, WorkbenchError};
use crate::fault_receivers::{FaultReceivers, sweep};
use crate::own::Own;
use crate::reach::{self, ReachState};
use crate::relay_inline::Asker;
use crate::time::{DemoTime, MachineNotice, RealWaits, Resting, run_pacer, watch_machine};
use crate::{
    SystemClock, demo, demo_folder, files, maintenance, random, relay_worker, replay_worker, shape_worker,
    text_worker, thrown_away,
};

/// How long what is under way may take to end when the workbench stops.
const GRACE: Duration = Duration::from_secs(5);

/// How a workbench is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder that holds the workspace; the platform's own data folder unless given, and for a demo one that
    /// is thrown away with it.
    pub data_dir: Option<PathBuf>,
    /// Where the capture receiver listens; port 0 picks one.
    pub capture: SocketAddr,
    /// A workspace filled with a believable day of traffic, whose time is made. One that lives in a folder that was
    /// given goes on when it is opened again.
    pub demo: bool,
    /// Where the time comes from. A demo takes no more of it than its start: its own time is made.
    pub clock: Arc<dyn Clock>,
    /// How the store is opened.
    pub store: OpenOptions,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            data_dir: None,
            capture: SocketAddr::from(([127, 0, 0, 1], 4800)),
            demo: false,
            clock: Arc::new(SystemClock),
            store: OpenOptions::default(),
        }
    }
}

/// An open workspace with all its parts at work: the store, the capture receiver, the delivery engine, the
/// replays. A cheap clone.
#[derive(Clone, Debug)]
pub struct Workbench {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    library: Library,
    /// Written under while what is one's own is changed and read again; read under while something is judged by it
    /// and written, so that a secret and its scheme fit each other also where both are changed at once.
    changing_library: RwLock<()>,
    clock: Arc<dyn Clock>,
    settings: watch::Sender<Settings>,
    /// Held while the settings are changed, so that two changes do not undo each other.
    changing_settings: Mutex<()>,
    capture: SocketAddr,
    reach: ReachState,
    receiver: RwLock<Option<Receiver>>,
    engine: RwLock<Option<DeliveryEngine>>,
    fault_receivers: FaultReceivers,
    /// What is on its way to a receiver of ours.
    ledger: Arc<InFlightLedger>,
    stopping: CancellationToken,
    tasks: TaskTracker,
    boot: String,
    /// The throw-away folder of a demo, removed with it.
    thrown_away: std::sync::Mutex<Option<tempfile::TempDir>>,
    /// A demo's time, which can be paused, hastened and moved.
    demo_time: Option<DemoTime>,
    /// What the replays wait for; `None` while they are at work.
    replays_rest: watch::Sender<Option<Resting>>,
    /// What was noticed of the machine's time last.
    machine_notice: watch::Sender<Option<MachineNotice>>,
}

impl Workbench {
    /// Opens a workspace and sets its parts to work. Fails where another process has the folder open or the
    /// capture address in use.
    pub async fn open(options: Options) -> Result<Self> {
        let Options { data_dir, capture, demo, clock, store } = options;
        let (folder, thrown_away) = match data_dir {
            Some(given) => (given, None),
            None if demo => {
                let made = thrown_away::folder()?;
                (made.path().to_owned(), Some(made))
            }
            None => (default_data_dir()?, None),
        };
        // Others are told of it, and they may stand elsewhere.
        let folder =
            std::path::absolute(&folder).map_err(|source| WorkbenchError::File { path: folder, source })?;
        // The folder first: whoever starts a second Hookbench is told so, and not that a port is in use.
        let folder = Folder::open(&folder)?;
        let standing = demo_folder::prepare(&folder, demo)?;
        // What is shown need not outlive a power cut, nor leave a key behind.
        let store = if demo {
            OpenOptions { synchronous: Synchronous::Normal, key: KeySource::File, ..store }
        } else {
            store
        };
        let store = Store::open_in(folder, clock.now(), store).await?;
        let prepared = async {
            let demo_time = if demo { Some(DemoTime::of(&store, Arc::clone(&clock)).await?) } else { None };
            Ok((demo_time, bind(capture).await?))
        };
        let (demo_time, listener) = match prepared.await {
            Ok(prepared) => prepared,
            Err(error) => {
                store.shutdown().await;
                return Err(error);
            }
        };
        // Whoever waits for an inbox to answer does so in real time.
        let real = Arc::clone(&clock);
        let (clock, outside): (Arc<dyn Clock>, Arc<dyn Clock>) = match &demo_time {
            Some(time) => (Arc::new(time.clock.clone()), Arc::new(RealWaits(time.clock.clone()))),
            None => (Arc::clone(&clock), clock),
        };
        sweep(&store, clock.now()).await?;
        relay_worker::recover(&store).await?;
        let (settings, _) = watch::channel(store.settings().get().await?);
        let library = Library::builtin();
        let own = Own::read(&store).await?;
        own.report();
        library.set_own(own.schemes, own.profiles);
        let ledger = Arc::new(InFlightLedger::new());
        let usual = Limits::default();
        let receiver = Receiver::start(ReceiverParts {
            listener,
            store: store.clone(),
            library: library.clone(),
            clock: Arc::clone(&outside),
            ledger: Arc::clone(&ledger),
            settings: settings.subscribe(),
            limits: Limits { connections: files::connections(usual.connections), ..usual },
            targets: Arc::new(Asker::new(library.clone(), settings.subscribe(), Arc::clone(&ledger))),
        })
        .await?;
        let workbench = Self {
            inner: Arc::new(Inner {
                capture: receiver.local_addr(),
                reach: ReachState::new(real),
                receiver: RwLock::new(Some(receiver)),
                engine: RwLock::new(None),
                fault_receivers: FaultReceivers::new(outside, Arc::clone(&ledger)),
                ledger: Arc::clone(&ledger),
                settings,
                changing_settings: Mutex::new(()),
                store,
                library,
                changing_library: RwLock::new(()),
                clock,
                stopping: CancellationToken::new(),
                tasks: TaskTracker::new(),
                boot: random::short(),
                thrown_away: std::sync::Mutex::new(thrown_away),
                demo_time,
                replays_rest: watch::Sender::new(None),
                machine_notice: watch::Sender::new(None),
            }),
        };
        workbench.settle_reach().await;
        if standing == Standing::NewDemo {
            demo::seed(&workbench).await?;
            demo_folder::filled(workbench.data_dir())?;
        }
        workbench.start(ledger).await;
        Ok(workbench)
    }

    /// Starts what acts on its own. A demo is filled before, so that nothing acts on half of it.
    async fn start(&self, ledger: Arc<InFlightLedger>) {
        let inner = &self.inner;
        let engine = DeliveryEngine::start(EngineParts {
            store: inner.store.clone(),
            library: inner.library.clone(),
            clock: Arc::clone(&inner.clock),
            ledger,
            settings: inner.settings.subscribe(),
            wire: Arc::new(Sender::new()),
            chance: Chance::default(),
        });
        let rests = engine.rests();
        *inner.engine.write().await = Some(engine);
        if inner.demo_time.is_some() {
            inner.tasks.spawn(run_pacer(self.clone(), rests, inner.stopping.clone()));
        } else {
            inner.tasks.spawn(watch_machine(self.clone(), inner.stopping.clone()));
        }
        inner.tasks.spawn(replay_worker::run(self.clone(), inner.stopping.clone()));
        if let Some(passing) = self.with_receiver(Receiver::passing).await {
            inner.tasks.spawn(relay_worker::run(self.clone(), passing, inner.stopping.clone()));
        }
        inner.tasks.spawn(shape_worker::run(self.clone(), inner.stopping.clone()));
        inner.tasks.spawn(text_worker::run(self.clone(), inner.stopping.clone()));
        inner.tasks.spawn(maintenance::run(self.clone(), inner.stopping.clone()));
        inner.tasks.spawn(maintenance::run_inboxes(self.clone(), inner.stopping.clone()));
        inner.tasks.spawn(reach::run(self.clone(), inner.stopping.clone()));
    }

    /// Says that the workspace is about to stop: feeds of changes end, so that whoever follows them does not
    /// keep a server waiting. [`Workbench::shutdown`] must follow.
    pub fn announce_stop(&self) {
        self.inner.stopping.cancel();
    }

    /// Ends when the workspace is about to stop.
    pub fn stopping(&self) -> impl Future<Output = ()> + Send + use<> {
        self.inner.stopping.clone().cancelled_owned()
    }

    /// Stops accepting, lets what is under way end, and closes the workspace. What is asked for afterwards
    /// fails with `Closed`. Stopping twice does nothing.
    pub async fn shutdown(&self) {
        let inner = &self.inner;
        inner.stopping.cancel();
        inner.tasks.close();
        // Each is taken out first: the lock must not be held while it stops.
        let receiver = inner.receiver.write().await.take();
        let engine = inner.engine.write().await.take();
        let stop_receiver = async {
            if let Some(receiver) = receiver {
                receiver.stop(GRACE).await;
            }
        };
        let stop_engine = async {
            if let Some(engine) = engine {
                engine.stop(GRACE).await;
            }
        };
        futures::join!(stop_receiver, stop_engine);
        // Only now, so that an attempt at one of them has its time to end as anywhere else.
        inner.fault_receivers.stop(&inner.store, self.now()).await;
        if tokio::time::timeout(replay_worker::GRACE, inner.tasks.wait()).await.is_err() {
            tracing::warn!("a worker did not end in time");
        }
        inner.store.shutdown().await;
        let thrown_away = inner.thrown_away.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        if let Some(folder) = thrown_away
            && let Err(error) = folder.close()
        {
            tracing::warn!(%error, "the demo's folder could not be removed");
        }
    }

    /// What changes, told after it is on disk.
    pub fn changes(&self) -> ChangeFeed {
        self.inner.store.changes()
    }

    /// Names this run of the program: sequence numbers of changes hold within it.
    pub fn boot(&self) -> &str {
        &self.inner.boot
    }

    /// What keeps the workspace from being written to, by its last write; `None` while nothing does.
    pub fn trouble(&self) -> Option<Trouble> {
        self.inner.store.trouble()
    }

    /// How many attempts have ended and wait to be written down because of it.
    pub async fn unrecorded(&self) -> usize {
        self.with_engine(|engine| engine.status().unrecorded).await.unwrap_or(0)
    }

    /// Where the capture receiver listens.
    pub fn capture_address(&self) -> SocketAddr {
        self.inner.capture
    }

    /// The origin under which inboxes are, as a sender on this machine writes it.
    pub fn capture_origin(&self) -> String {
        let address = self.inner.capture;
        let host = match address {
            SocketAddr::V4(v4) if v4.ip().is_unspecified() => "127.0.0.1".to_owned(),
            SocketAddr::V6(v6) if v6.ip().is_unspecified() => "[::1]".to_owned(),
            SocketAddr::V4(v4) => v4.ip().to_string(),
            SocketAddr::V6(v6) => format!("[{}]", v6.ip()),
        };
        format!("http://{host}:{}", address.port())
    }

    /// The data folder.
    pub fn data_dir(&self) -> &Path {
        self.inner.store.folder()
    }

    /// Whether the workspace is a demo, whose time is made.
    pub fn is_demo(&self) -> bool {
        self.inner.demo_time.is_some()
    }

    /// The workspace's clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// The time by the workspace's clock.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// The provider profiles and the schemes, built-in and own.
    pub fn library(&self) -> &Library {
        &self.inner.library
    }

    /// The profile of that id, or the generic one where it is no longer known.
    pub(crate) fn profile_or_generic(&self, id: &ProviderId) -> Arc<Profile> {
        self.inner.library.profile_or_generic(id)
    }

    /// What is on its way to a receiver of ours, and where those are.
    pub(crate) fn ledger(&self) -> &InFlightLedger {
        &self.inner.ledger
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn settings_sender(&self) -> &watch::Sender<Settings> {
        &self.inner.settings
    }

    pub(crate) fn reach(&self) -> &ReachState {
        &self.inner.reach
    }

    pub(crate) fn changing_settings(&self) -> &Mutex<()> {
        &self.inner.changing_settings
    }

    /// Lets the engine look at once; it would find what is due by itself a little later.
    pub(crate) fn wake_engine(&self) {
        if let Ok(engine) = self.inner.engine.try_read()
            && let Some(engine) = engine.as_ref()
        {
            engine.wake();
        }
    }

    /// What the engine says; `None` before it runs, and once it has been stopped.
    pub(crate) async fn with_engine<T>(&self, ask: impl FnOnce(&DeliveryEngine) -> T) -> Option<T> {
        self.inner.engine.read().await.as_ref().map(ask)
    }

    /// Asks the receiver something; `None` where it has ended.
    pub(crate) async fn with_receiver<T>(&self, ask: impl FnOnce(&Receiver) -> T) -> Option<T> {
        self.inner.receiver.read().await.as_ref().map(ask)
    }

    /// What the engine waits for; `None` while it is at work.
    pub(crate) async fn engine_rest(&self) -> Option<Rest> {
        self.with_engine(DeliveryEngine::rest).await.flatten()
    }

    /// Takes over what was noticed of the machine's time.
    pub(crate) async fn take_notice(&self, notice: MachineNotice) {
        self.with_engine(|engine| engine.clock_jumped(notice.jump_ms())).await;
        self.inner.machine_notice.send_replace(Some(notice));
        self.changes().tell_clock();
    }

    pub(crate) fn machine_notice(&self) -> watch::Receiver<Option<MachineNotice>> {
        self.inner.machine_notice.subscribe()
    }

    pub(crate) fn demo_time(&self) -> Option<&DemoTime> {
        self.inner.demo_time.as_ref()
    }

    pub(crate) fn replays_rest(&self) -> &watch::Sender<Option<Resting>> {
        &self.inner.replays_rest
    }

    pub(crate) fn fault_receivers_kept(&self) -> &FaultReceivers {
        &self.inner.fault_receivers
    }

    /// Does that until the workspace is about to stop.
    pub(crate) fn run_until_stopped(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stopping = self.inner.stopping.clone();
        self.inner.tasks.spawn(async move {
            stopping.run_until_cancelled(work).await;
        });
    }

    /// Does that to its end, also where whoever asked for it goes away meanwhile: what follows a commit must not hang
    /// on them.
    pub(crate) async fn to_the_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        match self.inner.tasks.spawn(work).await {
            Ok(done) => done,
            Err(error) => match error.try_into_panic() {
                // A panic is the caller's, as if it had done the work itself.
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(WorkbenchError::Stopping),
            },
        }
    }

    pub(crate) fn changing_library(&self) -> &RwLock<()> {
        &self.inner.changing_library
    }

    /// Lets the engine read every endpoint again, with the profile and the scheme that it has now.
    pub(crate) async fn refresh_engine(&self) {
        if let Some(engine) = self.inner.engine.read().await.as_ref() {
            engine.read_again();
        }
    }

    /// What judges requests from a file as this inbox does; `None` where it is gone, or the workbench is stopping.
    pub(crate) async fn judge_of(&self, slug: &Slug) -> Option<Judge> {
        self.inner.receiver.read().await.as_ref()?.judge(slug.as_str())
    }

    /// Makes the receiver know the inboxes as they are now.
    pub(crate) async fn refresh_receiver(&self) -> Result<()> {
        if let Some(receiver) = self.inner.receiver.read().await.as_ref() {
            receiver.refresh().await?;
        }
        Ok(())
    }
}

/// The platform's folder for Hookbench's data.
pub fn default_data_dir() -> Result<PathBuf> {
    directories::ProjectDirs::from("", "", "hookbench")
        .map(|folders| folders.data_dir().to_owned())
        .ok_or(WorkbenchError::NoDataFolder)
}
