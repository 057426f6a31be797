//! The engine on a disk that is full for a while: nothing is lost, and nothing is sent over and over.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use hookbench_model::{DeliveryStatus, EndedBecause, NewDelivery, Outcome};
use hookbench_store::{OpenOptions, WriteGate};
use support::held::Gate;
use support::peer::Peer;
use support::workspace::{Workspace, options};

/// A long while, for what should end at once.
const GRACE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn what_was_claimed_and_expired_is_given_back_once_the_full_disk_has_room_again() {
    let full = WriteGate::default();
    let workspace = Workspace::with(OpenOptions { gate: Some(full.clone()), ..options() }).await;
    workspace.settings.send_modify(|settings| settings.max_in_flight = 1);
    let gate = Gate::new().await;
    let endpoint = workspace.endpoint("generic", &gate.peer.url(), |_| ()).await;
    let expires_at = Some(Workspace::seconds(60));
    let first = workspace.accept(endpoint, "{}").await;
    let second = workspace.accept_as(endpoint, "{}", |new| NewDelivery { expires_at, ..new }).await;
    let engine = workspace.engine();
    gate.arrivals(1).await;
    // Claimed beside the one that is under way, and waiting for its place; once that comes free it has expired.
    workspace.until_status(second, DeliveryStatus::InFlight).await;
    full.fill();
    workspace.advance(60_000);
    gate.go.add_permits(1);
    // The record and the giving-back may be refused together; what is refused then is another try.
    while full.refused() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(workspace.delivery(second).await.status, DeliveryStatus::InFlight);
    full.make_room();
    let ended = workspace.until_status(second, DeliveryStatus::Failed).await;
    assert_eq!((ended.ended_because, ended.attempt_count), (Some(EndedBecause::Expired), 0));
    workspace.until_status(first, DeliveryStatus::Delivered).await;
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn a_full_disk_neither_loses_an_attempt_nor_sends_it_over_and_over() {
    let workspace = Workspace::new().await;
    // More than the disk has room for when the answer is to be recorded.
    let mut answer = b"HTTP/1.1 200 OK\r\ncontent-length: 200000\r\n\r\n".to_vec();
    answer.resize(answer.len() + 200_000, b'x');
    let peer = Peer::answering(answer.leak()).await;
    let endpoint = workspace.endpoint("generic", &peer.url(), |_| ()).await;
    let id = workspace.accept(endpoint, "{}").await;
    let workspace = workspace.reopen_with_room(100_000).await;
    let engine = workspace.engine();
    engine.unrecorded().wait_for(|waiting| *waiting == 1).await.unwrap();
    engine.wake();
    assert_eq!(workspace.delivery(id).await.status, DeliveryStatus::InFlight);
    assert_eq!(peer.requests().len(), 1);
    drop(engine);

    let workspace = workspace.reopen().await;
    let engine = workspace.engine();
    workspace.until_status(id, DeliveryStatus::Retrying).await;
    workspace.advance(3_600_000);
    workspace.until_status(id, DeliveryStatus::Delivered).await;
    let outcomes: Vec<_> = workspace.attempts(id).await.iter().map(|attempt| attempt.outcome).collect();
    assert_eq!(outcomes, [Outcome::Interrupted, Outcome::Delivered]);
    engine.stop(GRACE).await;
}
