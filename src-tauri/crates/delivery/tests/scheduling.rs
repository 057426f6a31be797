//! What the engine sends when: breakers, queues that block, shares of the places, overdue work, clocks that jump.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hookbench_model::{
    Breaker, BreakerPhase, Clock as _, DeliveryId, DeliveryStatus, EndedBecause, EndpointId, OrderOnFailure,
    RetryPolicy, Timestamp,
};
use hookbench_store::Spread;
use support::NOW;
use support::held::Gate;
use support::moody::{Moody, settled};
use support::peer::Peer;
use support::workspace::Workspace;
use tokio::sync::Semaphore;

const GRACE: Duration = Duration::from_secs(30);

fn retry(delays_ms: &[u64]) -> RetryPolicy {
    RetryPolicy { delays_ms: delays_ms.to_vec(), ..RetryPolicy::default() }
}

async fn with_breaker(workspace: &Workspace, url: &str) -> EndpointId {
    workspace
        .endpoint("generic", url, |endpoint| {
            endpoint.retry = Some(retry(&[1_000, 1_000, 1_000, 600_000, 600_000, 600_000]));
            endpoint.breaker = Some(Breaker { failures: 3, open_ms: 60_000, max_open_ms: 200_000 });
        })
        .await
}

/// An endpoint whose breaker three deliveries have opened, which wait a second each.
async fn with_open_breaker(workspace: &Workspace, receiver: &Moody) -> (EndpointId, Vec<DeliveryId>) {
    let endpoint = with_breaker(workspace, &receiver.peer.url()).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let id = workspace.accept(endpoint, "{}").await;
        workspace.until_attempts(id, 1).await;
        ids.push(id);
    }
    (endpoint, ids)
}

#[tokio::test]
async fn a_breaker_opens_probes_once_at_a_time_and_closes_by_a_success() {
    let workspace = Workspace::new().await;
    let receiver = Moody::new(false).await;
    let engine = workspace.engine();
    let endpoint = with_breaker(&workspace, &receiver.peer.url()).await;
    let phase = |engine: &hookbench_delivery::DeliveryEngine| {
        engine.standing(endpoint).unwrap().breaker.unwrap().phase(workspace.clock.now())
    };
    let first = workspace.accept(endpoint, "first").await;
    for attempt in 1..=3 {
        assert_ne!(phase_or_closed(&engine, endpoint, workspace.clock.now()), BreakerPhase::Open);
        workspace.until_attempts(first, attempt).await;
        if attempt < 3 {
            workspace.advance(1_000);
        }
    }
    assert_eq!(phase(&engine), BreakerPhase::Open);

    // Waiting costs no attempt, neither what was tried before nor what comes.
    let mut others = Vec::new();
    for _ in 0..5 {
        others.push(workspace.accept(endpoint, "other").await);
    }
    workspace.advance(59_999);
    settled(&engine).await;
    assert_eq!(receiver.seen(), 3);
    assert_eq!(workspace.delivery(first).await.attempt_count, 3);

    // One probe, that fails: twice as long.
    workspace.advance(1);
    workspace.until(first, |_| receiver.seen() == 4).await;
    settled(&engine).await;
    assert_eq!((receiver.seen(), phase(&engine)), (4, BreakerPhase::Open));
    workspace.advance(119_999);
    settled(&engine).await;
    assert_eq!(receiver.seen(), 4);

    // It survives a restart: what is open stays so, and the probe goes out at its time.
    engine.stop(GRACE).await;
    let workspace = workspace.reopen().await;
    let engine = workspace.engine();
    settled(&engine).await;
    assert_eq!(receiver.seen(), 4);
    receiver.set(true);
    workspace.advance(1);
    for id in others {
        workspace.until_status(id, DeliveryStatus::Delivered).await;
    }
    assert_eq!(engine.standing(endpoint).unwrap().breaker.unwrap().opened_at, None);
    engine.stop(GRACE).await;
}

fn phase_or_closed(
    engine: &hookbench_delivery::DeliveryEngine,
    endpoint: EndpointId,
    now: Timestamp,
) -> BreakerPhase {
    let breaker = engine.standing(endpoint).and_then(|standing| standing.breaker);
    breaker.map_or(BreakerPhase::Closed, |state| state.phase(now))
}

#[tokio::test]
async fn while_a_breaker_is_open_its_probe_is_the_next_thing_to_happen() {
    let workspace = Workspace::new().await;
    let receiver = Moody::new(false).await;
    let engine = workspace.engine();
    let (endpoint, ids) = with_open_breaker(&workspace, &receiver).await;
    settled(&engine).await;
    let until = |engine: &hookbench_delivery::DeliveryEngine| engine.rest().unwrap().until;
    let probe_at = Workspace::seconds(60);
    assert_eq!(engine.probes(), [(endpoint, probe_at)].into());
    assert_eq!(until(&engine), Some(probe_at), "nothing happens when the deliveries' own second is over");
    // What waits for somebody else is not kept back with it.
    let other = Moody::new(false).await;
    let plan = |endpoint: &mut hookbench_model::Endpoint| endpoint.retry = Some(retry(&[5_000]));
    let other = workspace.endpoint("generic", &other.peer.url(), plan).await;
    workspace.until_attempts(workspace.accept(other, "{}").await, 1).await;
    settled(&engine).await;
    assert_eq!(until(&engine), Some(Workspace::seconds(5)));
    // A person goes through it and closes it: the second of those that wait counts again.
    receiver.set(true);
    workspace.store.deliveries().retry_now(ids[0], NOW).await.unwrap();
    workspace.until_status(ids[0], DeliveryStatus::Delivered).await;
    settled(&engine).await;
    assert_eq!((engine.probes().len(), until(&engine)), (0, Some(Workspace::seconds(1))));
    engine.stop(GRACE).await;
}

/// Nothing goes out that the clock would bring: it stands.
#[tokio::test]
async fn whoever_stands_behind_one_that_is_cancelled_or_skipped_goes_at_once() {
    for skips in [false, true] {
        let workspace = Workspace::new().await;
        let receiver = Moody::new(false).await;
        let engine = workspace.engine();
        let ordered = workspace
            .endpoint("generic", &receiver.peer.url(), |endpoint| {
                endpoint.retry = Some(retry(&[3_600_000]));
                endpoint.ordered = true;
            })
            .await;
        let head = workspace.accept(ordered, "head").await;
        workspace.until_attempts(head, 1).await;
        let behind = workspace.accept(ordered, "behind").await;
        settled(&engine).await;
        assert_eq!(receiver.seen(), 1);
        receiver.set(true);
        let deliveries = workspace.store.deliveries();
        let stopped =
            if skips { deliveries.skip(head, NOW).await } else { deliveries.cancel(head, NOW).await };
        assert_eq!(stopped.unwrap().status, DeliveryStatus::Cancelled);
        workspace.until_status(behind, DeliveryStatus::Delivered).await;
        assert_eq!(workspace.clock.now(), NOW);
        engine.stop(GRACE).await;
    }
}

/// When the engine goes on by itself, once it has heard of whatever was done.
async fn next_due(engine: &hookbench_delivery::DeliveryEngine) -> Option<Timestamp> {
    settled(engine).await;
    engine.rest().and_then(|rest| rest.until)
}

#[tokio::test]
async fn a_breaker_lets_no_probe_out_for_what_waits_no_more() {
    let workspace = Workspace::new().await;
    let receiver = Moody::new(false).await;
    let engine = workspace.engine();
    let (endpoint, ids) = with_open_breaker(&workspace, &receiver).await;
    // They are due, and there is no room for them before the probe.
    workspace.advance(2_000);
    assert_eq!(next_due(&engine).await, Some(Workspace::seconds(60)));
    let (last, others) = ids.split_last().unwrap();
    for id in others {
        workspace.store.deliveries().cancel(*id, workspace.clock.now()).await.unwrap();
        assert_eq!(next_due(&engine).await, Some(Workspace::seconds(60)));
    }
    workspace.store.deliveries().cancel(*last, workspace.clock.now()).await.unwrap();
    assert_eq!(next_due(&engine).await, None);

    let kept = workspace.accept(endpoint, "{}").await;
    assert_eq!(next_due(&engine).await, Some(Workspace::seconds(60)));
    workspace.store.endpoints().disable(endpoint, NOW, "Enough.".to_owned()).await.unwrap();
    assert_eq!(next_due(&engine).await, None);
    assert_eq!((workspace.delivery(kept).await.status, receiver.seen()), (DeliveryStatus::Paused, 3));
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn what_is_due_before_its_endpoints_rate_has_a_turn_is_due_then() {
    let workspace = Workspace::new().await;
    let receiver = Moody::new(false).await;
    let engine = workspace.engine();
    let slow = workspace
        .endpoint("generic", &receiver.peer.url(), |endpoint| {
            endpoint.retry = Some(retry(&[1_000]));
            endpoint.rate_limit = Some(hookbench_model::RateLimit { per_second: 0.1, burst: Some(1) });
        })
        .await;
    let first = workspace.accept(slow, "{}").await;
    let waits = workspace.until_attempts(first, 1).await;
    assert_eq!(waits.next_attempt_at, Some(Workspace::seconds(1)));
    assert_eq!(next_due(&engine).await, Some(Workspace::seconds(10)));
    workspace.advance(10_000);
    workspace.until_attempts(first, 2).await;
    assert_eq!(next_due(&engine).await, None);
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn what_a_person_asks_for_waits_for_the_rate_and_not_for_the_breaker() {
    let workspace = Workspace::new().await;
    let receiver = Moody::new(false).await;
    let engine = workspace.engine();
    let endpoint = workspace
        .endpoint("generic", &receiver.peer.url(), |endpoint| {
            endpoint.retry = Some(retry(&[1_000]));
            endpoint.breaker = Some(Breaker { failures: 1, open_ms: 60_000, max_open_ms: 60_000 });
            endpoint.rate_limit = Some(hookbench_model::RateLimit { per_second: 0.1, burst: Some(1) });
        })
        .await;
    let first = workspace.accept(endpoint, "{}").await;
    workspace.until_attempts(first, 1).await;
    assert_eq!(next_due(&engine).await, Some(Workspace::seconds(60)));
    // It is kept back once more while something else is too.
    let other = workspace.accept(endpoint, "{}").await;
    workspace.advance(2_000);
    assert_eq!(next_due(&engine).await, Some(Workspace::seconds(60)));
    workspace.store.deliveries().retry_now(first, workspace.clock.now()).await.unwrap();
    assert_eq!(next_due(&engine).await, Some(Workspace::seconds(10)));
    workspace.advance(8_000);
    workspace.until_attempts(first, 2).await;
    assert_eq!((workspace.delivery(other).await.attempt_count, receiver.seen()), (0, 2));
    assert_eq!(next_due(&engine).await, Some(Workspace::seconds(60)));
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn a_person_goes_through_an_open_breaker_and_closes_it_by_a_success() {
    let workspace = Workspace::new().await;
    let receiver = Moody::new(false).await;
    let engine = workspace.engine();
    let (endpoint, ids) = with_open_breaker(&workspace, &receiver).await;
    let waiting = workspace.accept(endpoint, "waits").await;
    settled(&engine).await;
    assert_eq!(receiver.seen(), 3);
    // A failure by hand changes nothing: it neither opens nor prolongs.
    let before = engine.standing(endpoint).unwrap().breaker.unwrap();
    workspace.store.deliveries().retry_now(ids[0], NOW).await.unwrap();
    workspace.until_attempts(ids[0], 2).await;
    assert_eq!(engine.standing(endpoint).unwrap().breaker.unwrap(), before);
    receiver.set(true);
    let test = workspace
        .accept_as(endpoint, "test", |new| hookbench_model::NewDelivery { is_test: true, ..new })
        .await;
    workspace.until_status(test, DeliveryStatus::Delivered).await;
    workspace.until_status(waiting, DeliveryStatus::Delivered).await;
    engine.stop(GRACE).await;
}

/// Both edits come while every place is taken, so the engine sees only what the endpoint is after them.
#[tokio::test]
async fn an_endpoint_that_was_disabled_and_enabled_between_two_looks_starts_afresh() {
    let workspace = Workspace::new().await;
    let receiver = Moody::new(false).await;
    let engine = workspace.engine();
    let (endpoint, _) = with_open_breaker(&workspace, &receiver).await;
    let open = engine.standing(endpoint).unwrap();
    assert_eq!((open.health.consecutive_failures, open.breaker.unwrap().opened_at), (3, Some(NOW)));

    workspace.settings.send_modify(|settings| settings.max_in_flight = 1);
    let gate = Gate::new().await;
    let slow = workspace.endpoint("generic", &gate.peer.url(), |_| ()).await;
    let (first, second) = (workspace.accept(slow, "{}").await, workspace.accept(slow, "{}").await);
    // One is under way, the other claimed: nothing more is looked for.
    workspace.until_status(first, DeliveryStatus::InFlight).await;
    workspace.until_status(second, DeliveryStatus::InFlight).await;
    let endpoints = workspace.store.endpoints();
    endpoints.disable(endpoint, NOW, "By hand.".to_owned()).await.unwrap();
    endpoints.enable(endpoint, NOW, Spread::Usual).await.unwrap();
    gate.go.add_permits(2);
    workspace.until_status(second, DeliveryStatus::Delivered).await;
    settled(&engine).await;
    let afresh = engine.standing(endpoint).unwrap();
    assert_eq!((afresh.health.consecutive_failures, afresh.health.failing_since), (0, None));
    assert_eq!(afresh.breaker.unwrap().opened_at, None);
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn a_queue_that_blocks_waits_for_a_person_and_keeps_its_order() {
    let workspace = Workspace::new().await;
    let receiver = Moody::new(false).await;
    let engine = workspace.engine();
    let endpoint = workspace
        .endpoint("generic", &receiver.peer.url(), |endpoint| {
            (endpoint.ordered, endpoint.order_on_failure) = (true, OrderOnFailure::Block);
            endpoint.retry = Some(retry(&[1_000]));
        })
        .await;
    let mut ids = Vec::new();
    for n in 0..4 {
        ids.push(workspace.accept(endpoint, &n.to_string()).await);
    }
    workspace.until_attempts(ids[0], 1).await;
    workspace.advance(1_000);
    workspace.until_status(ids[0], DeliveryStatus::Failed).await;
    receiver.set(true);
    workspace.advance(3_600_000);
    settled(&engine).await;
    assert_eq!(receiver.peer.bodies(), ["0", "0"]);
    engine.stop(GRACE).await;
    let workspace = workspace.reopen().await;
    let engine = workspace.engine();
    settled(&engine).await;
    assert_eq!(receiver.peer.bodies(), ["0", "0"]);

    workspace.store.deliveries().retry_now(ids[0], workspace.clock.now()).await.unwrap();
    for id in &ids {
        workspace.until_status(*id, DeliveryStatus::Delivered).await;
    }
    assert_eq!(receiver.peer.bodies(), ["0", "0", "0", "1", "2", "3"]);
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn a_peer_that_never_answers_leaves_places_for_others() {
    let workspace = Workspace::new().await;
    workspace.settings.send_modify(|settings| settings.max_in_flight = 32);
    let held = Arc::new(AtomicUsize::new(0));
    let (dead, arrived) = (Arc::clone(&held), Arc::new(Semaphore::new(0)));
    let arrivals = Arc::clone(&arrived);
    let silent = Peer::new(move |stream| {
        dead.fetch_add(1, Ordering::SeqCst);
        arrivals.add_permits(1);
        async move {
            std::future::pending::<()>().await;
            Some(stream)
        }
    })
    .await;
    let receiver = Moody::new(true).await;
    let slow = workspace.endpoint("generic", &silent.url(), |_| ()).await;
    let quick = workspace.endpoint("generic", &receiver.peer.url(), |_| ()).await;
    for _ in 0..200 {
        workspace.accept(slow, "{}").await;
    }
    let engine = workspace.engine();
    arrived.acquire_many(30).await.unwrap().forget();
    // It has nearly all places, and much of it is claimed; whoever comes now is served all the same.
    for n in 0..40 {
        let id = workspace.accept(quick, &n.to_string()).await;
        workspace.until_status(id, DeliveryStatus::Delivered).await;
    }
    assert_eq!(held.load(Ordering::SeqCst), 30);
    engine.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn retries_by_the_thousand_of_one_endpoint_do_not_keep_another_waiting() {
    let workspace = Workspace::new().await;
    workspace.settings.send_modify(|settings| settings.max_in_flight = 8);
    let (failing, healthy) = (Moody::new(false).await, Moody::new(true).await);
    let busy = workspace
        .endpoint("generic", &failing.peer.url(), |endpoint| endpoint.retry = Some(retry(&[0; 20])))
        .await;
    let quiet = workspace.endpoint("generic", &healthy.peer.url(), |_| ()).await;
    for _ in 0..400 {
        workspace.accept(busy, "{}").await;
    }
    let engine = workspace.engine();
    workspace.until(workspace.accept(busy, "{}").await, |_| failing.seen() > 50).await;
    let before = failing.seen();
    let id = workspace.accept(quiet, "{}").await;
    workspace.until_status(id, DeliveryStatus::Delivered).await;
    let meanwhile = failing.seen() - before;
    assert!(meanwhile < 200, "{meanwhile} attempts of the failing endpoint came before");
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn what_expires_behind_an_open_breaker_ends_at_its_time() {
    let workspace = Workspace::new().await;
    let receiver = Moody::new(false).await;
    let engine = workspace.engine();
    let (endpoint, _) = with_open_breaker(&workspace, &receiver).await;
    let expires_at = Some(Workspace::seconds(30));
    let id =
        workspace.accept_as(endpoint, "{}", |new| hookbench_model::NewDelivery { expires_at, ..new }).await;
    settled(&engine).await;
    workspace.advance(29_999);
    settled(&engine).await;
    assert_eq!(workspace.delivery(id).await.status, DeliveryStatus::Pending);
    workspace.advance(1);
    let ended = workspace.until_status(id, DeliveryStatus::Failed).await;
    assert_eq!((ended.ended_because, ended.attempt_count), (Some(EndedBecause::Expired), 0));
    engine.stop(GRACE).await;
}

/// It is claimed ahead of the place that another still has.
#[tokio::test]
async fn what_expires_between_its_claim_and_its_turn_is_not_sent() {
    let workspace = Workspace::new().await;
    workspace.settings.send_modify(|settings| settings.max_in_flight = 1);
    let gate = Gate::new().await;
    let endpoint = workspace.endpoint("generic", &gate.peer.url(), |_| ()).await;
    let first = workspace.accept(endpoint, "first").await;
    let expires_at = Some(Workspace::seconds(60));
    let expires = |new| hookbench_model::NewDelivery { expires_at, ..new };
    let second = workspace.accept_as(endpoint, "second", expires).await;
    let engine = workspace.engine();
    for id in [first, second] {
        workspace.until_status(id, DeliveryStatus::InFlight).await;
    }
    workspace.advance(60_000);
    gate.go.add_permits(2);
    workspace.until_status(first, DeliveryStatus::Delivered).await;
    let ended = workspace.until_status(second, DeliveryStatus::Failed).await;
    assert_eq!((ended.ended_because, ended.attempt_count), (Some(EndedBecause::Expired), 0));
    assert_eq!(gate.peer.bodies(), ["first"]);
    engine.stop(GRACE).await;
}
