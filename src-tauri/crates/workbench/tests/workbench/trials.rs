//! Trials end with the program, however it ends.

use hookbench_model::{Endpoint, EndpointId, ManualClock, Outcome, PageRequest, Subscriptions};
use hookbench_store::{OpenOptions, Store};
use hookbench_workbench::{EndpointDraft, EndpointEdit, EventDraft, FaultReceiverDraft, Feed, Workbench};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::bench::{START, options};

async fn names(workbench: &Workbench) -> Vec<String> {
    let page = workbench.endpoints(PageRequest::first(10)).await.unwrap();
    page.rows.into_iter().map(|endpoint| endpoint.name).collect()
}

#[tokio::test]
async fn what_a_crash_left_of_a_trial_is_gone_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), START, OpenOptions::default()).await.unwrap();
    let endpoint = |name| {
        Endpoint::new(
            EndpointId::new(START),
            name,
            "http://127.0.0.1:9/".parse().unwrap(),
            "generic".parse().unwrap(),
        )
    };
    let kept = store.endpoints().create(endpoint("Kept")).await.unwrap();
    let none = Subscriptions::new(Vec::new());
    let left = Endpoint { trial_of: Some(kept.id), enabled_events: none, ..endpoint("Trial of Kept") };
    store.endpoints().create(left).await.unwrap();
    store.shutdown().await;

    let workbench = Workbench::open(options(folder.path(), &ManualClock::new(START))).await.unwrap();
    assert_eq!(names(&workbench).await, ["Kept"]);
    workbench.shutdown().await;
}

/// A workspace with an endpoint, and what asks for a trial of it.
async fn on_trial(clock: &ManualClock) -> (TempDir, Workbench, Endpoint, FaultReceiverDraft) {
    let folder = tempfile::tempdir().unwrap();
    let workbench = Workbench::open(options(folder.path(), clock)).await.unwrap();
    let draft = EndpointDraft { url: "http://127.0.0.1:9/hook".to_owned(), ..EndpointDraft::default() };
    let endpoint = workbench.create_endpoint(draft).await.unwrap();
    let receiver = FaultReceiverDraft { trial_of: Some(endpoint.id), ..FaultReceiverDraft::default() };
    (folder, workbench, endpoint, receiver)
}

#[tokio::test]
async fn a_trial_ends_with_the_workspace_even_while_somebody_waits_for_an_answer() {
    let clock = ManualClock::new(START);
    let (folder, workbench, endpoint, mut receiver) = on_trial(&clock).await;
    // Nobody moves the clock, so the answer never comes.
    receiver.dial.delay_ms = 60_000;
    let made = workbench.create_fault_receiver(receiver).await.unwrap();
    assert_eq!(names(&workbench).await, [made.name.as_str(), endpoint.name.as_str()]);
    let mut changes = workbench.changes().subscribe();
    let port = made.url.port().unwrap();
    let mut waiting = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    waiting.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    while workbench.fault_receiver(made.id).await.unwrap().received_count == 0 {
        assert!(matches!(changes.next().await, Feed::Change(change) if change.id == made.id.to_string()));
    }
    workbench.shutdown().await;
    let mut answer = Vec::new();
    let _ = waiting.read_to_end(&mut answer).await;
    assert!(answer.is_empty(), "it was dropped");

    let store = Store::open(folder.path(), START, OpenOptions::default()).await.unwrap();
    let left: Vec<_> =
        store.endpoints().all().await.unwrap().into_iter().map(|endpoint| endpoint.id).collect();
    assert_eq!(left, [endpoint.id]);
    store.shutdown().await;
}

#[tokio::test]
async fn an_attempt_at_a_fault_receiver_has_its_time_to_end_when_the_workspace_stops() {
    let clock = ManualClock::new(START);
    let (folder, workbench, _, mut receiver) = on_trial(&clock).await;
    receiver.dial.delay_ms = 2500;
    let made = workbench.create_fault_receiver(receiver).await.unwrap();
    let event = EventDraft {
        event_type: Some("a.b".to_owned()),
        provider: Some("generic".to_owned()),
        endpoint_ids: Some(vec![made.trial.unwrap().endpoint.to_string()]),
        ..EventDraft::default()
    };
    let mut changes = workbench.changes().subscribe();
    let sent = workbench.send_event(event, |_| None).await.unwrap().deliveries[0].id;
    while workbench.fault_receiver(made.id).await.unwrap().received_count == 0 {
        assert!(!matches!(changes.next().await, Feed::Closed));
    }
    let answered = async {
        workbench.stopping().await;
        clock.advance(std::time::Duration::from_millis(2500));
    };
    tokio::join!(workbench.shutdown(), answered);

    let store = Store::open(folder.path(), START, OpenOptions::default()).await.unwrap();
    let outcomes: Vec<_> =
        store.attempts().of(sent).await.unwrap().into_iter().map(|attempt| attempt.outcome).collect();
    assert_eq!(outcomes, [Outcome::Delivered]);
    store.shutdown().await;
}

async fn trial_of(workbench: &Workbench, endpoint: EndpointId) -> EndpointId {
    let receiver = FaultReceiverDraft { trial_of: Some(endpoint), ..FaultReceiverDraft::default() };
    workbench.create_fault_receiver(receiver).await.unwrap().trial.unwrap().endpoint
}

#[tokio::test]
async fn a_trial_is_led_nowhere_else_and_subscribes_to_nothing() {
    let (_folder, workbench, endpoint, _) = on_trial(&ManualClock::new(START)).await;
    let trial = trial_of(&workbench, endpoint.id).await;
    let before = workbench.endpoint(trial).await.unwrap();
    let elsewhere = EndpointEdit { url: Some("http://127.0.0.1:9/".to_owned()), ..EndpointEdit::default() };
    let to_all = EndpointEdit { enabled_events: Some(vec!["*".to_owned()]), ..EndpointEdit::default() };
    for edit in [elsewhere, to_all] {
        let refused = workbench.edit_endpoint(trial, edit).await.unwrap_err().to_string();
        assert!(refused.contains("edit the endpoint that it is a trial of"), "{refused}");
        assert!(refused.contains(&endpoint.id.to_string()), "{refused}");
    }
    let now = workbench.endpoint(trial).await.unwrap();
    assert_eq!((now.url, now.enabled_events), (before.url.clone(), before.enabled_events));
    // The rest of it may be changed, where it points may be repeated.
    let same = EndpointEdit {
        url: Some(before.url.to_string()),
        name: Some("Other".to_owned()),
        ..EndpointEdit::default()
    };
    assert_eq!(workbench.edit_endpoint(trial, same).await.unwrap().endpoint.name, "Other");
    workbench.shutdown().await;
}

#[tokio::test]
async fn a_trial_signs_with_the_secrets_that_its_endpoint_has_now() {
    let folder = tempfile::tempdir().unwrap();
    let workbench = Workbench::open(options(folder.path(), &ManualClock::new(START))).await.unwrap();
    let draft = EndpointDraft { url: "http://127.0.0.1:9/hook".to_owned(), ..EndpointDraft::default() };
    let endpoint = workbench.create_endpoint(draft).await.unwrap().id;
    let trial = trial_of(&workbench, endpoint).await;
    let alike = async || {
        let of = workbench.endpoint(endpoint).await.unwrap();
        assert_eq!(workbench.endpoint(trial).await.unwrap().secrets_at(START), of.secrets_at(START));
        of.secrets_at(START).len()
    };
    assert_eq!(alike().await, 1);
    workbench.rotate_secret(endpoint, 60_000, None, None).await.unwrap();
    assert_eq!(alike().await, 2);
    let newest = workbench.endpoint_secrets(endpoint).await.unwrap().remove(0);
    workbench.remove_endpoint_secret(endpoint, &newest.id).await.unwrap();
    assert_eq!(alike().await, 1);
    workbench.shutdown().await;
}
