//! Replays: at their pace, held, through restarts, exact or signed anew.

use std::time::Duration;

use hookbench_model::{
    CapturedRequest, ManualClock, Replay, ReplayId, ReplayStatus, RequestFilter, SignMode,
};
use hookbench_store::WriteGate;
use hookbench_workbench::{
    EventDraft, InboxDraft, OpenOptions, Options, ReplayDraft, RequestImportDraft, Workbench, whole,
};

use crate::bench::{START, captured, options, pair};

async fn send(workbench: &Workbench, count: usize) -> Vec<String> {
    let draft = EventDraft { event_type: Some("domain.verified".to_owned()), ..EventDraft::default() };
    let mut ids = Vec::new();
    for _ in 0..count {
        let accepted = workbench.send_event(draft.clone(), |_| None).await.unwrap();
        ids.push(accepted.deliveries[0].id.to_string());
    }
    captured(workbench, count).await;
    ids
}

async fn until(workbench: &Workbench, id: ReplayId, holds: impl Fn(&Replay) -> bool) -> Replay {
    let mut changes = workbench.changes().subscribe();
    loop {
        let replay = workbench.replay(id).await.unwrap();
        if holds(&replay) {
            return replay;
        }
        changes.next().await;
    }
}

#[tokio::test]
async fn a_selection_is_previewed_and_then_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::new(START);
    let workbench = Workbench::open(options(folder.path(), &clock)).await.unwrap();
    let (_, endpoint) = pair(&workbench, "one").await;
    let ids = send(&workbench, 3).await;
    let draft = ReplayDraft {
        ids: Some(ids.clone()),
        reason: Some("asked for".to_owned()),
        ..ReplayDraft::default()
    };
    let plan = workbench.preview_replay(draft.clone()).await.unwrap();
    assert_eq!((plan.total, plan.targets.len(), plan.targets[0].count), (3, 1, 3));
    assert_eq!(plan.targets[0].endpoint_id, Some(endpoint.id));
    assert_eq!(plan.first_ids, ids);

    let replay = workbench.create_replay(draft).await.unwrap();
    let arrived = captured(&workbench, 6).await;
    let replay = until(&workbench, replay.id, |replay| replay.status == ReplayStatus::Completed).await;
    assert_eq!((replay.progress.total, replay.progress.delivered), (3, 3));
    let (delivery, _) = arrived[0].delivery.unwrap();
    let seen = workbench.delivery(delivery).await.unwrap().delivery;
    assert_eq!(seen.replay_id, Some(replay.id));
    assert!(ids.contains(&seen.repeats_delivery.unwrap().to_string()));
    let over = workbench.pause_replay(replay.id).await.unwrap_err().to_string();
    assert!(over.contains("completed"), "{over}");
    workbench.shutdown().await;
}

#[tokio::test]
async fn a_replay_that_a_full_disk_kept_back_goes_on_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let (clock, full) = (ManualClock::new(START), WriteGate::default());
    let usual = options(folder.path(), &clock);
    let store = OpenOptions { gate: Some(full.clone()), ..usual.store };
    let workbench = Workbench::open(Options { store, ..usual }).await.unwrap();
    pair(&workbench, "one").await;
    let ids = send(&workbench, 2).await;
    let draft = ReplayDraft { ids: Some(ids), per_second: Some(2.0), ..ReplayDraft::default() };
    let id = workbench.create_replay(draft).await.unwrap().id;
    until(&workbench, id, |replay| replay.progress.delivered == 1).await;
    full.fill();
    clock.advance(Duration::from_secs(1));
    while !full.has_refused() {
        tokio::task::yield_now().await;
    }
    full.make_room();
    let replay = until(&workbench, id, |replay| replay.status == ReplayStatus::Completed).await;
    assert_eq!(replay.progress.delivered, 2);
    workbench.shutdown().await;
}

#[tokio::test]
async fn a_pace_is_kept_and_a_held_replay_goes_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::new(START);
    let workbench = Workbench::open(options(folder.path(), &clock)).await.unwrap();
    pair(&workbench, "paced").await;
    let ids = send(&workbench, 4).await;
    let draft = ReplayDraft { ids: Some(ids), per_second: Some(2.0), ..ReplayDraft::default() };
    let id = workbench.create_replay(draft).await.unwrap().id;
    // The clock stands still, so one goes out and no more.
    captured(&workbench, 5).await;
    assert_eq!(until(&workbench, id, |replay| replay.progress.delivered == 1).await.progress.waiting, 3);
    while workbench.replay(id).await.unwrap().progress.waiting == 3 {
        clock.advance(Duration::from_millis(100));
        tokio::task::yield_now().await;
    }
    workbench.pause_replay(id).await.unwrap();
    let held = workbench.replay(id).await.unwrap().progress.waiting;
    assert!(held >= 1);
    let capture = workbench.capture_address();
    workbench.shutdown().await;

    let same = Options { capture, ..options(folder.path(), &clock) };
    let workbench = Workbench::open(same).await.unwrap();
    clock.advance(Duration::from_mins(1));
    assert_eq!(workbench.replay(id).await.unwrap().progress.waiting, held);
    workbench.resume_replay(id).await.unwrap();
    while workbench.replay(id).await.unwrap().progress.waiting > 0 {
        clock.advance(Duration::from_millis(100));
        tokio::task::yield_now().await;
    }
    let replay = until(&workbench, id, |replay| replay.status == ReplayStatus::Completed).await;
    assert_eq!(replay.progress.delivered, 4, "{replay:?}");
    workbench.shutdown().await;
}

#[tokio::test]
async fn an_exact_replay_carries_the_old_signature_to_another_place() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::new(START);
    let workbench = Workbench::open(options(folder.path(), &clock)).await.unwrap();
    pair(&workbench, "first").await;
    let other = InboxDraft { slug: Some("other".to_owned()), ..InboxDraft::default() };
    let other = workbench.create_inbox(other).await.unwrap();
    let ids = send(&workbench, 1).await;
    let original = captured(&workbench, 1).await.remove(0);
    clock.advance(Duration::from_hours(1));
    let draft = ReplayDraft {
        ids: Some(ids),
        target_url: Some(other.url.clone()),
        resign: Some(SignMode::Exact),
        ..ReplayDraft::default()
    };
    workbench.create_replay(draft).await.unwrap();
    let newest = captured(&workbench, 2).await.remove(0);
    assert_eq!(newest.inbox_id, other.inbox.id);
    assert_eq!(newest.headers.get("pulsewave-signature"), original.headers.get("pulsewave-signature"));

    // A captured request is replayed too, to an endpoint or a URL.
    let draft = ReplayDraft {
        ids: Some(vec![newest.id.to_string()]),
        target_url: Some(other.url),
        resign: Some(SignMode::Exact),
        ..ReplayDraft::default()
    };
    workbench.create_replay(draft).await.unwrap();
    let again = captured(&workbench, 3).await.remove(0);
    assert_eq!(again.headers.get("pulsewave-signature"), original.headers.get("pulsewave-signature"));
    assert_eq!(again.body_size, original.body_size);
    workbench.shutdown().await;
}

#[tokio::test]
async fn a_cancelled_replay_makes_nothing_more() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::new(START);
    let workbench = Workbench::open(options(folder.path(), &clock)).await.unwrap();
    pair(&workbench, "stop").await;
    let ids = send(&workbench, 3).await;
    let draft = ReplayDraft { ids: Some(ids), per_second: Some(1.0), ..ReplayDraft::default() };
    let id = workbench.create_replay(draft).await.unwrap().id;
    captured(&workbench, 4).await;
    workbench.cancel_replay(id).await.unwrap();
    clock.advance(Duration::from_secs(10));
    // Another delivery passes through the whole engine; the cancelled replay adds nothing meanwhile.
    send(&workbench, 1).await;
    assert_eq!(captured(&workbench, 5).await.len(), 5);
    assert_eq!(workbench.replay(id).await.unwrap().status, ReplayStatus::Cancelled);
    workbench.shutdown().await;
}

#[tokio::test]
async fn a_slow_replay_does_not_hold_up_another() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::new(START);
    let workbench = Workbench::open(options(folder.path(), &clock)).await.unwrap();
    pair(&workbench, "both").await;
    let ids = send(&workbench, 2).await;
    // One delivery a second or two, on a clock that stands still.
    let slow = ReplayDraft { ids: Some(ids.clone()), per_second: Some(0.5), ..ReplayDraft::default() };
    let slow = workbench.create_replay(slow).await.unwrap().id;
    captured(&workbench, 3).await;
    let quick = ReplayDraft { ids: Some(ids), ..ReplayDraft::default() };
    let quick = workbench.create_replay(quick).await.unwrap().id;
    until(&workbench, quick, |replay| replay.status == ReplayStatus::Completed).await;
    assert_eq!(workbench.replay(slow).await.unwrap().progress.waiting, 1);
    workbench.shutdown().await;
}

#[tokio::test]
async fn what_was_captured_is_repeated_as_far_apart_as_it_came() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::new(START);
    let workbench = Workbench::open(options(folder.path(), &clock)).await.unwrap();
    let (inbox, _) = pair(&workbench, "apart").await;
    let lines: String = [0, 10, 40]
        .map(|seconds| {
            let at = START.plus_ms(-100_000 + seconds * 1000);
            format!("{{\"method\":\"POST\",\"url\":\"http://a/\",\"received_at\":\"{at}\",\"body\":\"{seconds}\"}}\n")
        })
        .concat();
    workbench.import_requests(RequestImportDraft::default(), whole(lines)).await.unwrap();
    let ids: Vec<String> =
        captured(&workbench, 3).await.iter().map(|request| request.id.to_string()).collect();
    let draft = ReplayDraft {
        ids: Some(ids),
        gaps: Some(true),
        gap_factor: Some(0.5),
        target_url: Some(inbox.url.clone()),
        ..ReplayDraft::default()
    };
    let both = ReplayDraft { per_second: Some(1.0), ..draft.clone() };
    assert!(workbench.create_replay(both).await.unwrap_err().to_string().contains("gaps"));
    assert_eq!(workbench.preview_replay(draft.clone()).await.unwrap().lasts_ms, Some(20_000));
    let id = workbench.create_replay(draft).await.unwrap().id;
    // 0, 5 and 20 seconds after the first.
    let made = |count: u64| move |replay: &Replay| replay.progress.delivered == count;
    until(&workbench, id, made(1)).await;
    assert_eq!(workbench.replay(id).await.unwrap().progress.waiting, 2);
    clock.advance(Duration::from_secs(5));
    until(&workbench, id, made(2)).await;
    clock.advance(Duration::from_millis(14_999));
    // Another delivery passes through the whole engine; the last of the replay still waits.
    send(&workbench, 1).await;
    captured(&workbench, 6).await;
    assert_eq!(workbench.replay(id).await.unwrap().progress.waiting, 1);
    clock.advance(Duration::from_millis(1));
    until(&workbench, id, |replay| replay.status == ReplayStatus::Completed).await;
    workbench.shutdown().await;
}

/// A person may want just what broke off: it goes out as far as it came, and that is said before.
#[tokio::test]
async fn a_dry_run_says_how_many_are_broken() {
    const FAULT: &str = r#","headers":[["Content-Length","10"]],
        "fault":{"code":"body_broken_off","message":"It broke off.","at":null}"#;
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::new(START);
    let workbench = Workbench::open(options(folder.path(), &clock)).await.unwrap();
    let (inbox, _) = pair(&workbench, "broken").await;
    let fault = FAULT.replace('\n', " ");
    let line = |more: &str| format!("{{\"method\":\"POST\",\"url\":\"http://a/\",\"body\":\"abc\"{more}}}\n");
    let lines = ["", fault.as_str(), fault.as_str()].map(line).concat();
    workbench.import_requests(RequestImportDraft::default(), whole(lines)).await.unwrap();
    let all = captured(&workbench, 3).await;
    let named = |holds: fn(&CapturedRequest) -> bool| {
        let ids = all.iter().filter(|request| holds(request)).map(|request| request.id.to_string());
        ReplayDraft {
            ids: Some(ids.collect()),
            target_url: Some(inbox.url.clone()),
            ..ReplayDraft::default()
        }
    };
    let of = async |draft: ReplayDraft| workbench.preview_replay(draft).await.unwrap().notes;
    let matching =
        ReplayDraft { ids: None, request_filter: Some(RequestFilter::default()), ..named(|_| true) };
    let some = ["2 of 3 are broken: what came of them is sent as if it were whole."];
    assert_eq!(of(named(|_| true)).await, some);
    assert_eq!(of(matching).await, some);
    assert!(of(named(|request| request.fault.is_none())).await.is_empty());
    let broken = named(|request| request.fault.is_some());
    assert_eq!(
        of(broken.clone()).await,
        ["All 2 are broken: what came of them is sent as if it were whole."]
    );

    workbench.create_replay(broken).await.unwrap();
    let newest = captured(&workbench, 5).await.remove(0);
    assert_eq!((newest.body_size, newest.fault), (3, None));
    assert_eq!(newest.headers.get_str("content-length"), Some("3"));
    workbench.shutdown().await;
}
