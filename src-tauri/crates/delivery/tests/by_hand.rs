//! What a person tries again, or asks for, and how the engine holds to its rules for that.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use hookbench_model::{Breaker, Clock as _, DeliveryStatus, EndedBecause, OrderOnFailure, RetryPolicy};
use support::NOW;
use support::moody::{Moody, settled};
use support::workspace::Workspace;

const GRACE: Duration = Duration::from_secs(30);

fn retry(delays_ms: &[u64]) -> RetryPolicy {
    RetryPolicy { delays_ms: delays_ms.to_vec(), ..RetryPolicy::default() }
}

/// Whatever a delivery had come to, once it has ended its plan is over.
#[tokio::test]
async fn a_retry_by_hand_of_what_was_cancelled_or_had_arrived_is_one_attempt_and_no_more() {
    let workspace = Workspace::new().await;
    let receiver = Moody::new(false).await;
    let engine = workspace.engine();
    let plan = |endpoint: &mut hookbench_model::Endpoint| endpoint.retry = Some(retry(&[1_000; 4]));
    let endpoint = workspace.endpoint("generic", &receiver.peer.url(), plan).await;
    let deliveries = workspace.store.deliveries();
    let cancelled = workspace.accept(endpoint, "{}").await;
    workspace.until_attempts(cancelled, 1).await;
    deliveries.cancel(cancelled, NOW).await.unwrap();
    receiver.set(true);
    let arrived = workspace.accept(endpoint, "{}").await;
    workspace.until_status(arrived, DeliveryStatus::Delivered).await;
    receiver.set(false);
    for (id, attempts) in [(cancelled, 2), (arrived, 2), (arrived, 3)] {
        deliveries.retry_now(id, NOW).await.unwrap();
        let tried = workspace.until_attempts(id, attempts).await;
        assert_eq!((tried.status, tried.next_attempt_at), (DeliveryStatus::Failed, None));
        assert_eq!((tried.ended_because, tried.automatic_attempts), (Some(EndedBecause::Exhausted), 1));
    }
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn what_is_retried_by_hand_stands_in_the_queue_as_its_endpoint_has_it_by_now() {
    let workspace = Workspace::new().await;
    let receiver = Moody::new(false).await;
    let engine = workspace.engine();
    let plan = |endpoint: &mut hookbench_model::Endpoint| endpoint.retry = Some(retry(&[1_000]));
    let endpoint = workspace.endpoint("generic", &receiver.peer.url(), plan).await;
    let (deliveries, endpoints) = (workspace.store.deliveries(), workspace.store.endpoints());
    let holder = workspace.accept(endpoint, "holder").await;
    workspace.until_attempts(holder, 1).await;
    let ended = workspace.accept(endpoint, "ended").await;
    workspace.until_attempts(ended, 1).await;
    deliveries.cancel(ended, NOW).await.unwrap();
    let block = |endpoint: &mut hookbench_model::Endpoint| {
        (endpoint.ordered, endpoint.order_on_failure) = (true, OrderOnFailure::Block);
    };
    endpoints.update(endpoint, NOW, block).await.unwrap();
    workspace.advance(1_000);
    workspace.until_status(holder, DeliveryStatus::Failed).await;
    let refused = deliveries.retry_now(ended, workspace.clock.now()).await.unwrap_err();
    assert!(refused.to_string().ends_with("is held"), "{refused}");

    // And out of it again: what a person asks for does not wait for an open breaker.
    deliveries.skip(holder, workspace.clock.now()).await.unwrap();
    deliveries.retry_now(ended, workspace.clock.now()).await.unwrap();
    workspace.until_attempts(ended, 2).await;
    let breaks = |endpoint: &mut hookbench_model::Endpoint| {
        endpoint.ordered = false;
        endpoint.breaker = Some(Breaker { failures: 1, open_ms: 60_000, max_open_ms: 60_000 });
    };
    endpoints.update(endpoint, workspace.clock.now(), breaks).await.unwrap();
    let opens = workspace.accept(endpoint, "opens").await;
    workspace.until_attempts(opens, 1).await;
    assert!(engine.standing(endpoint).unwrap().breaker.unwrap().opened_at.is_some());
    receiver.set(true);
    deliveries.retry_now(ended, workspace.clock.now()).await.unwrap();
    workspace.until_status(ended, DeliveryStatus::Delivered).await;
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn what_had_ended_and_is_retried_by_hand_still_expires_at_its_time() {
    let workspace = Workspace::new().await;
    let endpoint = workspace.endpoint("generic", "http://localhost:9/", |_| ()).await;
    let expires_at = Some(Workspace::seconds(60));
    let expires = |new| hookbench_model::NewDelivery { expires_at, ..new };
    let id = workspace.accept_as(endpoint, "{}", expires).await;
    workspace.store.deliveries().cancel(id, NOW).await.unwrap();
    let workspace = workspace.reopen().await;
    workspace.store.deliveries().retry_now(id, NOW).await.unwrap();
    workspace.store.endpoints().disable(endpoint, NOW, "By hand.".to_owned()).await.unwrap();
    let engine = workspace.engine();
    settled(&engine).await;
    assert_eq!(workspace.delivery(id).await.status, DeliveryStatus::Paused);
    workspace.advance(60_000);
    let ended = workspace.until_status(id, DeliveryStatus::Failed).await;
    assert_eq!(ended.ended_because, Some(EndedBecause::Expired));
    engine.stop(GRACE).await;
}
