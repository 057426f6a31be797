//! What is accepted while there is room is claimed with it, and goes out without being looked for.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use hookbench_delivery::DeliveryEngine;
use hookbench_model::{DeliveryId, DeliveryStatus, EndpointId, NewDelivery, Outcome, RateLimit, RetryPolicy};
use hookbench_store::{OpenOptions, WriteGate};
use support::held::Gate;
use support::moody::settled;
use support::peer::{OK, Peer};
use support::workspace::{Workspace, options};

/// A long while, for what should end at once.
const GRACE: Duration = Duration::from_secs(30);

/// A workspace whose transactions are counted.
async fn counted() -> (Workspace, WriteGate) {
    let gate = WriteGate::default();
    let workspace = Workspace::with(OpenOptions { gate: Some(gate.clone()), ..options() }).await;
    (workspace, gate)
}

/// An engine that has read every endpoint.
async fn at_rest(workspace: &Workspace) -> DeliveryEngine {
    let engine = workspace.engine();
    settled(&engine).await;
    engine
}

async fn deliver(workspace: &Workspace, endpoint: EndpointId) -> DeliveryId {
    let id = workspace.accept(endpoint, "{}").await;
    workspace.until_status(id, DeliveryStatus::Delivered).await;
    id
}

#[tokio::test]
async fn a_delivery_that_may_go_out_at_once_takes_two_transactions() {
    let (workspace, transactions) = counted().await;
    let peer = Peer::answering(OK).await;
    let endpoint = workspace.endpoint("generic", &peer.url(), |_| ()).await;
    let engine = at_rest(&workspace).await;
    for _ in 0..5 {
        let before = transactions.passed();
        deliver(&workspace, endpoint).await;
        assert_eq!(transactions.passed() - before, 2);
    }
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn what_has_to_wait_is_accepted_as_waiting() {
    let workspace = Workspace::new().await;
    let gate = Gate::new().await;
    let rate = RateLimit::per_second(1.0);
    let rated =
        workspace.endpoint("generic", &gate.peer.url(), |endpoint| endpoint.rate_limit = Some(rate)).await;
    let narrow =
        workspace.endpoint("generic", &gate.peer.url(), |endpoint| endpoint.max_in_flight = Some(1)).await;
    let engine = at_rest(&workspace).await;
    for endpoint in [rated, narrow] {
        let first = workspace.accept(endpoint, "{}").await;
        gate.arrivals(1).await;
        let second = workspace.accept(endpoint, "{}").await;
        settled_but(&engine, 1).await;
        assert_eq!(workspace.delivery(second).await.status, DeliveryStatus::Pending);
        gate.go.add_permits(2);
        workspace.until_status(first, DeliveryStatus::Delivered).await;
        workspace.advance(1_000);
        workspace.until_status(second, DeliveryStatus::Delivered).await;
        gate.arrivals(1).await;
    }
    assert_eq!(gate.most.load(std::sync::atomic::Ordering::SeqCst), 1);
    engine.stop(GRACE).await;
}

/// Waits until the engine has nothing to do while so many are under way.
async fn settled_but(engine: &DeliveryEngine, under_way: usize) {
    while engine.waits_for() != Some(under_way) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_crash_right_after_it_was_accepted_finds_it_in_flight_and_it_goes_on_by_plan() {
    let (workspace, transactions) = counted().await;
    let peer = Peer::answering(OK).await;
    let endpoint = workspace
        .endpoint("generic", &peer.url(), |endpoint| endpoint.retry = Some(RetryPolicy::of([4_000])))
        .await;
    let engine = at_rest(&workspace).await;
    transactions.shut_after(1);
    let id = workspace.accept(endpoint, "{}").await;
    drop(engine);

    let workspace = workspace.reopen().await;
    assert_eq!(workspace.delivery(id).await.status, DeliveryStatus::InFlight);
    let engine = workspace.engine();
    let delivery = workspace.until_status(id, DeliveryStatus::Retrying).await;
    assert_eq!(delivery.next_attempt_at, Some(Workspace::seconds(4)));
    workspace.advance(4_000);
    workspace.until_status(id, DeliveryStatus::Delivered).await;
    let outcomes: Vec<Outcome> = workspace.attempts(id).await.iter().map(|attempt| attempt.outcome).collect();
    assert_eq!(outcomes, [Outcome::Interrupted, Outcome::Delivered]);
    engine.stop(GRACE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_accepted_while_the_engine_stops_or_is_disabled_is_not_left_in_flight() {
    let workspace = Arc::new(Workspace::new().await);
    let peer = Peer::answering(OK).await;
    let endpoint = workspace.endpoint("generic", &peer.url(), |_| ()).await;
    for round in 0..20 {
        let engine = at_rest(&workspace).await;
        let accepts: Vec<_> = (0..8)
            .map(|_| {
                let workspace = Arc::clone(&workspace);
                tokio::spawn(async move { workspace.accept(endpoint, "{}").await })
            })
            .collect();
        if round % 2 == 0 {
            let now = hookbench_model::Clock::now(&workspace.clock);
            let endpoints = workspace.store.endpoints();
            endpoints.disable(endpoint, now, "by hand".to_owned()).await.unwrap();
            endpoints.enable(endpoint, now, hookbench_store::Spread::Usual).await.unwrap();
        }
        engine.stop(GRACE).await;
        for accepted in accepts {
            let id = accepted.await.unwrap();
            let status = workspace.delivery(id).await.status;
            let is_well = [DeliveryStatus::Delivered, DeliveryStatus::Pending].contains(&status);
            assert!(is_well, "round {round}: {status:?}");
            for attempt in workspace.attempts(id).await {
                assert_eq!(attempt.outcome, Outcome::Delivered, "round {round}");
            }
        }
    }
}

#[tokio::test]
async fn what_expires_at_once_is_not_sent() {
    let workspace = Workspace::new().await;
    let peer = Peer::answering(OK).await;
    let endpoint = workspace.endpoint("generic", &peer.url(), |_| ()).await;
    let engine = at_rest(&workspace).await;
    let now = Workspace::seconds(0);
    let id = workspace.accept_as(endpoint, "{}", |new| NewDelivery { expires_at: Some(now), ..new }).await;
    let ended = workspace.until_status(id, DeliveryStatus::Failed).await;
    assert_eq!((ended.attempt_count, peer.requests().len()), (0, 0));
    engine.stop(GRACE).await;
}
