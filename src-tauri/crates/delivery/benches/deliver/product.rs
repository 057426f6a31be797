//! The store and the engine, as the benchmarks use them.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use hookbench_delivery::send::Sender;
use hookbench_delivery::{Chance, DeliveryEngine, EngineParts};
use hookbench_model::{
    Clock, DeliveryId, DeliveryStatus, DeliveryTarget, Endpoint, EndpointId, Event, EventId, EventRequest,
    NewDelivery, Noun, Settings, Sleep, StoredSecret, Timestamp, Trigger,
};
use hookbench_providers::Library;
use hookbench_store::{Feed, OpenOptions, Store};
use tokio::sync::watch;

const BODY: usize = 1024;

/// A store with one endpoint, in a folder of its own.
#[derive(Clone)]
pub(crate) struct Product {
    pub(crate) store: Store,
    pub(crate) clock: Arc<MachineClock>,
    pub(crate) endpoint: EndpointId,
    folder: Arc<tempfile::TempDir>,
}

impl Product {
    pub(crate) async fn open(receiver: SocketAddr) -> Self {
        let clock = Arc::new(MachineClock);
        let now = clock.now();
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), now, OpenOptions::default()).await.unwrap();
        let endpoint = endpoint(receiver, now);
        let endpoint = store.endpoints().create(endpoint).await.unwrap().id;
        Self { store, clock, endpoint, folder: Arc::new(folder) }
    }

    /// The same with its store opened anew.
    pub(crate) fn with(&self, store: Store) -> Self {
        Self { store, ..self.clone() }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn start(&self, in_flight: usize) -> DeliveryEngine {
        start(&self.store, in_flight)
    }

    /// Accepts an event with one delivery; returns once both are on disk.
    pub(crate) async fn accept(&self, id: DeliveryId) {
        self.accept_many(vec![id], self.clock.now()).await;
    }

    /// Accepts an event with these deliveries, due then.
    pub(crate) async fn accept_many(&self, ids: Vec<DeliveryId>, due_at: Timestamp) {
        let now = self.clock.now();
        let event = Event {
            id: EventId::new(now),
            // By which the receiver knows what it has.
            provider_event_id: ids.first().map(ToString::to_string).unwrap_or_default(),
            provider: "generic".parse().unwrap(),
            event_type: "message.sent".to_owned(),
            content_type: "application/json".to_owned(),
            request: EventRequest::default(),
            payload: body(),
            created_at: now,
        };
        let deliveries = ids.into_iter().map(|id| NewDelivery {
            id,
            target: DeliveryTarget::Endpoint(self.endpoint),
            status: DeliveryStatus::Pending,
            is_test: false,
            max_attempts: 4,
            due_at,
            expires_at: None,
            trigger: Trigger::Automatic,
            replay_id: None,
            repeats_delivery: None,
            repeats_request: None,
        });
        self.store.events().create(event, deliveries.collect(), None).await.unwrap();
    }

    /// Tells of every delivery that has arrived and is on disk.
    pub(crate) fn on_delivered(
        &self,
        mut tell: impl FnMut(&str) -> bool + Send + 'static,
    ) -> tokio::task::JoinHandle<()> {
        let mut changes = self.store.changes().subscribe();
        tokio::spawn(async move {
            loop {
                match changes.next().await {
                    Feed::Change(change) => {
                        if change.noun == Noun::Delivery && change.status == Some("delivered") {
                            tell(&change.id);
                        }
                    }
                    Feed::Lagged => panic!("the benchmark fell behind the changes"),
                    Feed::Closed => return,
                }
            }
        })
    }
}

/// The engine over a store, with so many slots.
pub(crate) fn start(store: &Store, in_flight: usize) -> DeliveryEngine {
    let settings = Settings { max_in_flight: u32::try_from(in_flight).unwrap(), ..Settings::default() };
    DeliveryEngine::start(EngineParts {
        store: store.clone(),
        library: Library::builtin(),
        clock: Arc::new(MachineClock),
        ledger: Arc::default(),
        settings: watch::Sender::new(settings).subscribe(),
        wire: Arc::new(Sender::new()),
        chance: Chance::default(),
    })
}

fn endpoint(receiver: SocketAddr, now: Timestamp) -> Endpoint {
    let secret = Library::builtin().generic().generate_secret(&mut rand::rng());
    Endpoint {
        secrets: vec![StoredSecret { secret, created_at: now, expires_at: None }],
        ..Endpoint::new(
            EndpointId::new(now),
            "Receiver",
            format!("http://{receiver}/hook").parse().unwrap(),
            "generic".parse().unwrap(),
        )
    }
}

/// The machine's time.
#[derive(Debug)]
pub(crate) struct MachineClock;

impl Clock for MachineClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the benchmark's clock")]
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Timestamp::from_unix_ms(i64::try_from(since.as_millis()).unwrap())
    }

    fn sleep_until(&self, until: Timestamp) -> Sleep {
        Box::pin(tokio::time::sleep(until.duration_from(self.now())))
    }
}

/// What every event carries.
pub(crate) fn body() -> Bytes {
    static TEXT: [u8; BODY] = [b'x'; BODY];
    Bytes::from_static(&TEXT)
}
