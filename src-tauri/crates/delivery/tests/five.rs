//! The five systems that must be right to the letter, by the clock: when they try again, what stands in their
//! headers, when they give an endpoint up, slow down for it, or ask a test of it first.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hookbench_model::{
    Clock as _, DeliveryId, DeliveryStatus, Endpoint, EndpointId, EndpointStatus, FailureCount, NewDelivery,
    RetryPolicy, Timestamp,
};
use support::peer::{BUSY, OK, Peer};
use support::workspace::Workspace;
use tokio::io::AsyncWriteExt;

const MOVED: &[u8] = b"HTTP/1.1 302 Found\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n";

const GRACE: Duration = Duration::from_secs(30);

/// A peer that fails until it is told to be well.
async fn moody() -> (Peer, Arc<AtomicBool>) {
    let well = Arc::new(AtomicBool::new(false));
    let mood = Arc::clone(&well);
    let peer = Peer::new(move |mut stream| {
        let answer = if mood.load(Ordering::SeqCst) { OK } else { BUSY };
        async move {
            stream.write_all(answer).await.ok()?;
            Some(stream)
        }
    })
    .await;
    (peer, well)
}

/// One header of each request that arrived, in their order.
fn headers(peer: &Peer, name: &str) -> Vec<String> {
    let value = |bytes: &Vec<u8>| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let mut lines = text.lines().take_while(|line| !line.is_empty());
        let line = lines
            .find(|line| line.split_once(':').is_some_and(|(known, _)| known.eq_ignore_ascii_case(name)));
        line.map(|line| line.split_once(": ").unwrap().1.to_owned()).unwrap_or_default()
    };
    peer.requests().iter().map(value).collect()
}

/// Goes from each due time to the next until the plan is over, or the endpoint is given up; gives when the
/// attempts were made, in seconds after the first.
async fn made(workspace: &Workspace, id: DeliveryId, begin: Timestamp) -> Vec<i64> {
    let mut count = 1;
    loop {
        let delivery = workspace.until_attempts(id, count).await;
        let Some(next) = delivery.next_attempt_at else { break };
        workspace.clock.set(next);
        count += 1;
    }
    let attempts = workspace.attempts(id).await;
    attempts.iter().map(|attempt| attempt.started_at.ms_since(begin) / 1000).collect()
}

async fn endpoint_now(workspace: &Workspace, id: EndpointId) -> Endpoint {
    workspace.store.endpoints().get(id).await.unwrap().unwrap()
}

#[tokio::test]
async fn each_tries_again_at_its_own_times_and_then_gives_up_or_disables() {
    const HOUR: i64 = 3600;
    let tail = [60, 360, 2160, 9360, 9360 + 6 * HOUR, 9360 + 12 * HOUR, 9360 + 18 * HOUR];
    let pulsewave: Vec<i64> = std::iter::once(0).chain(tail).collect();
    for (provider, times) in [
        ("politicalcomms", &[0, 4, 20, 84][..]),
        ("smsportal", &[0, 10, 70, 370, 2170]),
        ("sent", &[0, 60, 180, 420]),
        ("contactmanager", &[0, 3, 10]),
        ("pulsewave", &pulsewave),
    ] {
        let workspace = Workspace::new().await;
        let peer = Peer::answering(BUSY).await;
        let engine = workspace.engine();
        let endpoint = workspace.endpoint(provider, &peer.url(), |_| ()).await;
        let begin = workspace.clock.now();
        let id = workspace.accept(endpoint, "{\"id\":\"1\"}").await;
        assert_eq!(made(&workspace, id, begin).await, times, "{provider}");
        let delivery = workspace.delivery(id).await;
        assert_eq!(delivery.status, DeliveryStatus::Failed, "{provider}");
        assert_eq!(endpoint_now(&workspace, endpoint).await.status, EndpointStatus::Enabled, "{provider}");
        engine.stop(GRACE).await;
    }
}

#[tokio::test]
async fn each_has_the_headers_of_its_documents() {
    let workspace = Workspace::new().await;
    let engine = workspace.engine();
    let hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let send = async |provider: &str| {
        let peer = Peer::answering(OK).await;
        let endpoint = workspace.endpoint(provider, &peer.url(), |_| ()).await;
        for payload in ["{\"id\":\"1\"}", "{\"id\":\"2\"}"] {
            let id = workspace.accept(endpoint, payload).await;
            workspace.until_status(id, DeliveryStatus::Delivered).await;
        }
        (peer, endpoint)
    };
    let seconds = (workspace.clock.now().unix_ms() / 1000).to_string();

    let (peer, _) = send("politicalcomms").await;
    let signature = headers(&peer, "X-Webhook-Signature").remove(0);
    assert!(hex(signature.strip_prefix("sha256=").unwrap(), 64), "{signature}");
    assert_eq!(headers(&peer, "X-Timestamp"), [seconds.clone(), seconds.clone()]);
    assert_eq!(headers(&peer, "X-Event-Type")[0], "message.sent");
    assert_eq!(headers(&peer, "Content-Type")[0], "application/json");
    assert!(!headers(&peer, "X-Event-ID")[0].is_empty());

    let (peer, _) = send("contactmanager").await;
    let signature = headers(&peer, "X-Webhook-Signature").remove(0);
    let (time, hash) = signature.split_once(",v1=").unwrap();
    assert_eq!(time, format!("t={seconds}"));
    assert!(hex(hash, 64), "{signature}");

    let (peer, _) = send("pulsewave").await;
    assert!(hex(&headers(&peer, "Pulsewave-Signature")[0], 64));

    let (peer, _) = send("smsportal").await;
    assert!(hex(&headers(&peer, "X-Signature")[0], 64));
    assert_eq!(headers(&peer, "X-Signature-Timestamp")[0], seconds);

    // Sent names the endpoint, the same on every delivery, and not the event.
    let (peer, endpoint) = send("sent").await;
    let ids = headers(&peer, "X-Webhook-Id");
    assert_eq!(ids[0], ids[1]);
    let uuid: String = ids[0].split('-').collect();
    assert_eq!(u128::from_str_radix(&uuid, 16).unwrap(), u128::from_be_bytes(*endpoint.as_bytes()));
    assert_eq!(headers(&peer, "X-Webhook-Timestamp")[0], seconds);
    assert!(headers(&peer, "X-Webhook-Signature")[0].starts_with("v1,"));
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn sent_gives_up_after_ten_failed_deliveries_or_attempts_as_the_switch_says() {
    for (counts, deliveries, attempts) in
        [(None, 10, 20), (Some(FailureCount::Deliveries), 10, 20), (Some(FailureCount::Attempts), 5, 10)]
    {
        let workspace = Workspace::new().await;
        let peer = Peer::answering(BUSY).await;
        let engine = workspace.engine();
        let endpoint = workspace
            .endpoint("sent", &peer.url(), |endpoint| {
                endpoint.disable_counts = counts;
                endpoint.retry = Some(RetryPolicy { delays_ms: vec![60_000], ..RetryPolicy::default() });
            })
            .await;
        for number in 1..=deliveries {
            let before = endpoint_now(&workspace, endpoint).await;
            assert_eq!(before.status, EndpointStatus::Enabled, "{counts:?}: before delivery {number}");
            let id = workspace.accept(endpoint, "{}").await;
            workspace.until_attempts(id, 1).await;
            workspace.advance(60_000);
            workspace.until_attempts(id, 2).await;
        }
        let after = endpoint_now(&workspace, endpoint).await;
        assert_eq!(after.status, EndpointStatus::Disabled, "{counts:?}");
        assert!(after.disabled_reason.unwrap().starts_with("10 "), "{counts:?}");
        assert_eq!(peer.requests().len(), attempts, "{counts:?}");
        engine.stop(GRACE).await;
    }
}

#[tokio::test]
async fn smsportal_takes_a_redirect_for_a_failure() {
    let workspace = Workspace::new().await;
    let peer = Peer::answering(MOVED).await;
    let engine = workspace.engine();
    let endpoint = workspace.endpoint("smsportal", &peer.url(), |_| ()).await;
    let id = workspace.accept(endpoint, "{}").await;
    let delivery = workspace.until_status(id, DeliveryStatus::Retrying).await;
    assert_eq!(delivery.last_attempt.unwrap().response_status, Some(302));
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn smsportal_slows_down_after_seven_failures_in_a_row_until_one_arrives() {
    let workspace = Workspace::new().await;
    let (peer, well) = moody().await;
    let engine = workspace.engine();
    let once = RetryPolicy::default();
    let endpoint = workspace.endpoint("smsportal", &peer.url(), |endpoint| endpoint.retry = Some(once)).await;
    for _ in 0..7 {
        let id = workspace.accept(endpoint, "{}").await;
        workspace.until_status(id, DeliveryStatus::Failed).await;
    }
    let delay_ms = hookbench_providers::Catalog::builtin()
        .get(&"smsportal".parse().unwrap())
        .and_then(hookbench_providers::Profile::throttle)
        .map(|throttle| throttle.delay_ms)
        .unwrap();
    let (eighth, ninth) = (workspace.accept(endpoint, "{}").await, workspace.accept(endpoint, "{}").await);
    let other = workspace.endpoint("smsportal", &peer.url(), |_| ()).await;
    let elsewhere = workspace.accept(other, "{}").await;
    workspace.until_attempts(elsewhere, 1).await;
    assert_eq!(peer.requests().len(), 8, "another endpoint is not slowed down");
    workspace.advance(delay_ms - 1);
    engine.wake();
    assert_eq!(workspace.delivery(eighth).await.attempt_count, 0);
    workspace.advance(1);
    workspace.until_status(eighth, DeliveryStatus::Failed).await;
    assert_eq!(workspace.delivery(ninth).await.attempt_count, 0, "one at a time");

    well.store(true, Ordering::SeqCst);
    workspace.advance(delay_ms);
    workspace.until_status(ninth, DeliveryStatus::Delivered).await;
    for _ in 0..3 {
        let id = workspace.accept(endpoint, "{}").await;
        workspace.until_status(id, DeliveryStatus::Delivered).await;
    }
    engine.stop(GRACE).await;
}

/// A test of the endpoint, accepted.
async fn test(workspace: &Workspace, endpoint: EndpointId) -> DeliveryId {
    let make_test = |delivery: NewDelivery| NewDelivery { is_test: true, max_attempts: 1, ..delivery };
    workspace.accept_as(endpoint, "{\"test\":true}", make_test).await
}

fn draft(endpoint: &mut Endpoint) {
    endpoint.draft = true;
    endpoint.status = EndpointStatus::Disabled;
}

#[tokio::test]
async fn smsportals_draft_goes_live_by_its_test_with_all_that_waited() {
    let workspace = Workspace::new().await;
    let (peer, well) = moody().await;
    let engine = workspace.engine();
    let endpoint = workspace.endpoint("smsportal", &peer.url(), draft).await;
    let waiting = workspace.accept(endpoint, "{\"n\":1}").await;
    let failing = test(&workspace, endpoint).await;
    let failed = workspace.until_status(failing, DeliveryStatus::Failed).await;
    assert_eq!(failed.attempt_count, 1, "one try");
    let still = endpoint_now(&workspace, endpoint).await;
    assert!(still.draft && still.status == EndpointStatus::Disabled && still.tested_at.is_none());
    assert!(still.disabled_reason.unwrap().contains("503"));
    assert_eq!(workspace.delivery(waiting).await.status, DeliveryStatus::Paused);
    assert_eq!(peer.requests().len(), 1);

    well.store(true, Ordering::SeqCst);
    let passing = test(&workspace, endpoint).await;
    workspace.until_status(passing, DeliveryStatus::Delivered).await;
    workspace.until_status(waiting, DeliveryStatus::Delivered).await;
    let live = endpoint_now(&workspace, endpoint).await;
    assert!(!live.draft && live.status == EndpointStatus::Enabled);
    assert_eq!(live.tested_at, Some(workspace.clock.now()));
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn a_test_that_a_crash_cut_off_makes_nothing_live_and_is_not_made_again() {
    let workspace = Workspace::new().await;
    let peer = Peer::answering(OK).await;
    let endpoint = workspace.endpoint("smsportal", &peer.url(), draft).await;
    let cut_off = test(&workspace, endpoint).await;
    let claimed = workspace.store.deliveries().claim_due(workspace.clock.now(), 10, &[]).await.unwrap();
    assert_eq!(claimed.len(), 1, "a draft's test is due");
    let engine = workspace.engine();
    workspace.until_status(cut_off, DeliveryStatus::Failed).await;
    assert!(endpoint_now(&workspace, endpoint).await.draft);
    assert_eq!(peer.requests().len(), 0);
    engine.stop(GRACE).await;
}
