//! The real engine on a real store, in a world made of a seed.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hookbench_delivery::{Chance, DeliveryEngine, EngineParts};
use hookbench_model::{
    Clock as _, DeliveryFilter, DeliveryId, DeliveryStatus, Endpoint, ManualClock, PageRequest, Settings,
    Timestamp,
};
use hookbench_providers::Library;
use hookbench_store::{OpenOptions, Store, Synchronous, WriteGate};
use tempfile::TempDir;
use tokio::sync::watch;

use crate::alerts::Alerts;
use crate::chance::Dice;
use crate::checks::{Checker, Seen, SeenEndpoint, Snapshot};
use crate::network::{Network, after};
use crate::record::What;
use crate::scenario::{Deed, NOW, Scenario, number_of};

/// A run that takes more steps than that does not end.
const MOST_STEPS: usize = 5_000;
/// An engine that works for so long at one moment is at a standstill.
const STANDSTILL: Duration = Duration::from_secs(30);
/// How often people come and put right what is left to them.
const MOST_ROUNDS: usize = 30;
/// The longest list that the store gives.
const PAGE: u32 = 100;

/// What came of a run.
pub(crate) struct Lived {
    pub(crate) trace: String,
    pub(crate) wrong: Vec<String>,
    /// Whether every crash that was planned came.
    pub(crate) crashed: bool,
    /// How many alerts were told.
    pub(crate) alerts: usize,
}

pub(crate) struct World {
    pub(crate) scenario: Arc<Scenario>,
    pub(crate) network: Network,
    pub(crate) wall: ManualClock,
    /// `None` only between two lives.
    pub(crate) engine: Option<DeliveryEngine>,
    pub(crate) store: Store,
    gate: WriteGate,
    settings: watch::Sender<Settings>,
    chance: Arc<Mutex<Dice>>,
    folder: TempDir,
    lives: usize,
    pub(crate) checker: Checker,
    /// How many lines the checker has seen, and how many writes there were when it last looked at the store.
    looked: (usize, Option<u64>),
    pub(crate) last: Snapshot,
    /// When deliveries were accepted, by the clock on the wall.
    pub(crate) made: BTreeMap<usize, Timestamp>,
    pub(crate) alerts: Alerts,
}

#[derive(PartialEq)]
enum Settled {
    Still,
    Crashed,
}

fn options(gate: &WriteGate) -> OpenOptions {
    let (synchronous, gate) = (Synchronous::Normal, Some(gate.clone()));
    OpenOptions { synchronous, gate, readers: 1, ..OpenOptions::default() }
}

impl World {
    /// A world in which endpoints are held to `rules`: their own, unless somebody tries out the checks.
    pub(crate) async fn new(scenario: Scenario, rules: &[Endpoint], template: &Path) -> Self {
        let folder = folder();
        for name in ["hookbench.db", "key"] {
            std::fs::copy(template.join(name), folder.path().join(name)).unwrap();
        }
        let gate = WriteGate::default();
        let store = Store::open(folder.path(), NOW, options(&gate)).await.unwrap();
        for endpoint in &scenario.endpoints {
            store.endpoints().create(endpoint.clone()).await.unwrap();
        }
        let settings = Settings::default();
        let mut checker = Checker::new(rules);
        checker.places = settings.max_in_flight as usize;
        let scenario = Arc::new(scenario);
        let wall = ManualClock::new(NOW);
        let mut world = Self {
            network: Network::new(Arc::clone(&scenario), wall.clone()),
            wall,
            engine: None,
            store,
            gate,
            settings: watch::Sender::new(settings),
            chance: Arc::new(Mutex::new(Dice::new(&[scenario.seed, 2]))),
            folder,
            lives: 0,
            checker,
            looked: (0, None),
            last: Snapshot::default(),
            made: BTreeMap::new(),
            alerts: Alerts::default(),
            scenario,
        };
        world.live();
        world
    }

    /// Lives through it all.
    pub(crate) async fn run(mut self) -> Lived {
        let mut deeds: VecDeque<_> = self.scenario.deeds.clone().into();
        let mut rounds = 0;
        for step in 0.. {
            self.settle().await;
            self.observe().await;
            if step > MOST_STEPS {
                self.checker.say("it does not end");
            }
            if !self.checker.wrong.is_empty() {
                break;
            }
            match self.next(deeds.front().map(|(at, _)| *at)) {
                Some(ms) => {
                    let due = self.rests_for(ms);
                    self.pass(ms);
                    if due {
                        self.check_that_something_happens().await;
                    }
                    if deeds.front().is_some_and(|(at, _)| *at <= self.network.passed()) {
                        self.settle().await;
                        self.observe().await;
                        let (_, deed) = deeds.pop_front().unwrap();
                        self.perform(deed).await;
                    }
                }
                None if rounds < MOST_ROUNDS && !self.is_over() => {
                    rounds += 1;
                    self.heal().await;
                }
                None => break,
            }
        }
        self.conclude().await;
        let Self { engine, store, network, checker, scenario, lives, folder, alerts, .. } = self;
        drop(engine);
        store.shutdown().await;
        drop(folder);
        let mut trace = String::new();
        for line in &network.ledger().lines {
            writeln!(trace, "{line}").unwrap();
        }
        let crashed = lives == scenario.crashes.len() + 1;
        Lived { trace, wrong: checker.wrong, crashed, alerts: alerts.count() }
    }

    /// In how many milliseconds something happens.
    fn next(&self, deed: Option<i64>) -> Option<i64> {
        let until = |clock: &ManualClock| clock.next_wake().map(|at| at.ms_since(clock.now()));
        let deed = deed.map(|at| at - self.network.passed());
        let next = deed.into_iter().chain(until(&self.network.time)).chain(until(&self.wall)).min()?;
        Some(next.max(0))
    }

    /// Whether the engine rests, and says that it goes on by itself in so many milliseconds. Not asked where the machine's
    /// clock is set back: what a rate had before then counts as of later, and no jump leads there.
    fn rests_for(&self, ms: i64) -> bool {
        let is_set_back = |deed: &Deed| matches!(deed, Deed::Jump(by) if *by < 0);
        if self.scenario.deeds.iter().any(|(_, deed)| is_set_back(deed)) {
            return false;
        }
        let rest = self.engine.as_ref().and_then(DeliveryEngine::rest);
        rest.and_then(|rest| rest.until).is_some_and(|at| ms > 0 && at == self.wall.now().plus_ms(ms))
    }

    /// The time has come that the engine named: it is not to have rested for nothing.
    async fn check_that_something_happens(&mut self) {
        let (lines, before, life) = (self.looked.0, self.last.clone(), self.lives);
        self.settle().await;
        self.observe().await;
        if lines == self.looked.0 && before == self.last && life == self.lives {
            let now = self.wall.now();
            self.checker.say(&format!("the engine rested until {now}, and nothing happens then"));
        }
    }

    fn pass(&self, ms: i64) {
        self.network.time.set(self.network.time.now().plus_ms(ms));
        self.wall.set(self.wall.now().plus_ms(ms));
    }

    fn is_over(&self) -> bool {
        self.last.deliveries.values().all(|delivery| delivery.status.is_final())
    }

    /// Everything is well from here on, and people do what is left to them.
    async fn heal(&mut self) {
        self.network.note(What::Heals);
        self.network.ledger().healed = true;
        let enable = (0..self.scenario.endpoints.len()).map(|number| Deed::Enable(number, None));
        let failed = self.last.deliveries.iter().filter(|(_, seen)| seen.status == DeliveryStatus::Failed);
        let skip = failed.map(|(number, _)| Deed::Skip(*number));
        for deed in enable.chain(skip).collect::<Vec<_>>() {
            self.perform(deed).await;
            self.settle().await;
            self.observe().await;
        }
    }

    async fn settle(&mut self) {
        while self.still().await == Settled::Crashed {
            self.crash().await;
        }
    }

    /// Waits until the engine waits for nothing but time and network.
    async fn still(&mut self) -> Settled {
        let (mut calm, begun) = (0, Instant::now());
        while calm < 4 {
            tokio::task::yield_now().await;
            let unheard = self.scenario.crashes.get(self.lives - 1).is_some_and(|crash| crash.unheard);
            if self.gate.has_refused() || (unheard && self.gate.is_shut()) {
                return Settled::Crashed;
            }
            let live = self.network.ledger().live.len();
            if self.engine.as_ref().and_then(DeliveryEngine::waits_for) == Some(live) {
                calm += 1;
                continue;
            }
            calm = 0;
            std::thread::yield_now();
            if begun.elapsed() > STANDSTILL {
                self.checker.say("the engine never comes to rest");
                break;
            }
        }
        Settled::Still
    }

    /// Everything breaks off; the next life begins on the same files.
    async fn crash(&mut self) {
        self.network.note(What::Crash(self.scenario.crashes[self.lives - 1]));
        self.engine = None;
        self.store.shutdown().await;
        while !self.network.ledger().live.is_empty() {
            tokio::task::yield_now().await;
        }
        self.gate = WriteGate::default();
        let now = self.wall.now();
        self.store = Store::open(self.folder.path(), now, options(&self.gate)).await.unwrap();
        self.looked.1 = None;
        self.observe().await;
        let down = Dice::new(&[self.scenario.seed, 3, self.lives as u64]).pick(&[0, 0, 700, 300_000]);
        self.network.time.set(self.network.time.now().plus_ms(down));
        self.wall = ManualClock::new(now.plus_ms(down));
        self.network.hang(self.wall.clone());
        self.network.note(What::Life);
        self.live();
    }

    fn live(&mut self) {
        if let Some(crash) = self.scenario.crashes.get(self.lives) {
            self.gate.shut_after(crash.after);
        }
        self.lives += 1;
        self.looked.1 = None;
        let chance = Arc::clone(&self.chance);
        self.engine = Some(DeliveryEngine::start(EngineParts {
            store: self.store.clone(),
            library: Library::builtin(),
            clock: Arc::new(self.wall.clone()),
            ledger: Arc::default(),
            settings: self.settings.subscribe(),
            wire: Arc::new(self.network.clone()),
            chance: Chance::from_fn(move || chance.lock().unwrap().unit()),
        }));
    }

    /// Has it checked what has happened.
    pub(crate) async fn observe(&mut self) {
        let written = self.gate.begun();
        if self.looked.1 != Some(written) {
            let before = self.looked.1.replace(written).unwrap_or(written);
            self.last = self.snapshot().await;
            let most = 100 + 10 * self.last.deliveries.len() as u64;
            if written - before > most {
                self.checker.say(&format!("{} writes in one step", written - before));
            }
        }
        let lines = self.network.ledger().lines[self.looked.0..].to_vec();
        self.looked.0 += lines.len();
        self.checker.step(&lines, &self.last, self.wall.now());
    }

    async fn snapshot(&mut self) -> Snapshot {
        self.read_alerts().await;
        let (mut rows, mut page) = (Vec::new(), PageRequest::first(PAGE));
        loop {
            let more = self.store.deliveries().list(&DeliveryFilter::default(), page).await.unwrap();
            rows.extend(more.rows);
            let Some(next) = more.next else { break };
            page.before = Some(next);
        }
        let deliveries = rows.iter().map(|delivery| (self.number(delivery.id), Seen::of(delivery)));
        let endpoints = self.store.endpoints().all_with_breakers().await.unwrap();
        let mut endpoints: Vec<_> = endpoints.iter().map(SeenEndpoint::of).collect();
        endpoints.sort_by_key(|endpoint| endpoint.number);
        Snapshot { deliveries: deliveries.collect(), endpoints }
    }

    fn number(&self, id: DeliveryId) -> usize {
        number_of(id).or_else(|| self.alerts.number(id)).expect("a delivery of which nobody knows")
    }

    /// At the end of it all.
    async fn conclude(&mut self) {
        for (number, seen) in self.last.deliveries.clone() {
            if !seen.status.is_final() && self.checker.wrong.is_empty() {
                self.checker.say(&format!("delivery {number} has not ended: {:?}", seen.status));
            }
            let attempts = self.store.attempts().of(self.id(number)).await.unwrap();
            let outcomes: Vec<_> = attempts.iter().map(|attempt| attempt.outcome).collect();
            let arrived = self.network.ledger().arrived.get(&number).copied().unwrap_or(0);
            if self.checker.wrong.is_empty() {
                self.checker.check_records(number, &outcomes, arrived);
            }
        }
    }
}

/// A folder in memory where the system has such.
pub(crate) fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

/// An empty store, to be copied.
pub(crate) async fn template() -> TempDir {
    let folder = folder();
    let store = Store::open(folder.path(), after(0), options(&WriteGate::default())).await.unwrap();
    store.shutdown().await;
    folder
}
