//! A replay of many is made in parts, and what is left of one goes.

use std::path::Path;

use hookbench_model::{
    DeliveryFilter, DeliveryId, DeliveryStatus, DeliveryTarget, Event, EventId, EventRequest, NewDelivery,
    ProviderId, Replay, ReplayId, ReplayProgress, ReplaySource, ReplayStatus, Settings, SignMode, Timestamp,
    Trigger,
};
use tempfile::TempDir;

use crate::{OpenOptions, Store, Synchronous, WriteGate};

const NOW: Timestamp = Timestamp::from_unix_ms(1_763_699_700_000);
/// More than two parts.
const MANY: usize = 4_100;

async fn opened(folder: &Path, gate: Option<WriteGate>) -> Store {
    let options = OpenOptions { synchronous: Synchronous::Normal, gate, ..OpenOptions::default() };
    Store::open(folder, NOW, options).await.unwrap()
}

/// A store with many deliveries.
async fn store(gate: Option<WriteGate>) -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = opened(folder.path(), gate).await;
    let event = Event {
        id: EventId::new(NOW),
        provider_event_id: "msg".to_owned(),
        provider: ProviderId::generic(),
        event_type: "a.b".to_owned(),
        content_type: "application/json".to_owned(),
        request: EventRequest::default(),
        payload: b"{}".to_vec().into(),
        created_at: NOW,
    };
    let new = |_| NewDelivery {
        id: DeliveryId::new(NOW),
        target: DeliveryTarget::Url("http://localhost:9/".parse().unwrap()),
        status: DeliveryStatus::Pending,
        is_test: false,
        max_attempts: 1,
        due_at: NOW,
        expires_at: None,
        trigger: Trigger::Automatic,
        replay_id: None,
        repeats_delivery: None,
        repeats_request: None,
    };
    store.events().create(event, (0..MANY).map(new).collect(), None).await.unwrap();
    (folder, store)
}

fn replay() -> Replay {
    Replay {
        id: ReplayId::new(NOW),
        source: ReplaySource::Deliveries(DeliveryFilter::default()),
        target_url: None,
        target_endpoint: None,
        resign: SignMode::Fresh,
        per_second: None,
        gaps: None,
        reason: String::new(),
        status: ReplayStatus::Running,
        progress: ReplayProgress::default(),
        created_at: NOW,
        completed_at: None,
    }
}

/// How many items there are, of whatever replay.
async fn items(store: &Store) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM replay_items").fetch_one(store.readers()).await.unwrap()
}

#[tokio::test]
async fn the_items_of_many_are_written_in_parts_and_all_of_them() {
    let gate = WriteGate::default();
    let (_folder, store) = store(Some(gate.clone())).await;
    let before = gate.begun();
    let replays = store.replays();
    let (one, other) = tokio::join!(replays.create(replay()), replays.create(replay()));
    assert_eq!(gate.begun() - before, 6, "three transactions each");
    for made in [one.unwrap(), other.unwrap()] {
        assert_eq!(made.progress.waiting, MANY as u64);
        let waiting = store.replays().waiting_items(made.id, 10_000).await.unwrap();
        assert!(waiting.iter().map(|known| known.position).eq(0..MANY as u64));
    }
}

#[tokio::test]
async fn what_is_left_of_one_that_was_never_made_is_nobodys_and_goes() {
    let gate = WriteGate::default();
    let (folder, store) = store(Some(gate.clone())).await;
    // Parts tell nobody anything, and go through.
    gate.shut_after(0);
    store.replays().create(replay()).await.unwrap_err();
    store.shutdown().await;
    let store = opened(folder.path(), None).await;
    assert!(items(&store).await > 0 && store.replays().unfinished().await.unwrap().is_empty());
    // The next one has none of them.
    let next = store.replays().create(replay()).await.unwrap();
    assert_eq!(store.replays().waiting_items(next.id, 10_000).await.unwrap().len(), MANY);
    store.maintenance().purge(NOW).await.unwrap();
    assert_eq!(items(&store).await, i64::try_from(MANY).unwrap());
}

#[tokio::test]
async fn one_that_is_being_made_loses_nothing_to_the_housekeeping() {
    let (_folder, store) = store(None).await;
    let sweeping = async {
        for _ in 0..20 {
            store.maintenance().purge(NOW).await.unwrap();
        }
    };
    let replays = store.replays();
    let (made, ()) = tokio::join!(replays.create(replay()), sweeping);
    assert_eq!(store.replays().waiting_items(made.unwrap().id, 10_000).await.unwrap().len(), MANY);
}

#[tokio::test]
async fn of_one_that_has_ended_the_items_go_at_once_and_it_itself_with_its_age() {
    let (_folder, store) = store(None).await;
    let made = store.replays().create(replay()).await.unwrap();
    assert!(store.replays().has_ended(made.id).await.unwrap(), "it has no delivery yet");
    store.replays().set_status(made.id, ReplayStatus::Cancelled, NOW).await.unwrap();
    let day = 86_400_000;
    let kept = Settings { delivery_max_age_ms: Some(day), ..Settings::default() };
    store.settings().put(kept).await.unwrap();
    assert_eq!(store.maintenance().purge(NOW).await.unwrap().replays, 0);
    assert_eq!(items(&store).await, 0);
    assert!(store.replays().get(made.id).await.unwrap().is_some());
    let later = NOW.plus_ms(86_400_001);
    assert_eq!(store.maintenance().purge(later).await.unwrap().replays, 1);
    assert!(store.replays().get(made.id).await.unwrap().is_none());
}
