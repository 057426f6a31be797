//! What is due already, and what of it is kept back.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

mod support;

use hookbench_model::{DueNow, KeptBack, OrderOnFailure, Outcome, Trigger};
use support::*;

fn kept(overdue: u64, by_breaker: u64, by_order: u64) -> DueNow {
    DueNow { overdue, kept_back: KeptBack { by_breaker, by_order } }
}

#[tokio::test]
async fn what_waits_for_a_breaker_is_counted_apart_and_what_a_person_asked_for_is_not() {
    let (_folder, store) = store().await;
    let broken = store.endpoints().create(endpoint("broken")).await.unwrap();
    let well = store.endpoints().create(endpoint("well")).await.unwrap();
    for _ in 0..3 {
        send(&store, NOW, &broken, "a.b").await;
        send(&store, NOW, &well, "a.b").await;
    }
    // Not due yet: it is neither.
    send(&store, NOW.plus_ms(1000), &broken, "a.b").await;
    let (mut test, mut by_hand) = (delivery(NOW, to(&broken)), delivery(NOW, to(&broken)));
    (test.is_test, by_hand.trigger) = (true, Trigger::Manual);
    store.events().create(event(NOW, "a.b", b"{}"), vec![test, by_hand], None).await.unwrap();

    let deliveries = store.deliveries();
    assert_eq!(deliveries.due_now(NOW, &[]).await.unwrap(), kept(8, 0, 0));
    assert_eq!(deliveries.due_now(NOW, &[broken.id]).await.unwrap(), kept(5, 3, 0));
    let later = NOW.plus_ms(1000);
    assert_eq!(deliveries.due_now(later, &[broken.id, well.id]).await.unwrap(), kept(2, 7, 0));
    let of = async |id, open| deliveries.kept_back_of(id, NOW, open).await.unwrap();
    assert_eq!(of(broken.id, true).await, kept(0, 3, 0).kept_back);
    assert_eq!(of(broken.id, false).await, KeptBack::default());
}

#[tokio::test]
async fn what_stands_behind_another_in_order_is_counted_apart_but_for_the_one_that_goes() {
    let (_folder, store) = store().await;
    let mut ordered = endpoint("ordered");
    (ordered.ordered, ordered.order_on_failure) = (true, OrderOnFailure::Block);
    let ordered = store.endpoints().create(ordered).await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(send(&store, NOW, &ordered, "a.b").await);
    }
    let mut test = delivery(NOW, to(&ordered));
    test.is_test = true;
    let tested = test.id;
    store.events().create(event(NOW, "a.b", b"{}"), vec![test], None).await.unwrap();
    let deliveries = store.deliveries();
    let behind = async || {
        let mut behind = Vec::new();
        for id in ids.iter().chain([&tested]) {
            behind.push(deliveries.stands_behind(*id).await.unwrap());
        }
        behind
    };
    // The oldest goes, and the test.
    assert_eq!(deliveries.due_now(NOW, &[]).await.unwrap(), kept(2, 0, 2));
    assert_eq!(behind().await, [false, true, true, false]);
    assert_eq!(deliveries.due_now(NOW, &[ordered.id]).await.unwrap(), kept(1, 3, 0));

    // One is under way.
    let claimed = deliveries.claim_due(NOW, 9, &[]).await.unwrap();
    assert_eq!(claimed.len(), 2);
    assert_eq!(deliveries.due_now(NOW, &[]).await.unwrap(), kept(0, 0, 2));
    assert_eq!(behind().await, [false, true, true, false]);

    // It is to be tried again later: nothing goes before it.
    let first = claimed.iter().find(|claimed| claimed.delivery.id == ids[0]).unwrap();
    let again = hookbench_store::Next::Retry { at: NOW.plus_ms(5000) };
    deliveries.finish(finish(first, NOW, Outcome::HttpError, again)).await.unwrap();
    assert_eq!(deliveries.due_now(NOW, &[]).await.unwrap(), kept(0, 0, 2));

    // It has failed for good, and holds the queue.
    let later = NOW.plus_ms(5000);
    assert_eq!(deliveries.due_now(later, &[]).await.unwrap(), kept(1, 0, 2));
    assert_eq!(work(&store, later, Outcome::HttpError, failing(later)).await, 1);
    assert_eq!(deliveries.due_now(later, &[]).await.unwrap(), kept(0, 0, 2));
    assert_eq!(behind().await, [false, true, true, false]);
}
