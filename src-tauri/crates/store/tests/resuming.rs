//! Very much that waits stops in steps, and very much that was paused goes on in steps; others come between them, and
//! so do crashes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

mod support;

use std::path::Path;

use hookbench_model::{
    DeliveryId, DeliveryStatus, EndedBecause, Endpoint, EndpointStatus, Outcome, Timestamp,
};
use hookbench_store::{Next, OpenOptions, Room, Spread, Store, WriteGate};
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
    let (folder, store, endpoint, ids) = waiting_at(edit).await;
    store.endpoints().disable(endpoint.id, later(), "by hand".to_owned()).await.unwrap();
    while step(&store).await {}
    (folder, store, endpoint, ids)
}

/// When they go on that go on over three seconds: one after the other, and the last when it is due.
fn a_second_apart() -> [Timestamp; 5] {
    let hour = NOW.plus_ms(3_600_000);
    [later(), later().plus_ms(1_000), later().plus_ms(2_000), later().plus_ms(3_000), hour]
}

/// The same, while they wait.
async fn waiting() -> (TempDir, Store, Endpoint, Vec<DeliveryId>) {
    waiting_at(|_| ()).await
}

async fn waiting_at(edit: impl FnOnce(&mut Endpoint)) -> (TempDir, Store, Endpoint, Vec<DeliveryId>) {
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
    (folder, store, endpoint, ids)
}

/// The step of its stopping that a claim takes, which gives nothing of it; whether there is more to do.
async fn stops(store: &Store) -> bool {
    let claims = store.deliveries().claim(later(), 9, |_| Room::ALL).await.unwrap();
    assert!(claims.claimed.is_empty(), "{claims:?}");
    claims.more
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
    assert_eq!(statuses(&store, &ids).await, a_second_apart().map(waits));
    store.shutdown().await;
    assert!(!step(&gated(folder.path()).await).await, "it is over");
}

#[tokio::test]
async fn the_head_of_an_ordered_queue_goes_on_first_and_the_rest_one_after_the_other() {
    let (_folder, store, endpoint, ids) = waiting_at(|endpoint| endpoint.ordered = true).await;
    let claimed = store.deliveries().claim_due(NOW.plus_ms(10), 1, &[]).await.unwrap().remove(0);
    assert_eq!(claimed.delivery.id, ids[0]);
    let retry = Next::Retry { at: NOW.plus_ms(7_200_000) };
    store.deliveries().finish(finish(&claimed, NOW.plus_ms(20), Outcome::Timeout, retry)).await.unwrap();
    store.endpoints().disable(endpoint.id, later(), "by hand".to_owned()).await.unwrap();
    while step(&store).await {}
    let resumed = store.endpoints().enable(endpoint.id, later(), Spread::Over(3_000)).await.unwrap().1;
    assert_eq!((resumed.count, resumed.until), (5, Some(later().plus_ms(3_000))));
    while step(&store).await {}
    let times = statuses(&store, &ids).await.into_iter().map(|(_, at)| at);
    assert_eq!(times.collect::<Vec<_>>(), a_second_apart().map(Some));
}

#[tokio::test]
async fn what_waits_for_its_retry_waits_on_where_nothing_stands_behind_it() {
    for ordered in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let store = gated(folder.path()).await;
        let endpoint = Endpoint { ordered, ..endpoint("paused") };
        let endpoint = store.endpoints().create(endpoint).await.unwrap();
        let id = send(&store, NOW, &endpoint, "a.b").await;
        let claimed = store.deliveries().claim_due(NOW, 1, &[]).await.unwrap().remove(0);
        let at = NOW.plus_ms(7_200_000);
        let retry = finish(&claimed, NOW.plus_ms(20), Outcome::Timeout, Next::Retry { at });
        store.deliveries().finish(retry).await.unwrap();
        store.endpoints().disable(endpoint.id, later(), "by hand".to_owned()).await.unwrap();
        while step(&store).await {}
        store.endpoints().enable(endpoint.id, later(), Spread::Usual).await.unwrap();
        while step(&store).await {}
        assert_eq!(statuses(&store, &[id]).await, [(DeliveryStatus::Retrying, Some(at))], "{ordered}");
    }
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
    while step(&store).await {}
    assert_eq!(statuses(&store, &ids).await, [(DeliveryStatus::Cancelled, None); 5]);
}

#[tokio::test]
async fn what_waits_is_paused_in_steps_over_a_restart_too_and_none_of_it_goes_out() {
    let (folder, store, endpoint, ids) = waiting().await;
    let disabled = store.endpoints().disable(endpoint.id, later(), "by hand".to_owned()).await.unwrap();
    assert_eq!(disabled.status, EndpointStatus::Disabled);
    let count = |statuses: &[(DeliveryStatus, Option<Timestamp>)]| {
        statuses.iter().filter(|one| **one == (DeliveryStatus::Paused, None)).count()
    };
    assert_eq!(count(&statuses(&store, &ids).await), 2, "at once no more than a step");
    assert!(stops(&store).await);
    store.shutdown().await;

    let store = gated(folder.path()).await;
    assert_eq!(count(&statuses(&store, &ids).await), 4);
    assert!(!stops(&store).await);
    assert_eq!(count(&statuses(&store, &ids).await), 5);
    store.shutdown().await;
    assert!(!stops(&gated(folder.path()).await).await, "it is over");
}

#[tokio::test]
async fn one_that_is_enabled_again_meanwhile_goes_on_with_all_of_it_spread() {
    let (_folder, store, endpoint, ids) = waiting().await;
    store.endpoints().disable(endpoint.id, later(), "by hand".to_owned()).await.unwrap();
    let resumed = store.endpoints().enable(endpoint.id, later(), Spread::Over(3_000)).await.unwrap().1;
    assert_eq!(resumed.count, 5);
    while step(&store).await {}
    let times = statuses(&store, &ids).await.into_iter().map(|(_, at)| at);
    assert_eq!(times.collect::<Vec<_>>(), a_second_apart().map(Some));
}

#[tokio::test]
async fn what_waits_for_one_that_is_deleted_ends_in_steps_over_a_restart_too() {
    for disabled in [false, true] {
        let (folder, store, endpoint, ids) = if disabled { paused(|_| ()).await } else { waiting().await };
        store.endpoints().delete(endpoint.id, later()).await.unwrap();
        assert!(stops(&store).await);
        store.shutdown().await;
        let store = gated(folder.path()).await;
        assert!(!stops(&store).await);
        for id in ids {
            let ended = store.deliveries().get(id).await.unwrap().unwrap();
            let because = (ended.ended_because, ended.completed_at);
            assert_eq!(because, (Some(EndedBecause::Cancelled), Some(later())), "{disabled}");
        }
    }
}

#[tokio::test]
async fn tests_of_a_draft_are_not_paused_with_the_rest() {
    let (_folder, store, endpoint, ids) = waiting().await;
    let test = hookbench_model::NewDelivery { is_test: true, ..delivery(NOW, to(&endpoint)) };
    let test_id = test.id;
    store.events().create(event(NOW, "a.b", b"{}"), vec![test], None).await.unwrap();
    store.endpoints().update(endpoint.id, later(), |endpoint| endpoint.draft = true).await.unwrap();
    while step(&store).await {}
    assert_eq!(statuses(&store, &ids).await, [(DeliveryStatus::Paused, None); 5]);
    assert_eq!(statuses(&store, &[test_id]).await, [(DeliveryStatus::Pending, Some(NOW))]);
}

#[tokio::test]
async fn the_steps_to_come_go_back_with_the_clock() {
    let (folder, store, endpoint, ids) = paused(|_| ()).await;
    store.endpoints().enable(endpoint.id, later(), Spread::Over(3_000)).await.unwrap();
    let back = 30_000;
    let now = later().plus_ms(-back);
    store.deliveries().set_back(back, now).await.unwrap();
    store.shutdown().await;
    let store = gated(folder.path()).await;
    while store.deliveries().claim(now, 9, |_| Room::NONE).await.unwrap().more {}
    let times: Vec<_> = statuses(&store, &ids).await.into_iter().map(|(_, at)| at).collect();
    let hour = NOW.plus_ms(3_600_000 - back);
    let wanted = [now, now.plus_ms(1_000), now.plus_ms(2_000), now.plus_ms(3_000), hour];
    assert_eq!(times, wanted.map(Some), "one rhythm, wherever the clock was set");
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
