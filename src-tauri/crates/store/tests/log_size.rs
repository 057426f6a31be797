//! Retention by size, over a real file.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

mod support;

use std::path::Path;

use bytes::Bytes;
use hookbench_model::{DeliveryId, Endpoint, EventId, Outcome, RequestFilter, Settings, Timestamp};
use hookbench_store::{Next, Purged, Store};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;
use support::*;

const SENT: i64 = 200;
/// How large each payload is: 64 KiB, which makes 12.5 MiB of all of them.
const PAYLOAD: usize = 64 << 10;
const MOST: u64 = 6 << 20;

/// What the log's payloads take, in bytes.
async fn payloads(folder: &Path) -> u64 {
    let options = SqliteConnectOptions::new().filename(folder.join("hookbench.db"));
    let mut connection = options.connect().await.unwrap();
    let sum = sqlx::query_scalar("SELECT sum(length(payload)) FROM event_payloads");
    let sum: i64 = sum.fetch_one(&mut connection).await.unwrap();
    u64::try_from(sum).unwrap()
}

async fn send_large(store: &Store, at: Timestamp, endpoint: &Endpoint) -> (DeliveryId, EventId) {
    let (new, event) = (delivery(at, to(endpoint)), event(at, "a.b", &vec![b'x'; PAYLOAD]));
    let ids = (new.id, event.id);
    store.events().create(event, vec![new], None).await.unwrap();
    ids
}

#[tokio::test]
async fn a_log_that_is_too_large_loses_its_oldest_ended_deliveries_until_it_fits() {
    let (folder, store) = store().await;
    let inbox = store.inboxes().create(inbox("in")).await.unwrap();
    let body = Bytes::from(vec![b'y'; 8 << 20]);
    store.requests().capture(request(NOW, &inbox, &body), body.clone()).await.unwrap();
    let one = store.endpoints().create(endpoint("one")).await.unwrap();
    let waits = NOW.plus_ms(3_600_000);
    let mut ids = Vec::new();
    for number in 0..SENT {
        let at = NOW.plus_ms(number * 1000);
        ids.push(send_large(&store, at, &one).await);
        // The oldest of all has not ended.
        let next = if number == 0 { Next::Retry { at: waits } } else { Next::Delivered { at } };
        assert_eq!(work(&store, at, Outcome::Delivered, next).await, 1);
    }
    let now = NOW.plus_ms(SENT * 1000);
    assert_eq!(store.maintenance().purge(now).await.unwrap(), Purged::default(), "nobody asked for it");

    store.settings().put(Settings { log_max_bytes: Some(MOST), ..Settings::default() }).await.unwrap();
    let purged = store.maintenance().purge(now).await.unwrap();
    assert_eq!(purged.deliveries, purged.events);
    let left = payloads(folder.path()).await;
    assert!(left < MOST && left > MOST / 2, "{left}: it fits, and no more went than had to");

    // What went is the oldest, but for what has not ended.
    let gone = usize::try_from(purged.deliveries).unwrap();
    for (place, (delivery, event)) in ids.iter().enumerate() {
        let kept = place == 0 || place > gone;
        assert_eq!(store.deliveries().get(*delivery).await.unwrap().is_some(), kept, "{place}");
        assert_eq!(store.events().get(*event).await.unwrap().is_some(), kept, "{place}");
        assert_eq!(store.attempts().of(*delivery).await.unwrap().is_empty(), !kept, "{place}");
    }
    assert_eq!(store.requests().count(&RequestFilter::default()).await.unwrap(), 1, "no part of the log");
    assert_eq!(store.maintenance().purge(now).await.unwrap(), Purged::default(), "it fits now");

    store.maintenance().optimize().await.unwrap();
    store.shutdown().await;
    let size = std::fs::metadata(folder.path().join("hookbench.db")).unwrap().len();
    assert!(size < MOST + (8 << 20) + (2 << 20), "{size}: the room went back to the file system");
}

#[tokio::test]
async fn of_large_ones_no_more_go_than_have_to() {
    const LARGE: usize = 200 << 10;
    const MOST: u64 = 4 << 20;
    let (folder, store) = store().await;
    let one = store.endpoints().create(endpoint("one")).await.unwrap();
    for number in 0..40 {
        let at = NOW.plus_ms(number * 1000);
        let event = event(at, "a.b", &vec![b'x'; LARGE]);
        store.events().create(event, vec![delivery(at, to(&one))], None).await.unwrap();
        work(&store, at, Outcome::Delivered, Next::Delivered { at }).await;
    }
    store.settings().put(Settings { log_max_bytes: Some(MOST), ..Settings::default() }).await.unwrap();
    store.maintenance().purge(NOW.plus_ms(60_000)).await.unwrap();
    let left = payloads(folder.path()).await;
    assert!(left < MOST && left + 3 * LARGE as u64 > MOST, "{left} of {MOST}");
}
