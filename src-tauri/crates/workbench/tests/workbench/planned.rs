//! When attempts are planned that something keeps back.

use hookbench_model::{
    Breaker, DeliveryFilter, DeliveryId, DeliveryStatus, DueNow, EndpointId, KeptBack, ManualClock,
    OrderOnFailure, PageRequest, RetryPolicy,
};
use hookbench_workbench::{EndpointDraft, EventDraft, Feed, PolicyEdit, Workbench};

use crate::bench::{START, options};

/// An endpoint where nobody listens.
async fn endpoint(workbench: &Workbench, policy: PolicyEdit) -> EndpointId {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let draft = EndpointDraft { url, policy, ..EndpointDraft::default() };
    workbench.create_endpoint(draft).await.unwrap().id
}

async fn send(workbench: &Workbench, endpoint: EndpointId) -> DeliveryId {
    let draft = EventDraft {
        event_type: Some("a.b".to_owned()),
        provider: Some("generic".to_owned()),
        endpoint_ids: Some(vec![endpoint.to_string()]),
        ..EventDraft::default()
    };
    workbench.send_event(draft, |_| None).await.unwrap().deliveries[0].id
}

/// Sends one, and waits until its first attempt has failed.
async fn fail(workbench: &Workbench, endpoint: EndpointId, to: DeliveryStatus) -> DeliveryId {
    let mut changes = workbench.changes().subscribe();
    let id = send(workbench, endpoint).await;
    while workbench.delivery(id).await.unwrap().delivery.status != to {
        assert!(!matches!(changes.next().await, Feed::Closed));
    }
    id
}

#[tokio::test]
async fn what_waits_for_a_breaker_is_planned_from_its_probe_on() {
    let folder = tempfile::tempdir().unwrap();
    let workbench = Workbench::open(options(folder.path(), &ManualClock::new(START))).await.unwrap();
    let breaker = Breaker { failures: 1, open_ms: 600_000, max_open_ms: 600_000 };
    let policy = PolicyEdit { breaker: Some(Some(breaker)), ..PolicyEdit::default() };
    let endpoint = endpoint(&workbench, policy).await;
    fail(&workbench, endpoint, DeliveryStatus::Retrying).await;
    let waiting = workbench.delivery(send(&workbench, endpoint).await).await.unwrap();
    let planned = waiting.planned_attempts;
    assert_eq!(planned.first(), Some(&START.plus_ms(600_000)));
    assert!(planned.len() > 1 && planned.is_sorted(), "{planned:?}");
    // It is due, and not overdue; the other one is not due yet.
    let kept = |by_breaker| DueNow { overdue: 0, kept_back: KeptBack { by_breaker, by_order: 0 } };
    assert_eq!(workbench.forecast(None, None).await.unwrap().due_now, kept(1));
    assert_eq!(workbench.stats(None, None, None).await.unwrap().due_now, kept(1));
    let health = workbench.endpoint_health(endpoint).await.unwrap();
    assert_eq!(health.kept_back, kept(1).kept_back);
    // Whoever tells when the next thing is due tells the probe.
    let probe = Some(START.plus_ms(600_000));
    assert_eq!((waiting.delivery.next_attempt_at, health.work.next_due_at), (probe, probe));
    let page = PageRequest::first(10);
    let listed = workbench.deliveries(DeliveryFilter::default(), page).await.unwrap().rows;
    assert_eq!(listed.iter().map(|one| one.next_attempt_at).collect::<Vec<_>>(), [probe, probe]);
    assert_eq!(workbench.stats(None, None, None).await.unwrap().stats.next_attempt_at, probe);
    workbench.shutdown().await;
}

#[tokio::test]
async fn nothing_is_planned_of_what_waits_behind_a_held_queue() {
    let folder = tempfile::tempdir().unwrap();
    let workbench = Workbench::open(options(folder.path(), &ManualClock::new(START))).await.unwrap();
    let policy = PolicyEdit {
        ordered: Some(true),
        order_on_failure: Some(OrderOnFailure::Block),
        retry: Some(Some(RetryPolicy::default())),
        ..PolicyEdit::default()
    };
    let endpoint = endpoint(&workbench, policy).await;
    let holder = fail(&workbench, endpoint, DeliveryStatus::Failed).await;
    let waiting = send(&workbench, endpoint).await;
    assert_eq!(workbench.delivery(waiting).await.unwrap().planned_attempts, []);
    assert!(waiting > holder);
    workbench.shutdown().await;
}

#[tokio::test]
async fn nothing_is_planned_of_what_stands_behind_one_that_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let workbench = Workbench::open(options(folder.path(), &ManualClock::new(START))).await.unwrap();
    let policy = PolicyEdit { ordered: Some(true), ..PolicyEdit::default() };
    let endpoint = endpoint(&workbench, policy).await;
    let first = fail(&workbench, endpoint, DeliveryStatus::Retrying).await;
    let second = send(&workbench, endpoint).await;
    assert!(!workbench.delivery(first).await.unwrap().planned_attempts.is_empty());
    assert_eq!(workbench.delivery(second).await.unwrap().planned_attempts, []);
    workbench.shutdown().await;
}
