//! A real store in a folder of its own, an engine on it, and a clock that stands still.

use std::sync::Arc;
use std::time::Duration;

use hookbench_delivery::send::Sender;
use hookbench_delivery::{Chance, DeliveryEngine, EngineParts, policy_of};
use hookbench_model::{
    Attempt, Clock, Delivery, DeliveryId, DeliveryStatus, DeliveryTarget, Endpoint, EndpointId, Event,
    EventId, InFlightLedger, ManualClock, NewDelivery, Noun, Settings, Timestamp, Trigger,
};
use hookbench_providers::Library;
use hookbench_store::{ChangeStream, Feed, OpenOptions, Store, Synchronous};
use tempfile::TempDir;
use tokio::sync::watch;

use super::{NOW, event};

pub struct Workspace {
    pub store: Store,
    pub clock: ManualClock,
    pub ledger: Arc<InFlightLedger>,
    pub settings: watch::Sender<Settings>,
    folder: TempDir,
}

impl Workspace {
    pub async fn new() -> Self {
        Self::with(options()).await
    }

    pub async fn with(options: OpenOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), NOW, options).await.unwrap();
        Self {
            store,
            clock: ManualClock::new(NOW),
            ledger: Arc::default(),
            settings: watch::Sender::new(Settings::default()),
            folder,
        }
    }

    /// Opens the folder again, as the next start of the program does.
    pub async fn reopen(self) -> Self {
        self.store.shutdown().await;
        let store = Store::open(self.folder.path(), self.clock.now(), options()).await.unwrap();
        Self { store, ..self }
    }

    /// The same on a disk that has room for so many more bytes.
    pub async fn reopen_with_room(self, bytes: u64) -> Self {
        self.store.shutdown().await;
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        let sizes = files.map(|file| file.unwrap().metadata().unwrap().len());
        let options = OpenOptions { max_size: Some(sizes.max().unwrap() + bytes), ..options() };
        let store = Store::open(self.folder.path(), self.clock.now(), options).await.unwrap();
        Self { store, ..self }
    }

    pub fn engine(&self) -> DeliveryEngine {
        DeliveryEngine::start(EngineParts {
            store: self.store.clone(),
            library: Library::builtin(),
            clock: Arc::new(self.clock.clone()),
            ledger: Arc::clone(&self.ledger),
            settings: self.settings.subscribe(),
            wire: Arc::new(Sender::new()),
            chance: Chance::default(),
        })
    }

    /// An endpoint, written.
    pub async fn endpoint(&self, provider: &str, url: &str, edit: impl FnOnce(&mut Endpoint)) -> EndpointId {
        let mut endpoint = super::endpoint(provider, url);
        edit(&mut endpoint);
        self.store.endpoints().create(endpoint).await.unwrap().id
    }

    /// An event for an endpoint, accepted.
    pub async fn accept(&self, endpoint: EndpointId, payload: &str) -> DeliveryId {
        self.accept_as(endpoint, payload, |delivery| delivery).await
    }

    /// The same with a delivery of another kind.
    pub async fn accept_as(
        &self,
        endpoint: EndpointId,
        payload: &str,
        edit: impl FnOnce(NewDelivery) -> NewDelivery,
    ) -> DeliveryId {
        let endpoint = self.store.endpoints().get(endpoint).await.unwrap().unwrap();
        let profile = Library::builtin().profile(&endpoint.provider).unwrap();
        let now = self.clock.now();
        let event = Event {
            id: EventId::new(now),
            created_at: now,
            ..event(endpoint.provider.as_str(), payload.as_bytes())
        };
        let delivery = NewDelivery {
            id: DeliveryId::new(now),
            target: DeliveryTarget::Endpoint(endpoint.id),
            status: DeliveryStatus::Pending,
            is_test: false,
            max_attempts: policy_of(Some(&endpoint), &profile).retry.max_attempts(),
            due_at: now,
            expires_at: None,
            trigger: Trigger::Automatic,
            replay_id: None,
            repeats_delivery: None,
            repeats_request: None,
        };
        let delivery = edit(delivery);
        let id = delivery.id;
        self.store.events().create(event, vec![delivery], None).await.unwrap();
        id
    }

    pub fn advance(&self, by_ms: u64) {
        self.clock.advance(Duration::from_millis(by_ms));
    }

    pub async fn delivery(&self, id: DeliveryId) -> Delivery {
        self.store.deliveries().get(id).await.unwrap().unwrap()
    }

    pub async fn attempts(&self, id: DeliveryId) -> Vec<Attempt> {
        self.store.attempts().of(id).await.unwrap()
    }

    /// Waits until the delivery stands so.
    pub async fn until(&self, id: DeliveryId, fits: impl Fn(&Delivery) -> bool) -> Delivery {
        let mut changes = self.store.changes().subscribe();
        loop {
            let delivery = self.delivery(id).await;
            if fits(&delivery) {
                return delivery;
            }
            next_of(&mut changes, Noun::Delivery).await;
        }
    }

    pub async fn until_status(&self, id: DeliveryId, status: DeliveryStatus) -> Delivery {
        self.until(id, |delivery| delivery.status == status).await
    }

    /// Waits until so many attempts of it are recorded.
    pub async fn until_attempts(&self, id: DeliveryId, count: u32) -> Delivery {
        self.until(id, |delivery| {
            delivery.attempt_count >= count && delivery.status != DeliveryStatus::InFlight
        })
        .await
    }

    pub fn seconds(later: u64) -> Timestamp {
        NOW.plus(Duration::from_secs(later))
    }
}

async fn next_of(changes: &mut ChangeStream, noun: Noun) {
    loop {
        match changes.next().await {
            Feed::Change(change) if change.noun != noun => {}
            _ => return,
        }
    }
}

/// A flush of every commit to the disk makes the tests slow and no surer.
pub fn options() -> OpenOptions {
    OpenOptions { synchronous: Synchronous::Normal, ..OpenOptions::default() }
}
