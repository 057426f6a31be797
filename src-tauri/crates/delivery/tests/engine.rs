//! The engine on a real store and real sockets; only its time is made by hand.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hookbench_model::{
    Clock as _, DeliveryId, DeliveryStatus, EndpointStatus, Outcome, RateLimit, RetryPolicy, Timestamp,
    Trigger,
};
use hookbench_store::Spread;
use support::NOW;
use support::held::Gate;
use support::peer::{BUSY, OK, Peer};
use support::workspace::Workspace;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

/// A long while, for what should end at once.
const GRACE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn an_accepted_event_arrives_and_is_recorded_whole() {
    let workspace = Workspace::new().await;
    let peer = Peer::answering(OK).await;
    let engine = workspace.engine();
    let endpoint = workspace.endpoint("politicalcomms", &peer.url(), |_| ()).await;
    let id = workspace.accept(endpoint, "{\"a\":1}").await;
    let delivery = workspace.until_status(id, DeliveryStatus::Delivered).await;
    assert_eq!(delivery.completed_at, Some(NOW));
    assert_eq!(delivery.next_attempt_at, None);

    let attempt = workspace.attempts(id).await.remove(0);
    assert_eq!(
        (attempt.number, attempt.trigger, attempt.outcome),
        (1, Trigger::Automatic, Outcome::Delivered)
    );
    assert_eq!((attempt.started_at, attempt.error), (NOW, None));
    assert_eq!(attempt.remote_addr, Some(peer.address.to_string()));
    let request = attempt.request.unwrap();
    assert_eq!((request.method.as_str(), request.url), ("POST", peer.url()));
    assert!(request.headers.get_str("X-Webhook-Signature").is_some());
    let response = attempt.response.unwrap();
    assert_eq!((response.status, response.body_size), (200, 2));
    let body = workspace.store.attempts().response_body(id, 1).await.unwrap();
    assert_eq!(body.as_deref(), Some(&b"ok"[..]));
    assert_eq!(peer.bodies(), ["{\"a\":1}"]);
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn a_failing_delivery_is_tried_again_by_the_clock_and_given_up_at_the_plans_end() {
    let workspace = Workspace::new().await;
    let peer = Peer::answering(BUSY).await;
    let engine = workspace.engine();
    let endpoint = workspace.endpoint("politicalcomms", &peer.url(), |_| ()).await;
    let id = workspace.accept(endpoint, "{}").await;
    for (number, due, wait_ms) in [(1, 4, 4_000), (2, 20, 16_000), (3, 84, 64_000)] {
        let delivery = workspace.until_attempts(id, number).await;
        assert_eq!(delivery.status, DeliveryStatus::Retrying);
        assert_eq!(delivery.next_attempt_at, Some(Workspace::seconds(due)));
        // Not a moment before.
        workspace.advance(wait_ms - 1);
        engine.wake();
        assert_eq!(peer.requests().len(), number as usize);
        workspace.advance(1);
    }
    let delivery = workspace.until_status(id, DeliveryStatus::Failed).await;
    assert_eq!(delivery.attempt_count, 4);
    assert_eq!(delivery.completed_at, Some(Workspace::seconds(84)));
    let last = delivery.last_attempt.unwrap();
    assert_eq!(last.error.as_deref(), Some("The server answered 503 Service Unavailable"));
    let made: Vec<Timestamp> =
        workspace.attempts(id).await.iter().map(|attempt| attempt.started_at).collect();
    assert_eq!(made, [0, 4, 20, 84].map(Workspace::seconds));
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn a_retry_by_hand_is_one_attempt_after_the_end_and_leaves_the_plan_alone_before_it() {
    let workspace = Workspace::new().await;
    let peer = Peer::answering(BUSY).await;
    let engine = workspace.engine();
    let retry = |delays_ms: &[u64]| RetryPolicy { delays_ms: delays_ms.to_vec(), ..RetryPolicy::default() };
    let (once, twice) = (retry(&[]), retry(&[60_000]));
    let single = workspace.endpoint("generic", &peer.url(), |endpoint| endpoint.retry = Some(once)).await;
    let double = workspace.endpoint("generic", &peer.url(), |endpoint| endpoint.retry = Some(twice)).await;
    let deliveries = workspace.store.deliveries();

    let failed = workspace.accept(single, "{}").await;
    workspace.until_status(failed, DeliveryStatus::Failed).await;
    deliveries.retry_now(failed, NOW).await.unwrap();
    let again = workspace.until(failed, |delivery| delivery.attempt_count == 2).await;
    assert_eq!(again.status, DeliveryStatus::Failed);
    assert_eq!(workspace.attempts(failed).await[1].trigger, Trigger::Manual);

    let waiting = workspace.accept(double, "{}").await;
    workspace.until_status(waiting, DeliveryStatus::Retrying).await;
    deliveries.retry_now(waiting, NOW).await.unwrap();
    let tried = workspace.until_attempts(waiting, 2).await;
    assert_eq!(
        (tried.status, tried.next_attempt_at),
        (DeliveryStatus::Retrying, Some(Workspace::seconds(60)))
    );
    workspace.advance(60_000);
    let ended = workspace.until_status(waiting, DeliveryStatus::Failed).await;
    assert_eq!((ended.attempt_count, ended.automatic_attempts), (3, 2));
    let triggers: Vec<_> = workspace.attempts(waiting).await.iter().map(|attempt| attempt.trigger).collect();
    assert_eq!(triggers, [Trigger::Automatic, Trigger::Manual, Trigger::Automatic]);
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn what_a_crash_cut_off_is_recorded_as_interrupted_and_goes_on_by_plan() {
    let workspace = Workspace::new().await;
    let gate = Gate::new().await;
    let endpoint = workspace.endpoint("politicalcomms", &gate.peer.url(), |_| ()).await;
    let engine = workspace.engine();
    let id = workspace.accept(endpoint, "{}").await;
    gate.arrivals(1).await;
    drop(engine);
    gate.go.add_permits(100);

    let workspace = workspace.reopen().await;
    assert_eq!(workspace.delivery(id).await.status, DeliveryStatus::InFlight);
    let engine = workspace.engine();
    let delivery = workspace.until_status(id, DeliveryStatus::Retrying).await;
    assert_eq!(delivery.next_attempt_at, Some(Workspace::seconds(4)));
    let attempt = workspace.attempts(id).await.remove(0);
    assert_eq!((attempt.outcome, attempt.request, attempt.response), (Outcome::Interrupted, None, None));
    workspace.advance(4_000);
    let delivery = workspace.until_status(id, DeliveryStatus::Delivered).await;
    assert_eq!(delivery.attempt_count, 2);
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn a_stop_lets_attempts_end_gives_the_rest_back_and_cuts_off_what_lasts_too_long() {
    let workspace = Workspace::new().await;
    workspace.settings.send_modify(|settings| settings.max_in_flight = 1);
    let gate = Gate::new().await;
    let endpoint = workspace.endpoint("politicalcomms", &gate.peer.url(), |_| ()).await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(workspace.accept(endpoint, "{}").await);
    }
    let engine = workspace.engine();
    gate.arrivals(1).await;
    let stopping = tokio::spawn(engine.stop(GRACE));
    gate.go.add_permits(1);
    stopping.await.unwrap();
    let mut statuses = Vec::new();
    for id in &ids {
        statuses.push(workspace.delivery(*id).await.status);
    }
    statuses.sort_by_key(|status| status.as_str());
    let pending = DeliveryStatus::Pending;
    assert_eq!(statuses, [DeliveryStatus::Delivered, pending, pending, pending, pending]);

    let engine = workspace.engine();
    gate.arrivals(1).await;
    engine.stop(Duration::from_millis(1)).await;
    let mut interrupted = 0;
    for id in ids {
        for attempt in workspace.attempts(id).await {
            let was = attempt.outcome == Outcome::Interrupted && attempt.request.is_some();
            assert!(!was || attempt.duration_ms >= 1, "it was under way until the stop");
            interrupted += u32::from(was);
        }
        assert_ne!(workspace.delivery(id).await.status, DeliveryStatus::InFlight);
    }
    assert_eq!(interrupted, 1);
}

#[tokio::test]
async fn no_more_are_under_way_than_the_settings_and_the_endpoint_allow() {
    let workspace = Workspace::new().await;
    workspace.settings.send_modify(|settings| settings.max_in_flight = 6);
    let (narrow, wide) = (Gate::new().await, Gate::new().await);
    let two =
        workspace.endpoint("generic", &narrow.peer.url(), |endpoint| endpoint.max_in_flight = Some(2)).await;
    let any = workspace.endpoint("generic", &wide.peer.url(), |_| ()).await;
    let mut ids = Vec::new();
    for _ in 0..12 {
        ids.push(workspace.accept(two, "{}").await);
    }
    for _ in 0..12 {
        ids.push(workspace.accept(any, "{}").await);
    }
    let engine = workspace.engine();
    // The narrow endpoint's backlog leaves the other four slots to the wide one.
    narrow.arrivals(2).await;
    wide.arrivals(4).await;
    assert_eq!(engine.status().in_flight, 6);
    narrow.go.add_permits(100);
    wide.go.add_permits(100);
    for id in ids {
        workspace.until_status(id, DeliveryStatus::Delivered).await;
    }
    assert_eq!(narrow.most.load(Ordering::SeqCst), 2);
    assert!(wide.most.load(Ordering::SeqCst) <= 6);
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn an_ordered_endpoint_gets_one_at_a_time_and_a_failing_head_holds_the_rest() {
    let workspace = Workspace::new().await;
    let failing = Arc::new(AtomicBool::new(true));
    let peer = {
        let failing = Arc::clone(&failing);
        Peer::new(move |mut stream| {
            let answer = if failing.swap(false, Ordering::SeqCst) { BUSY } else { OK };
            async move {
                stream.write_all(answer).await.ok()?;
                Some(stream)
            }
        })
        .await
    };
    let endpoint =
        workspace.endpoint("politicalcomms", &peer.url(), |endpoint| endpoint.ordered = true).await;
    let mut ids = Vec::new();
    for n in 0..6 {
        ids.push(workspace.accept(endpoint, &n.to_string()).await);
    }
    let engine = workspace.engine();
    workspace.until_status(ids[0], DeliveryStatus::Retrying).await;
    engine.wake();
    workspace.advance(3_999);
    assert_eq!(peer.bodies(), ["0"]);
    workspace.advance(1);
    for id in &ids {
        workspace.until_status(*id, DeliveryStatus::Delivered).await;
    }
    assert_eq!(peer.bodies(), ["0", "0", "1", "2", "3", "4", "5"]);
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn a_rate_limit_spreads_attempts_over_the_clocks_time() {
    let workspace = Workspace::new().await;
    let peer = Peer::answering(OK).await;
    let rate = RateLimit::per_second(2.0);
    let endpoint =
        workspace.endpoint("generic", &peer.url(), |endpoint| endpoint.rate_limit = Some(rate)).await;
    let mut ids: Vec<DeliveryId> = Vec::new();
    for _ in 0..5 {
        ids.push(workspace.accept(endpoint, "{}").await);
    }
    let engine = workspace.engine();
    let delivered = async |count: usize| {
        // The next is out once it is recorded; the others wait.
        let mut changes = workspace.store.changes().subscribe();
        loop {
            let mut done = Vec::new();
            for id in &ids {
                let delivery = workspace.delivery(*id).await;
                done.extend(delivery.completed_at);
            }
            if done.len() >= count {
                assert_eq!(done.len(), count);
                return;
            }
            changes.next().await;
        }
    };
    delivered(1).await;
    for count in 2..=5 {
        workspace.advance(499);
        engine.wake();
        delivered(count - 1).await;
        workspace.advance(1);
        delivered(count).await;
    }
    let mut started = Vec::new();
    for id in &ids {
        started.push(workspace.attempts(*id).await[0].started_at.ms_since(NOW));
    }
    started.sort_unstable();
    assert_eq!(started, [0, 500, 1_000, 1_500, 2_000]);
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn an_endpoint_that_fails_too_long_is_disabled_and_its_deliveries_wait_for_its_return() {
    let workspace = Workspace::new().await;
    let well = Arc::new(AtomicBool::new(false));
    let peer = {
        let well = Arc::clone(&well);
        Peer::new(move |mut stream| {
            let answer = if well.load(Ordering::SeqCst) { OK } else { BUSY };
            async move {
                stream.write_all(answer).await.ok()?;
                Some(stream)
            }
        })
        .await
    };
    let engine = workspace.engine();
    let endpoint = workspace.endpoint("pulsewave", &peer.url(), |_| ()).await;
    let first = workspace.accept(endpoint, "{}").await;
    workspace.until_status(first, DeliveryStatus::Retrying).await;
    // Pulsewave gives up on an endpoint after 24 hours of failures.
    workspace.clock.set(Workspace::seconds(86_400));
    let late = workspace.accept(endpoint, "{}").await;
    workspace.until_status(late, DeliveryStatus::Paused).await;
    workspace.until_status(first, DeliveryStatus::Paused).await;
    let stored = workspace.store.endpoints().get(endpoint).await.unwrap().unwrap();
    assert_eq!(stored.status, EndpointStatus::Disabled);
    assert_eq!(stored.disabled_reason.as_deref(), Some("Nothing but failures for 24 hours."));
    let seen = peer.requests().len();
    workspace.advance(3_600_000);
    engine.wake();
    assert_eq!(peer.requests().len(), seen);

    well.store(true, Ordering::SeqCst);
    workspace.store.endpoints().enable(endpoint, workspace.clock.now(), Spread::Usual).await.unwrap();
    for id in [first, late] {
        workspace.until_status(id, DeliveryStatus::Delivered).await;
    }
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn what_cannot_be_built_is_blocked_with_the_reason_and_sends_nothing() {
    let workspace = Workspace::new().await;
    let peer = Peer::answering(OK).await;
    let engine = workspace.engine();
    let endpoint = workspace
        .endpoint("politicalcomms", &peer.url(), |endpoint| endpoint.headers.push("X-Bad", "a\u{7f}b"))
        .await;
    let id = workspace.accept(endpoint, "{}").await;
    workspace.until_status(id, DeliveryStatus::Retrying).await;
    let attempt = workspace.attempts(id).await.remove(0);
    assert_eq!((attempt.outcome, attempt.request), (Outcome::Blocked, None));
    assert!(attempt.error.unwrap().starts_with("Nothing was sent: the header `X-Bad`"));
    assert!(peer.requests().is_empty());
    // Corrected, the next attempt goes out as it is configured then.
    let corrected = |endpoint: &mut hookbench_model::Endpoint| endpoint.headers.remove("X-Bad");
    workspace.store.endpoints().update(endpoint, NOW, corrected).await.unwrap();
    workspace.advance(4_000);
    workspace.until_status(id, DeliveryStatus::Delivered).await;
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn what_is_claimed_and_has_to_wait_goes_out_as_its_endpoint_is_configured_by_then() {
    let workspace = Workspace::new().await;
    workspace.settings.send_modify(|settings| settings.max_in_flight = 1);
    let gate = Gate::new().await;
    let corrected = Peer::answering(OK).await;
    let endpoint = workspace.endpoint("generic", &gate.peer.url(), |_| ()).await;
    let ids = [workspace.accept(endpoint, "1").await, workspace.accept(endpoint, "2").await];
    let engine = workspace.engine();
    gate.arrived.acquire().await.unwrap().forget();
    for id in ids {
        // The second one is claimed for the place that the first one still has.
        workspace.until_status(id, DeliveryStatus::InFlight).await;
    }
    let url = corrected.url().parse().unwrap();
    workspace.store.endpoints().update(endpoint, NOW, move |endpoint| endpoint.url = url).await.unwrap();
    gate.go.add_permits(2);
    for id in ids {
        workspace.until_status(id, DeliveryStatus::Delivered).await;
    }
    assert_eq!((gate.peer.bodies(), corrected.bodies()), (vec!["1".to_owned()], vec!["2".to_owned()]));
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn an_attempt_to_our_own_receiver_is_in_the_ledger_while_it_is_under_way() {
    let workspace = Workspace::new().await;
    let seen = Arc::new(Mutex::new(None));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    workspace.ledger.listen_at(vec![address]);
    let (ledger, found) = (Arc::clone(&workspace.ledger), Arc::clone(&seen));
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = support::peer::read_request(&mut stream).await.unwrap();
        let text = String::from_utf8(request).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let headers = head.lines().skip(1).map(|line| line.split_once(": ").unwrap()).collect();
        *found.lock().unwrap() = ledger.arrived("POST", "/in?k=v", body.as_bytes(), &headers);
        stream.write_all(OK).await.unwrap();
    });
    let engine = workspace.engine();
    let url = format!("http://localhost:{}/in?k=v", address.port());
    let endpoint = workspace.endpoint("generic", &url, |_| ()).await;
    let id = workspace.accept(endpoint, "{}").await;
    workspace.until_status(id, DeliveryStatus::Delivered).await;
    let entry = seen.lock().unwrap().take().expect("the arrival is the attempt");
    assert_eq!((entry.delivery, entry.attempt), (id, 1));
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn a_backlog_is_drained_and_every_delivery_arrives_once() {
    let workspace = Workspace::new().await;
    let peer = Peer::answering(OK).await;
    let endpoint = workspace.endpoint("generic", &peer.url(), |_| ()).await;
    let mut ids = Vec::new();
    for n in 0..300 {
        ids.push(workspace.accept(endpoint, &n.to_string()).await);
    }
    let engine = workspace.engine();
    for id in &ids {
        let delivery = workspace.until_status(*id, DeliveryStatus::Delivered).await;
        assert_eq!(delivery.attempt_count, 1);
    }
    let mut arrived: Vec<u32> = peer.bodies().iter().map(|body| body.parse().unwrap()).collect();
    arrived.sort_unstable();
    assert_eq!(arrived, (0..300).collect::<Vec<_>>());
    engine.stop(GRACE).await;
    let connections = *peer.connections.lock().unwrap();
    assert!(connections <= 128, "{connections} connections for 300 attempts");
}
