//! What is repeated to another URL than its endpoint's: by the endpoint's policy, and neither kept back by the endpoint
//! nor held against it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use hookbench_model::{
    Breaker, Clock as _, DeliveryId, DeliveryStatus, DeliveryTarget, EndedBecause, EndpointId, NewDelivery,
    Noun, OrderOnFailure, Outcome, RetryPolicy, Trigger,
};
use hookbench_store::Feed;
use support::NOW;
use support::peer::{BUSY, OK, Peer};
use support::workspace::Workspace;

const GRACE: Duration = Duration::from_secs(30);

async fn repeat_at(workspace: &Workspace, endpoint: EndpointId, url: &str) -> DeliveryId {
    let target = DeliveryTarget::EndpointAt(endpoint, url.parse().unwrap());
    let edit = |delivery| NewDelivery { target, trigger: Trigger::Replay, ..delivery };
    workspace.accept_as(endpoint, "{}", edit).await
}

#[tokio::test]
async fn it_stands_in_no_queue_and_holds_none() {
    let workspace = Workspace::new().await;
    let engine = workspace.engine();
    let (own, other) = (Peer::answering(OK).await, Peer::answering(BUSY).await);
    let endpoint = workspace
        .endpoint("generic", &own.url(), |endpoint| {
            (endpoint.ordered, endpoint.order_on_failure) = (true, OrderOnFailure::Block);
            endpoint.retry = Some(RetryPolicy::of([1_000]));
        })
        .await;
    let repeated = repeat_at(&workspace, endpoint, &other.url()).await;
    workspace.until_status(repeated, DeliveryStatus::Retrying).await;
    let second = workspace.accept(endpoint, "{}").await;
    workspace.until_status(second, DeliveryStatus::Delivered).await;
    workspace.advance(1_000);
    let failed = workspace.until_status(repeated, DeliveryStatus::Failed).await;
    assert_eq!((failed.ended_because, failed.attempt_count), (Some(EndedBecause::Exhausted), 2));
    let work = workspace.store.deliveries().work_of(endpoint, workspace.clock.now()).await.unwrap();
    assert_eq!((work.held_by, work.last_failure), (None, None));
    let third = workspace.accept(endpoint, "{}").await;
    workspace.until_status(third, DeliveryStatus::Delivered).await;
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn a_breaker_and_a_disabled_endpoint_do_not_keep_it_back() {
    let workspace = Workspace::new().await;
    let engine = workspace.engine();
    let (own, other) = (Peer::answering(BUSY).await, Peer::answering(OK).await);
    let endpoint = workspace
        .endpoint("generic", &own.url(), |endpoint| {
            endpoint.retry = Some(RetryPolicy::of([600_000]));
            endpoint.breaker = Some(Breaker { failures: 1, open_ms: 60_000, max_open_ms: 60_000 });
        })
        .await;
    let first = workspace.accept(endpoint, "{}").await;
    workspace.until_status(first, DeliveryStatus::Retrying).await;
    assert!(engine.standing(endpoint).unwrap().breaker.unwrap().opened_at.is_some());
    let beside = repeat_at(&workspace, endpoint, &other.url()).await;
    workspace.until_status(beside, DeliveryStatus::Delivered).await;
    assert!(engine.standing(endpoint).unwrap().breaker.unwrap().opened_at.is_some(), "it was no probe");

    let endpoints = workspace.store.endpoints();
    endpoints.disable(endpoint, workspace.clock.now(), "By hand.".to_owned()).await.unwrap();
    let while_disabled = repeat_at(&workspace, endpoint, &other.url()).await;
    workspace.until_status(while_disabled, DeliveryStatus::Delivered).await;
    workspace.store.deliveries().retry_now(while_disabled, workspace.clock.now()).await.unwrap();
    engine.wake();
    workspace.until_attempts(while_disabled, 2).await;
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn it_ends_with_its_endpoint() {
    let workspace = Workspace::new().await;
    let engine = workspace.engine();
    let (own, other) = (Peer::answering(OK).await, Peer::answering(BUSY).await);
    let retry = Some(RetryPolicy::of([1_000]));
    let endpoint = workspace.endpoint("generic", &own.url(), |endpoint| endpoint.retry = retry).await;
    let repeated = repeat_at(&workspace, endpoint, &other.url()).await;
    workspace.until_status(repeated, DeliveryStatus::Retrying).await;
    workspace.store.endpoints().delete(endpoint, workspace.clock.now()).await.unwrap();
    let ended = workspace.delivery(repeated).await;
    assert_eq!((ended.status, ended.attempt_count), (DeliveryStatus::Cancelled, 1));
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn its_attempts_count_for_no_endpoint_and_its_failure_is_told_of_none() {
    let workspace = Workspace::new().await;
    let engine = workspace.engine();
    let (own, other) = (Peer::answering(OK).await, Peer::answering(BUSY).await);
    let retry = Some(RetryPolicy::of([1_000]));
    let endpoint = workspace.endpoint("generic", &own.url(), |endpoint| endpoint.retry = retry).await;
    let mut changes = workspace.store.changes().subscribe();
    let repeated = repeat_at(&workspace, endpoint, &other.url()).await;
    workspace.until_status(repeated, DeliveryStatus::Retrying).await;
    workspace.advance(1_000);
    workspace.until_status(repeated, DeliveryStatus::Failed).await;
    let alert = loop {
        match changes.next().await {
            Feed::Change(change) if change.noun == Noun::Alert => break change,
            Feed::Change(_) => {}
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((&alert.id, &alert.parent), (&repeated.to_string(), &None));

    let stats = workspace.store.stats();
    assert_eq!(stats.recent(endpoint, NOW).await.unwrap(), [], "a share rule would look at these");
    let until = workspace.clock.now().plus_ms(60_000);
    let all = stats.read(NOW.plus_ms(-60_000), until, 60_000).await.unwrap();
    assert!(
        all.endpoints.iter().all(|one| one.endpoint_id != endpoint || one.counts.is_empty()),
        "{:?}",
        all.endpoints
    );
    let attempt = workspace.attempts(repeated).await.pop().unwrap();
    assert_eq!(attempt.outcome, Outcome::HttpError);
    engine.stop(GRACE).await;
}
