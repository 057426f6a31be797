//! Very much that was paused goes on in steps, which others come between, and so do crashes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

mod support;

use std::path::Path;

use hookbench_model::{DeliveryId, DeliveryStatus, Endpoint, Timestamp};
use hookbench_store::{OpenOptions, Room, Spread, Store, WriteGate};
use support::*;
use tempfile::TempDir;

/// Behind a gate a step has two deliveries.
async fn gated(folder: &Path) -> Store {
    let options = OpenOptions { gate: Some(WriteGate::default()), ..options() };
    Store::open(folder, NOW, options).await.unwrap()
}

/// A minute later.
fn later() -> Timestamp {
    NOW.plus_ms(60_000)
}

/// An endpoint for which five deliveries are paused, the last of which is due in an hour.
async fn paused(edit: impl FnOnce(&mut Endpoint)) -> (TempDir, Store, Endpoint, Vec<DeliveryId>) {
    let folder = tempfile::tempdir().unwrap();
    let store = gated(folder.path()).await;
    let mut endpoint = endpoint("paused");
    edit(&mut endpoint);
    let endpoint = store.endpoints().create(endpoint).await.unwrap();
    let mut ids = Vec::new();
    for number in 0..5 {
        let at = if number == 4 { NOW.plus_ms(3_600_000) } else { NOW.plus_ms(number) };
        ids.push(send(&store, at, &endpoint, "a.b").await);
    }
    store.endpoints().disable(endpoint.id, later(), "by hand".to_owned()).await.unwrap();
    (folder, store, endpoint, ids)
}

async fn statuses(store: &Store, ids: &[DeliveryId]) -> Vec<(DeliveryStatus, Option<Timestamp>)> {
    let mut all = Vec::new();
    for id in ids {
        let delivery = store.deliveries().get(*id).await.unwrap().unwrap();
        all.push((delivery.status, delivery.next_attempt_at));
    }
    all
}

/// The step that a claim takes; whether there is more to do.
async fn step(store: &Store) -> bool {
    store.deliveries().claim(later(), 9, |_| Room::NONE).await.unwrap().more
}

#[tokio::test]
async fn paused_deliveries_go_on_in_steps_over_a_restart_too() {
    let (folder, store, endpoint, ids) = paused(|_| ()).await;
    let resumed = store.endpoints().enable(endpoint.id, later(), Spread::Over(3_000)).await.unwrap().1;
    assert_eq!((resumed.count, resumed.until), (5, Some(later().plus_ms(3_000))), "it says what all come to");
    let paused = (DeliveryStatus::Paused, None);
    let waits = |at| (DeliveryStatus::Pending, Some(at));
    let first = [waits(later()), waits(later().plus_ms(1_000)), paused, paused, paused];
    assert_eq!(statuses(&store, &ids).await, first);
    store.shutdown().await;

    let store = gated(folder.path()).await;
    assert!(step(&store).await);
    assert!(!step(&store).await);
    let hour = NOW.plus_ms(3_600_000);
    let times = [later(), later().plus_ms(1_000), later().plus_ms(2_000), later().plus_ms(3_000), hour];
    assert_eq!(statuses(&store, &ids).await, times.map(waits));
    store.shutdown().await;
    assert!(!step(&gated(folder.path()).await).await, "it is over");
}

#[tokio::test]
async fn one_that_is_disabled_again_or_deleted_meanwhile_takes_no_more_steps() {
    let (_folder, store, endpoint, ids) = paused(|_| ()).await;
    store.endpoints().enable(endpoint.id, later(), Spread::Over(0)).await.unwrap();
    store.endpoints().disable(endpoint.id, later(), "by hand".to_owned()).await.unwrap();
    assert!(!step(&store).await);
    assert_eq!(statuses(&store, &ids).await, [(DeliveryStatus::Paused, None); 5]);
    store.endpoints().enable(endpoint.id, later(), Spread::Over(0)).await.unwrap();
    store.endpoints().delete(endpoint.id, later()).await.unwrap();
    assert!(!step(&store).await);
    assert_eq!(statuses(&store, &ids).await, [(DeliveryStatus::Cancelled, None); 5]);
}

#[tokio::test]
async fn an_ordered_endpoint_goes_on_once_all_have_come() {
    let (_folder, store, endpoint, ids) = paused(|endpoint| endpoint.ordered = true).await;
    store.endpoints().enable(endpoint.id, later(), Spread::Over(0)).await.unwrap();
    let claims = store.deliveries().claim(later(), 9, |_| Room::ALL).await.unwrap();
    assert!(claims.claimed.is_empty() && claims.more, "{claims:?}");
    let claims = store.deliveries().claim(later(), 9, |_| Room::ALL).await.unwrap();
    let claimed: Vec<_> = claims.claimed.iter().map(|claimed| claimed.delivery.id).collect();
    assert_eq!(claimed, [ids[0]]);
}
