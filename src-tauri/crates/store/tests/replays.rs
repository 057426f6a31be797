//! Replays, the overview's counts, and retention.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

mod support;

use bytes::Bytes;
use hookbench_model::{
    DeliveryFilter, DeliveryId, DeliveryStatus, Outcome, PageRequest, Replay, ReplayId, ReplayItem,
    ReplayProgress, ReplaySource, ReplayStatus, RequestFilter, Resign, Reveal, RevealedPart, Settings,
    Timestamp, Trigger,
};
use hookbench_store::{IdempotencyRecord, Next, Purged, Repeat, ReplayWork, Store, StoreError};
use support::*;

fn replay(source: ReplaySource) -> Replay {
    Replay {
        id: ReplayId::new(NOW),
        source,
        target_url: Some("http://localhost:7/x".parse().unwrap()),
        target_endpoint: None,
        resign: Resign::Exact,
        per_second: Some(2.5),
        gaps: None,
        reason: "The receiver was down.".to_owned(),
        status: ReplayStatus::Running,
        progress: ReplayProgress::default(),
        created_at: NOW,
        completed_at: None,
    }
}

/// The work that repeats a delivery at the endpoint that it went to.
async fn again(store: &Store, replay: &Replay, original: DeliveryId) -> Repeat {
    let known = store.deliveries().get(original).await.unwrap().unwrap();
    let mut new = delivery(NOW, known.target.clone());
    (new.trigger, new.replay_id) = (Trigger::Replay, Some(replay.id));
    new.repeats_delivery = Some(original);
    Repeat::Existing(known.event_id, new)
}

#[tokio::test]
async fn a_replay_takes_its_items_and_counts_its_progress() {
    let (_folder, store) = store().await;
    let one = store.endpoints().create(endpoint("one")).await.unwrap();
    let two = store.endpoints().create(endpoint("two")).await.unwrap();
    let mut failed = Vec::new();
    for number in 0..5 {
        let endpoint = if number < 3 { &one } else { &two };
        failed.push(send(&store, NOW.plus_ms(number), endpoint, "a.b").await);
    }
    let at = NOW.plus_ms(100);
    assert_eq!(work(&store, at, Outcome::Timeout, failing(at)).await, 5);
    send(&store, NOW.plus_ms(9), &one, "a.b").await;
    let filter = DeliveryFilter { statuses: vec![DeliveryStatus::Failed], ..DeliveryFilter::default() };
    let source = ReplaySource::Deliveries(filter);

    let preview = store.replays().preview(&source).await.unwrap();
    assert_eq!(preview.total, 5);
    let targets: Vec<_> = preview.by_endpoint.iter().map(|known| (known.endpoint_id, known.count)).collect();
    assert_eq!(targets, [(Some(one.id), 3), (Some(two.id), 2)]);

    let made = store.replays().create(replay(source.clone())).await.unwrap();
    assert_eq!(made.progress, ReplayProgress { total: 5, waiting: 5, ..ReplayProgress::default() });
    assert_eq!((made.source.clone(), made.per_second, made.resign), (source, Some(2.5), Resign::Exact));
    let items = store.replays().waiting_items(made.id, 100).await.unwrap();
    assert!(items.iter().map(|known| known.item).eq(failed.iter().map(|id| ReplayItem::Delivery(*id))));
    assert!(items.iter().map(|known| known.position).eq(0..5));

    store.endpoints().delete(two.id, at).await.unwrap();
    let mut work_list = vec![(2, ReplayWork::Skipped)];
    for position in [0, 1, 3] {
        let repeat = again(&store, &made, failed[usize::try_from(position).unwrap()]).await;
        work_list.push((position, ReplayWork::Made(repeat)));
    }
    assert_eq!(store.replays().made(made.id, work_list.clone()).await.unwrap(), 4);
    assert_eq!(store.replays().made(made.id, work_list).await.unwrap(), 0, "a repeated call does nothing");
    let known = store.replays().get(made.id).await.unwrap().unwrap();
    let progress =
        ReplayProgress { total: 5, waiting: 1, under_way: 2, skipped: 2, ..ReplayProgress::default() };
    assert_eq!(known.progress, progress, "an endpoint that is gone is left out");
    let of_replay = DeliveryFilter { replay_id: Some(made.id), ..DeliveryFilter::default() };
    let page = store.deliveries().list(&of_replay, PageRequest::first(10)).await.unwrap();
    assert_eq!(page.rows.len(), 2);
    assert_eq!((page.rows[1].repeats_delivery, page.rows[1].trigger), (Some(failed[0]), Trigger::Replay));

    let claimed = store.deliveries().claim_due(at, 10, &[]).await.unwrap();
    for claimed in claimed.iter().filter(|claimed| claimed.delivery.replay_id.is_some()) {
        let done = finish(claimed, at, Outcome::Delivered, Next::Delivered { at });
        store.deliveries().finish(done).await.unwrap();
    }
    let done = store.replays().set_status(made.id, ReplayStatus::Completed, at).await.unwrap();
    assert_eq!((done.progress.delivered, done.progress.under_way), (2, 0));
    assert_eq!(done.completed_at, Some(at));
    let error = store.replays().set_status(made.id, ReplayStatus::Running, at).await.unwrap_err();
    assert!(matches!(error, StoreError::WrongState { status: "completed", .. }), "{error}");
    assert!(store.replays().unfinished().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_paused_replay_makes_nothing_and_survives_a_restart() {
    let (folder, store) = store().await;
    let one = store.endpoints().create(endpoint("one")).await.unwrap();
    let original = send(&store, NOW, &one, "a.b").await;
    let gone = DeliveryId::new(NOW);
    let source = ReplaySource::DeliveryIds(vec![original, gone, original]);
    assert_eq!(store.replays().preview(&source).await.unwrap().total, 1);
    let made = store.replays().create(replay(source)).await.unwrap();
    assert_eq!(made.progress.total, 1);
    store.replays().set_status(made.id, ReplayStatus::Paused, NOW).await.unwrap();
    let work = vec![(0, ReplayWork::Made(again(&store, &made, original).await))];
    assert_eq!(store.replays().made(made.id, work.clone()).await.unwrap(), 0);
    store.shutdown().await;

    let store = open(folder.path()).await;
    let known = store.replays().unfinished().await.unwrap();
    assert_eq!(
        known.iter().map(|known| (known.id, known.status)).collect::<Vec<_>>(),
        [(made.id, ReplayStatus::Paused)]
    );
    store.replays().set_status(made.id, ReplayStatus::Running, NOW).await.unwrap();
    assert_eq!(store.replays().made(made.id, work).await.unwrap(), 1);
    let page = store.replays().list(PageRequest::first(5)).await.unwrap();
    assert_eq!((page.rows.len(), page.next), (1, None));
}

#[tokio::test]
async fn captured_requests_are_replayed_as_new_events() {
    let (_folder, store) = store().await;
    let inbox = store.inboxes().create(inbox("in")).await.unwrap();
    let given = request(NOW, &inbox, b"{}");
    store.requests().capture(given.clone(), Bytes::from_static(b"{}")).await.unwrap();
    let source = ReplaySource::Requests(RequestFilter::default());
    let preview = store.replays().preview(&source).await.unwrap();
    assert_eq!((preview.total, preview.by_endpoint[0].endpoint_id), (1, None));
    let made = store.replays().create(replay(source)).await.unwrap();
    let items = store.replays().waiting_items(made.id, 9).await.unwrap();
    assert_eq!(items[0].item, ReplayItem::Request(given.id));
    let target = hookbench_model::DeliveryTarget::Url("http://localhost:1/".parse().unwrap());
    let mut new = delivery(NOW, target);
    (new.replay_id, new.repeats_request) = (Some(made.id), Some(given.id));
    let repeat = Repeat::New(Box::new(event(NOW, "a.b", b"{}")), new.clone());
    assert_eq!(store.replays().made(made.id, vec![(0, ReplayWork::Made(repeat))]).await.unwrap(), 1);
    let known = store.deliveries().get(new.id).await.unwrap().unwrap();
    assert_eq!((known.repeats_request, known.replay_id), (Some(given.id), Some(made.id)));
}

#[tokio::test]
async fn repeats_are_written_all_or_none() {
    let (_folder, store) = store().await;
    let one = store.endpoints().create(endpoint("one")).await.unwrap();
    let good = Repeat::New(Box::new(event(NOW, "a.b", b"1")), delivery(NOW, to(&one)));
    let bad = Repeat::Existing(hookbench_model::EventId::new(NOW), delivery(NOW, to(&one)));
    let error = store.deliveries().create_many(vec![good.clone(), bad]).await.unwrap_err();
    assert!(matches!(error, StoreError::NotFound { .. }), "{error}");
    assert_eq!(store.deliveries().count(&DeliveryFilter::default()).await.unwrap(), 0);
    store.deliveries().create_many(vec![good]).await.unwrap();
    assert_eq!(store.deliveries().count(&DeliveryFilter::default()).await.unwrap(), 1);
}

#[tokio::test]
async fn the_overview_counts_what_happened_and_what_is_under_way() {
    let (_folder, store) = store().await;
    let one = store.endpoints().create(endpoint("one")).await.unwrap();
    let two = store.endpoints().create(endpoint("two")).await.unwrap();
    let minute = |count: i64| NOW.plus_ms(60_000 * count);
    for _ in 0..3 {
        send(&store, NOW, &one, "a.b").await;
    }
    assert_eq!(work(&store, minute(1), Outcome::Delivered, Next::Delivered { at: minute(1) }).await, 3);
    send(&store, NOW, &two, "a.b").await;
    work(&store, minute(1), Outcome::Timeout, Next::Retry { at: minute(2) }).await;
    work(&store, minute(2), Outcome::HttpError, failing(minute(2))).await;
    let next = minute(30);
    send(&store, next, &two, "a.b").await;
    let inbox = store.inboxes().create(inbox("in")).await.unwrap();
    let mut given = request(NOW, &inbox, b"");
    store.requests().capture(given.clone(), Bytes::new()).await.unwrap();
    given.id = hookbench_model::RequestId::new(NOW);
    given.verification.status = hookbench_model::VerificationStatus::Invalid;
    store.requests().capture(given, Bytes::new()).await.unwrap();

    let stats = store.stats().read(NOW.plus_ms(30_000), minute(10), 61_000).await.unwrap();
    assert_eq!((stats.since, stats.bucket_ms), (NOW, 120_000), "whole minutes");
    assert_eq!(stats.buckets.len(), 5);
    assert_eq!(stats.buckets[0].counts, [(Outcome::Delivered, 3), (Outcome::Timeout, 1)]);
    assert_eq!(
        (stats.buckets[1].start, stats.buckets[1].counts.clone()),
        (minute(2), vec![(Outcome::HttpError, 1)])
    );
    assert_eq!(stats.counts, [(Outcome::Delivered, 3), (Outcome::HttpError, 1), (Outcome::Timeout, 1)]);
    assert_eq!((stats.captured, stats.captured_invalid), (2, 1));
    assert_eq!((stats.failed, stats.due, stats.in_flight, stats.retrying, stats.paused), (1, 1, 0, 0, 0));
    assert_eq!(stats.next_attempt_at, Some(next));
    let latency = stats.latency.unwrap();
    assert!((24..=27).contains(&latency.p50_ms) && latency.p50_ms == latency.p99_ms, "{latency:?}");
    assert_eq!(stats.endpoints.iter().map(|known| known.endpoint_id).collect::<Vec<_>>(), [two.id, one.id]);
    assert_eq!((stats.endpoints[0].failed, stats.endpoints[0].waiting), (1, 1));
    let long = store.stats().read(Timestamp::EPOCH, NOW, 1).await.unwrap();
    assert!(long.buckets.len() <= 1000);
    assert_eq!(long.latency, None);
}

#[tokio::test]
async fn retention_removes_what_is_too_old_or_too_much_and_nothing_else() {
    let (_folder, store) = store().await;
    let day = 24 * 3_600_000;
    let (old, now) = (NOW.plus_ms(-10 * day), NOW);
    let mut aged = inbox("aged");
    aged.retention.max_age_ms = Some(u64::try_from(day).unwrap());
    let mut counted = inbox("counted");
    counted.retention.max_requests = Some(3);
    let kept = inbox("kept");
    for inbox in [&aged, &counted, &kept] {
        store.inboxes().create(inbox.clone()).await.unwrap();
        for number in 0..6 {
            let mut given = request(if number < 4 { old } else { now }, inbox, b"x");
            given.pinned = number == 0;
            store.requests().capture(given, Bytes::from_static(b"x")).await.unwrap();
        }
    }
    let one = store.endpoints().create(endpoint("one")).await.unwrap();
    let ended = send(&store, old, &one, "a.b").await;
    work(&store, old, Outcome::Delivered, Next::Delivered { at: old }).await;
    let waiting = send(&store, old, &one, "a.b").await;
    let recent = send(&store, now, &one, "a.b").await;
    let record = IdempotencyRecord {
        key: "k".to_owned(),
        scope: "s".to_owned(),
        fingerprint: Vec::new(),
        status: 200,
        response: Vec::new(),
        holds_secret: false,
        created_at: old,
    };
    store.idempotency().put(record).await.unwrap();
    let settings = Settings { delivery_max_age_ms: Some(u64::try_from(day).unwrap()), ..Settings::default() };
    store.settings().put(settings).await.unwrap();

    let purged = store.maintenance().purge(now).await.unwrap();
    assert_eq!(purged, Purged { requests: 3 + 2, deliveries: 1, events: 1, replays: 0, idempotency: 1 });
    for (inbox, count) in [(&aged, 3), (&counted, 4), (&kept, 6)] {
        let filter = RequestFilter { inbox_id: Some(inbox.id), ..RequestFilter::default() };
        assert_eq!(store.requests().count(&filter).await.unwrap(), count, "{}", inbox.name);
    }
    assert!(store.deliveries().get(ended).await.unwrap().is_none());
    assert!(store.attempts().of(ended).await.unwrap().is_empty());
    for id in [waiting, recent] {
        assert!(store.deliveries().get(id).await.unwrap().is_some());
    }
    assert_eq!(store.maintenance().purge(now).await.unwrap(), Purged::default());
}

#[tokio::test]
async fn room_that_was_freed_goes_back_to_the_file_system() {
    let (folder, store) = store().await;
    let inbox = store.inboxes().create(inbox("in")).await.unwrap();
    let body = Bytes::from(vec![b'x'; 1 << 20]);
    for _ in 0..20 {
        store.requests().capture(request(NOW, &inbox, &body), body.clone()).await.unwrap();
    }
    store.inboxes().delete(inbox.id).await.unwrap();
    store.maintenance().optimize().await.unwrap();
    store.shutdown().await;
    let size = std::fs::metadata(folder.path().join("hookbench.db")).unwrap().len();
    assert!(size < 4 << 20, "{size}");
}

#[tokio::test]
async fn reveals_are_logged() {
    let (_folder, store) = store().await;
    let one = store.endpoints().create(endpoint("one")).await.unwrap();
    let looks = [(NOW, RevealedPart::Secret), (NOW.plus_ms(5), RevealedPart::Headers)];
    for (at, what) in looks {
        store.endpoints().log_reveal(one.id, what, at).await.unwrap();
    }
    let logged = looks.map(|(at, what)| Reveal { at, what });
    assert_eq!(store.endpoints().reveals(one.id).await.unwrap(), [logged[1], logged[0]]);
    let error = store.endpoints().log_reveal(endpoint("no").id, RevealedPart::Secret, NOW).await.unwrap_err();
    assert!(matches!(error, StoreError::NotFound { .. }), "{error}");
}

#[tokio::test]
async fn edits_keep_what_is_not_theirs() {
    let (_folder, store) = store().await;
    let one = store.endpoints().create(endpoint("one")).await.unwrap();
    store.endpoints().disable(one.id, NOW, "By hand.".to_owned()).await.unwrap();
    let edited = store
        .endpoints()
        .update(one.id, NOW.plus_ms(5), |endpoint| {
            endpoint.name = "renamed".to_owned();
            endpoint.status = hookbench_model::EndpointStatus::Enabled;
            endpoint.consecutive_failures = 99;
            endpoint.secrets.clear();
        })
        .await
        .unwrap();
    assert_eq!((edited.name.as_str(), edited.consecutive_failures), ("renamed", 0));
    assert_eq!(edited.disabled_reason.as_deref(), Some("By hand."));
    assert_eq!(edited.updated_at, NOW.plus_ms(5));
    let kept = store.endpoints().get(one.id).await.unwrap().unwrap();
    assert_eq!(format!("{kept:?}"), format!("{edited:?}"));
    let page = store.endpoints().list(PageRequest::first(5)).await.unwrap();
    assert_eq!((page.rows[0].name.as_str(), page.next), ("renamed", None));
}

#[tokio::test]
async fn a_delivery_shows_what_our_own_inbox_captured_of_it() {
    let (_folder, store) = store().await;
    let one = store.endpoints().create(endpoint("one")).await.unwrap();
    let inbox = store.inboxes().create(inbox("in")).await.unwrap();
    let id = send(&store, NOW, &one, "a.b").await;
    work(&store, NOW, Outcome::Delivered, Next::Delivered { at: NOW }).await;
    let mut given = request(NOW, &inbox, b"");
    given.delivery = Some((id, 1));
    store.requests().capture(given.clone(), Bytes::new()).await.unwrap();
    assert_eq!(store.attempts().get(id, 1).await.unwrap().unwrap().captured_as, Some(given.id));
    let filter = RequestFilter { q: Some(id.to_string()), ..RequestFilter::default() };
    assert_eq!(store.requests().count(&filter).await.unwrap(), 1);
}

#[tokio::test]
async fn events_are_listed_without_their_payloads() {
    let (_folder, store) = store().await;
    let one = store.endpoints().create(endpoint("one")).await.unwrap();
    send(&store, NOW, &one, "message.sent").await;
    send(&store, NOW.plus_ms(1), &one, "user.made").await;
    let filter = hookbench_model::EventFilter {
        event_type: Some("message.*".parse().unwrap()),
        ..hookbench_model::EventFilter::default()
    };
    let page = store.events().list(filter, PageRequest::first(9)).await.unwrap();
    assert_eq!(page.rows.len(), 1);
    assert_eq!((page.rows[0].payload_size, page.rows[0].deliveries), (7, 1));
    assert!(page.rows[0].event.payload.is_empty());
    let everything =
        store.events().list(hookbench_model::EventFilter::default(), PageRequest::first(1)).await.unwrap();
    assert_eq!(everything.rows[0].event.event_type, "user.made");
    assert_eq!(everything.next, Some(everything.rows[0].event.id));
}
