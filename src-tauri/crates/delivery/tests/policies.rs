//! The rules of an endpoint at work: a real store, real sockets, and time made by hand.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use hookbench_delivery::DeliveryEngine;
use hookbench_model::{
    Clock as _, DeliveryStatus, DisableRule, EndedBecause, Endpoint, EndpointId, EndpointStatus, Outcome,
    RetryPolicy, StatusRange, SuccessRule,
};
use support::NOW;
use support::peer::{BUSY, Peer};
use support::workspace::Workspace;

const GRACE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_receiver_that_asks_for_time_gets_it() {
    let later = b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 120\r\ncontent-length: 0\r\n\r\n";
    let peer = Peer::answering(later).await;
    let workspace = Workspace::new().await;
    let engine = workspace.engine();
    let endpoint = workspace
        .endpoint("generic", &peer.url(), |endpoint| endpoint.retry = Some(RetryPolicy::of([1_000, 1_000])))
        .await;
    let id = workspace.accept(endpoint, "{}").await;
    let waiting = workspace.until_status(id, DeliveryStatus::Retrying).await;
    assert_eq!(waiting.next_attempt_at, Some(Workspace::seconds(120)));
    assert_eq!(waiting.first_attempt_at, Some(NOW));
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_disabled_with_the_reason_and_what_waits_is_kept() {
    let gone = b"HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n";
    let peer = Peer::answering(gone).await;
    let workspace = Workspace::new().await;
    let engine = workspace.engine();
    let endpoint = workspace.endpoint("generic", &peer.url(), |_| ()).await;
    let id = workspace.accept(endpoint, "{}").await;
    workspace.until_status(id, DeliveryStatus::Paused).await;
    let stored = workspace.store.endpoints().get(endpoint).await.unwrap().unwrap();
    assert_eq!(stored.status, EndpointStatus::Disabled);
    assert!(stored.disabled_reason.unwrap().contains("410 Gone"));
    // One that says nothing of it goes on by its plan.
    let kept =
        workspace.endpoint("generic", &peer.url(), |endpoint| endpoint.gone_disables = Some(false)).await;
    let id = workspace.accept(kept, "{}").await;
    workspace.until_status(id, DeliveryStatus::Retrying).await;
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn a_word_in_the_body_decides_and_a_miss_says_so() {
    let workspace = Workspace::new().await;
    let engine = workspace.engine();
    let rule = SuccessRule::BodyWord { word: "True".to_owned(), statuses: None };
    let takes = Peer::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nTrue\r\n").await;
    let refuses = Peer::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nFalse").await;
    for (peer, outcome) in [(takes, Outcome::Delivered), (refuses, Outcome::HttpError)] {
        let endpoint = workspace
            .endpoint("generic", &peer.url(), |endpoint| endpoint.success = Some(rule.clone()))
            .await;
        let id = workspace.accept(endpoint, "{}").await;
        let ended = workspace.until_attempts(id, 1).await.last_attempt.unwrap();
        assert_eq!(ended.outcome, outcome);
        let says = ended.error.unwrap_or_default();
        assert_eq!(says.contains("the body is not just `True`"), outcome == Outcome::HttpError, "{says}");
    }
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn an_answer_that_is_not_tried_again_ends_the_delivery() {
    let peer = Peer::answering(BUSY).await;
    let workspace = Workspace::new().await;
    let engine = workspace.engine();
    let retry = RetryPolicy { no_retry: vec![StatusRange::one(503)], ..RetryPolicy::of([1_000]) };
    let endpoint = workspace.endpoint("generic", &peer.url(), |endpoint| endpoint.retry = Some(retry)).await;
    let id = workspace.accept(endpoint, "{}").await;
    let ended = workspace.until_status(id, DeliveryStatus::Failed).await;
    assert_eq!((ended.attempt_count, ended.ended_because), (1, Some(EndedBecause::Exhausted)));
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn a_delivery_that_would_come_too_late_is_given_up_as_expired() {
    let peer = Peer::answering(BUSY).await;
    let workspace = Workspace::new().await;
    let engine = workspace.engine();
    let endpoint = workspace
        .endpoint("generic", &peer.url(), |endpoint| endpoint.retry = Some(RetryPolicy::of([60_000])))
        .await;
    let until = |mut delivery: hookbench_model::NewDelivery| {
        delivery.expires_at = Some(Workspace::seconds(30));
        delivery
    };
    let id = workspace.accept_as(endpoint, "{}", until).await;
    let ended = workspace.until_status(id, DeliveryStatus::Failed).await;
    assert_eq!((ended.attempt_count, ended.ended_because), (1, Some(EndedBecause::Expired)));
    engine.stop(GRACE).await;
}

/// An endpoint of that rule to which three deliveries have failed, each at its only attempt.
async fn with_three_failures(
    workspace: &Workspace,
    peer: &Peer,
    rule: DisableRule,
) -> (EndpointId, DeliveryEngine) {
    let edit = |endpoint: &mut Endpoint| {
        endpoint.disable = Some(rule);
        endpoint.retry = Some(RetryPolicy::default());
    };
    let endpoint = workspace.endpoint("generic", &peer.url(), edit).await;
    let engine = workspace.engine();
    for _ in 0..3 {
        let id = workspace.accept(endpoint, "{}").await;
        workspace.until_status(id, DeliveryStatus::Failed).await;
    }
    (endpoint, engine)
}

/// What was attempted before a restart counts after it.
#[tokio::test]
async fn a_share_of_failures_is_not_forgotten_by_a_restart() {
    let peer = Peer::answering(BUSY).await;
    let mut workspace = Workspace::new().await;
    let rule = DisableRule::FailureShare { share: 0.5, window_ms: 600_000, min_attempts: 4 };
    let (endpoint, engine) = with_three_failures(&workspace, &peer, rule).await;
    engine.stop(GRACE).await;
    let before = workspace.store.endpoints().get(endpoint).await.unwrap().unwrap();
    assert_eq!(before.status, EndpointStatus::Enabled, "three attempts are not enough to conclude from");

    workspace = workspace.reopen().await;
    workspace.advance(60_000);
    let engine = workspace.engine();
    let id = workspace.accept(endpoint, "{}").await;
    workspace.until_status(id, DeliveryStatus::Failed).await;
    let after = workspace.store.endpoints().get(endpoint).await.unwrap().unwrap();
    assert_eq!(after.status, EndpointStatus::Disabled);
    let reason = after.disabled_reason.unwrap();
    assert_eq!(reason, "4 of the 4 attempts of the last 10 minutes failed, 100 % of them.");
    engine.stop(GRACE).await;
}

/// A rule that comes to look at a window judges by what was attempted before it was set.
#[tokio::test]
async fn a_share_of_failures_that_is_asked_for_later_counts_what_was_before() {
    let peer = Peer::answering(BUSY).await;
    let workspace = Workspace::new().await;
    let (endpoint, engine) = with_three_failures(&workspace, &peer, DisableRule::Never).await;
    workspace.advance(60_000);
    let rule = DisableRule::FailureShare { share: 0.5, window_ms: 600_000, min_attempts: 5 };
    let edit = move |endpoint: &mut Endpoint| endpoint.disable = Some(rule);
    workspace.store.endpoints().update(endpoint, workspace.clock.now(), edit).await.unwrap();
    let mut statuses = Vec::new();
    for read_again in [false, true] {
        if read_again {
            // What is counted is neither forgotten by that nor counted twice.
            engine.read_again();
        }
        let id = workspace.accept(endpoint, "{}").await;
        workspace.until_status(id, DeliveryStatus::Failed).await;
        statuses.push(workspace.store.endpoints().get(endpoint).await.unwrap().unwrap().status);
    }
    assert_eq!(statuses, [EndpointStatus::Enabled, EndpointStatus::Disabled]);
    engine.stop(GRACE).await;
}
