//! What was slept through, and clocks that jump.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use hookbench_model::{Clock as _, DeliveryId, DeliveryStatus, EndpointId, RetryPolicy};
use support::NOW;
use support::moody::{Moody, settled};
use support::workspace::Workspace;

const GRACE: Duration = Duration::from_secs(30);

fn retry(delays_ms: &[u64]) -> RetryPolicy {
    RetryPolicy { delays_ms: delays_ms.to_vec(), ..RetryPolicy::default() }
}

async fn due_since(workspace: &Workspace, endpoint: EndpointId, count: usize) -> Vec<DeliveryId> {
    let mut ids = Vec::new();
    for n in 0..count {
        ids.push(workspace.accept(endpoint, &n.to_string()).await);
    }
    ids
}

#[tokio::test]
async fn what_was_slept_through_goes_out_bit_by_bit_and_what_comes_does_not_wait_for_it() {
    let workspace = Workspace::new().await;
    let receiver = Moody::new(true).await;
    let endpoint = workspace.endpoint("generic", &receiver.peer.url(), |_| ()).await;
    let overdue = due_since(&workspace, endpoint, 50).await;
    // Hookbench was not running for two hours.
    workspace.advance(7_200_000);
    let engine = workspace.engine();
    settled(&engine).await;
    assert_eq!(receiver.seen(), 1);
    let paces = engine.paces();
    assert_eq!((paces.len(), paces[0].left), (1, 49));
    assert!((paces[0].per_second - 10.0).abs() < 1e-9);
    let fresh = workspace.accept(endpoint, "fresh").await;
    workspace.until_status(fresh, DeliveryStatus::Delivered).await;
    assert_eq!(receiver.seen(), 2);
    for sent in 3..=51 {
        workspace.advance(99);
        settled(&engine).await;
        assert_eq!(receiver.seen(), sent - 1);
        workspace.advance(1);
        settled(&engine).await;
        assert_eq!(receiver.seen(), sent);
    }
    assert_eq!(engine.paces(), []);
    for id in overdue {
        let delivery = workspace.until_status(id, DeliveryStatus::Delivered).await;
        assert_eq!(delivery.attempt_count, 1);
    }
    engine.stop(GRACE).await;
}

/// What is overdue at an ordered endpoint is made up for once it is gone, whatever became of it.
#[tokio::test]
async fn making_up_for_an_ordered_endpoint_ends_where_some_of_it_was_cancelled() {
    let workspace = Workspace::new().await;
    let receiver = Moody::new(true).await;
    let endpoint =
        workspace.endpoint("generic", &receiver.peer.url(), |endpoint| endpoint.ordered = true).await;
    let overdue = due_since(&workspace, endpoint, 30).await;
    workspace.advance(7_200_000);
    let engine = workspace.engine();
    settled(&engine).await;
    assert_eq!((receiver.seen(), engine.paces()[0].left), (1, 29));
    for id in &overdue[20..] {
        workspace.store.deliveries().cancel(*id, workspace.clock.now()).await.unwrap();
    }
    for sent in 2..=20 {
        workspace.advance(100);
        settled(&engine).await;
        assert_eq!((receiver.seen(), engine.paces().len()), (sent, usize::from(sent < 20)));
    }
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn making_up_for_an_endpoint_ends_where_it_is_disabled() {
    let workspace = Workspace::new().await;
    let receiver = Moody::new(true).await;
    let endpoint = workspace.endpoint("generic", &receiver.peer.url(), |_| ()).await;
    due_since(&workspace, endpoint, 30).await;
    workspace.advance(7_200_000);
    let engine = workspace.engine();
    settled(&engine).await;
    assert_eq!(engine.paces()[0].left, 29);
    let now = workspace.clock.now();
    workspace.store.endpoints().disable(endpoint, now, "By hand.".to_owned()).await.unwrap();
    settled(&engine).await;
    while engine.standing(endpoint).unwrap().health.enabled {
        settled(&engine).await;
    }
    assert_eq!(engine.paces(), []);
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn a_jump_forward_is_a_sleep_and_one_back_leaves_nothing_waiting_and_sends_nothing_twice() {
    let workspace = Workspace::new().await;
    let receiver = Moody::new(false).await;
    let engine = workspace.engine();
    let endpoint = workspace
        .endpoint("generic", &receiver.peer.url(), |endpoint| endpoint.retry = Some(retry(&[60_000, 60_000])))
        .await;
    let ids = due_since(&workspace, endpoint, 40).await;
    for id in &ids {
        workspace.until_attempts(*id, 1).await;
    }
    settled(&engine).await;
    // The engine sleeps until the retries are due, and wakes an hour after that.
    receiver.set(true);
    workspace.clock.set(NOW.plus(Duration::from_mins(61)));
    settled(&engine).await;
    let made_up = receiver.seen() - 40;
    assert!((1..=2).contains(&made_up), "{made_up} at once");
    engine.stop(GRACE).await;

    // A retry that waits a minute still waits a minute when the clock is a year early.
    let workspace = Workspace::new().await;
    let receiver = Moody::new(false).await;
    let engine = workspace.engine();
    let endpoint = workspace
        .endpoint("generic", &receiver.peer.url(), |endpoint| endpoint.retry = Some(retry(&[60_000, 60_000])))
        .await;
    let id = workspace.accept(endpoint, "{}").await;
    workspace.until_attempts(id, 1).await;
    settled(&engine).await;
    receiver.set(true);
    let then = NOW.plus_ms(-365 * 24 * 3_600_000);
    workspace.clock.set(then);
    engine.clock_jumped(then.ms_since(NOW));
    let back = workspace.until(id, |known| known.next_attempt_at < Some(NOW)).await;
    assert_eq!(back.next_attempt_at, Some(then.plus_ms(60_000)));
    workspace.advance(59_999);
    settled(&engine).await;
    assert_eq!(receiver.seen(), 1);
    workspace.advance(1);
    workspace.until_status(id, DeliveryStatus::Delivered).await;
    settled(&engine).await;
    assert_eq!(receiver.seen(), 2);
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn a_clock_that_was_set_back_while_hookbench_was_stopped_is_noticed_at_the_start() {
    let workspace = Workspace::new().await;
    let receiver = Moody::new(true).await;
    let endpoint = workspace.endpoint("generic", &receiver.peer.url(), |_| ()).await;
    let id = workspace.accept(endpoint, "{}").await;
    workspace.clock.set(NOW.plus_ms(-365 * 24 * 3_600_000));
    let engine = workspace.engine();
    workspace.until_status(id, DeliveryStatus::Delivered).await;
    engine.stop(GRACE).await;
}
