//! What a claim costs, counted in the database's own steps rather than in time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::FutureExt as _;
use hookbench_model::{
    DeliveryId, DeliveryStatus, DeliveryTarget, Endpoint, EndpointId, Event, EventId, EventRequest,
    NewDelivery, ProviderId, Timestamp, Trigger,
};
use tempfile::TempDir;

use super::{Claims, Room};
use crate::{OpenOptions, Store, Synchronous};

const NOW: Timestamp = Timestamp::from_unix_ms(1_763_699_700_000);

struct Bench {
    store: Store,
    steps: Arc<AtomicU64>,
    _folder: TempDir,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = OpenOptions { synchronous: Synchronous::Normal, ..OpenOptions::default() };
        let store = Store::open(folder.path(), NOW, options).await.unwrap();
        let steps = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&steps);
        let count = store.writer().run(move |write| {
            async move {
                write.connection().await?.lock_handle().await?.set_progress_handler(1, move || {
                    counted.fetch_add(1, Ordering::Relaxed);
                    true
                });
                Ok(())
            }
            .boxed()
        });
        count.await.unwrap();
        Self { store, steps, _folder: folder }
    }

    async fn endpoint(&self, edit: impl FnOnce(&mut Endpoint)) -> EndpointId {
        let url = "http://localhost:9/".parse().unwrap();
        let mut endpoint = Endpoint::new(EndpointId::new(NOW), "one", url, ProviderId::generic());
        edit(&mut endpoint);
        self.store.endpoints().create(endpoint).await.unwrap().id
    }

    async fn send(&self, endpoint: EndpointId) -> DeliveryId {
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
        let new = NewDelivery {
            id: DeliveryId::new(NOW),
            target: DeliveryTarget::Endpoint(endpoint),
            status: DeliveryStatus::Pending,
            is_test: false,
            max_attempts: 3,
            due_at: NOW,
            expires_at: None,
            trigger: Trigger::Automatic,
            replay_id: None,
            repeats_delivery: None,
            repeats_request: None,
        };
        let id = new.id;
        self.store.events().create(event, vec![new], None).await.unwrap();
        id
    }

    /// So many copies of an endpoint's newest delivery, as retries that are due then.
    async fn retries(&self, endpoint: EndpointId, count: i64, due: Timestamp) {
        const COPY: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2), \
             d AS (SELECT * FROM deliveries WHERE endpoint_seq = ?1 ORDER BY seq DESC LIMIT 1), \
             top AS (SELECT max(seq) AS seq FROM deliveries) \
             INSERT INTO deliveries (seq, id, event_seq, kind, endpoint_seq, status, attempt_count, \
                 automatic_attempts, max_attempts, next_attempt_at, trigger, is_test, in_order, lane) \
             SELECT top.seq + i, randomblob(16), event_seq, kind, endpoint_seq, 2, 1, 1, 3, ?3, 0, 0, in_order, lane \
             FROM n, d, top";
        self.store
            .writer()
            .run(move |write| {
                async move {
                    let seq = write.state.living_endpoint(endpoint)?.seq;
                    sqlx::query(COPY)
                        .bind(seq)
                        .bind(count)
                        .bind(due.unix_ms())
                        .execute(write.connection().await?)
                        .await?;
                    write.read_again().await
                }
                .boxed()
            })
            .await
            .unwrap();
    }

    async fn claim(&self, limit: usize) -> Claims {
        self.store.deliveries().claim(NOW, limit, |_| Room::ALL).await.unwrap()
    }

    /// The steps that a claim took, and what it gave.
    async fn counted(&self, limit: usize) -> (u64, Claims) {
        // What is in memory is right from here on.
        self.steps.store(0, Ordering::Relaxed);
        let claims = self.claim(limit).await;
        (self.steps.load(Ordering::Relaxed), claims)
    }
}

async fn steps_with(waiting: i64) -> u64 {
    let bench = Bench::new().await;
    let failing = bench.endpoint(|_| ()).await;
    let healthy = bench.endpoint(|_| ()).await;
    bench.send(failing).await;
    bench.retries(failing, waiting, NOW.plus_ms(-1)).await;
    let late = bench.send(healthy).await;
    let (steps, claims) = bench.counted(16).await;
    assert_eq!(claims.claimed.len(), 9, "half of the places, and the one that the other has");
    assert!(claims.claimed.iter().any(|claimed| claimed.delivery.id == late));
    steps
}

#[tokio::test]
async fn a_claim_costs_what_it_claims_and_not_what_waits_behind() {
    let (few, many) = (steps_with(100).await, steps_with(100_000).await);
    assert!(many < few + few / 10, "{many} steps where 100,000 wait, {few} where 100 do");
}

#[tokio::test]
async fn a_claim_that_finds_nothing_asks_the_database_nothing() {
    let bench = Bench::new().await;
    let endpoint = bench.endpoint(|_| ()).await;
    bench.send(endpoint).await;
    assert_eq!(bench.claim(4).await.claimed.len(), 1);
    let (steps, claims) = bench.counted(4).await;
    assert_eq!((steps, claims.claimed.len()), (0, 0));
}

#[tokio::test]
async fn endpoints_whose_time_has_not_come_cost_a_claim_nothing() {
    let mut steps = Vec::new();
    for others in [10, 1000] {
        let bench = Bench::new().await;
        for _ in 0..others {
            let waiting = bench.endpoint(|_| ()).await;
            bench.send(waiting).await;
        }
        let later = NOW.plus_ms(60_000);
        let all = bench.claim(others).await.claimed;
        assert_eq!(all.len(), others);
        let ids = all.into_iter().map(|claimed| claimed.delivery.id).collect();
        bench.store.deliveries().release(ids, later).await.unwrap();
        let due = bench.endpoint(|_| ()).await;
        let id = bench.send(due).await;
        let (taken, claims) = bench.counted(64).await;
        assert_eq!(claims.claimed[0].delivery.id, id);
        assert_eq!((claims.claimed.len(), claims.next_due), (1, Some(later)));
        steps.push(taken);
    }
    assert!(steps[1] < steps[0] + steps[0] / 10, "steps with 10 and with 1000 endpoints: {steps:?}");
}

#[tokio::test]
async fn the_head_of_an_ordered_queue_is_found_without_reading_the_queue() {
    let mut steps = Vec::new();
    for waiting in [100, 50_000] {
        let bench = Bench::new().await;
        let ordered = bench.endpoint(|endpoint| endpoint.ordered = true).await;
        let first = bench.send(ordered).await;
        bench.retries(ordered, waiting, NOW).await;
        let (taken, claims) = bench.counted(64).await;
        assert_eq!(claims.claimed.iter().map(|claimed| claimed.delivery.id).collect::<Vec<_>>(), [first]);
        steps.push(taken);
    }
    assert!(steps[1] < steps[0] + steps[0] / 10, "steps with 100 and with 50,000 behind: {steps:?}");
}

#[tokio::test]
async fn whoever_has_waited_longest_for_a_turn_is_next_however_many_others_are_due() {
    let bench = Bench::new().await;
    for _ in 0..40 {
        let busy = bench.endpoint(|_| ()).await;
        bench.send(busy).await;
        bench.retries(busy, 50, NOW.plus_ms(-60_000)).await;
    }
    // Their turns have come round before.
    for _ in 0..10 {
        assert_eq!(bench.claim(10).await.claimed.len(), 10);
    }
    let quiet = bench.endpoint(|_| ()).await;
    let id = bench.send(quiet).await;
    let claimed = bench.claim(10).await.claimed;
    assert!(
        claimed.iter().any(|claimed| claimed.delivery.id == id),
        "a newcomer waits for no turn of theirs"
    );
    let mut turns = std::collections::HashMap::new();
    for claimed in (0..8).map(|_| bench.claim(5)) {
        for claimed in claimed.await.claimed {
            *turns.entry(claimed.delivery.target.endpoint_id()).or_insert(0) += 1;
        }
    }
    assert_eq!(turns.len(), 40, "each had a turn before any had two: {turns:?}");
}

#[tokio::test]
async fn first_attempts_have_half_of_an_endpoints_share_and_so_have_retries() {
    let bench = Bench::new().await;
    let endpoint = bench.endpoint(|_| ()).await;
    bench.send(endpoint).await;
    bench.retries(endpoint, 1000, NOW.plus_ms(-60_000)).await;
    for _ in 0..99 {
        bench.send(endpoint).await;
    }
    let claims = bench.claim(20).await;
    let first = claims.claimed.iter().filter(|claimed| claimed.delivery.attempt_count == 0).count();
    assert_eq!((first, claims.claimed.len()), (10, 20));
    // One at a time they alternate.
    let mut firsts = Vec::new();
    for _ in 0..4 {
        firsts.push(bench.claim(1).await.claimed[0].delivery.attempt_count == 0);
    }
    assert_eq!(firsts.iter().filter(|first| **first).count(), 2, "{firsts:?}");
}
