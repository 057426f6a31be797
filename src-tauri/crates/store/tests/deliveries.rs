//! Deliveries from acceptance to their end.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

mod support;

use std::collections::HashSet;

use bytes::Bytes;
use hookbench_model::{DeliveryStatus, DeliveryTarget, EndpointStatus, Outcome, Trigger};
use hookbench_store::{EndpointEffect, IdempotencyRecord, Next, Room, Spread, StoreError};
use support::*;

#[tokio::test]
async fn an_event_and_its_deliveries_are_kept_whole() {
    let (_folder, store) = store().await;
    let endpoint = store.endpoints().create(endpoint("one")).await.unwrap();
    let mut sent = event(NOW, "message.sent", b"\xff\x00{not json");
    sent.request.path = Some("/x".to_owned());
    sent.request.headers.push("X-Odd", Bytes::from_static(b"\xfe"));
    let plain = DeliveryTarget::Url("http://localhost:1/plain".parse().unwrap());
    let elsewhere = DeliveryTarget::EndpointAt(endpoint.id, "http://localhost:2/".parse().unwrap());
    let targets = [to(&endpoint), plain, elsewhere];
    let new = targets.iter().map(|target| delivery(NOW, target.clone())).collect();
    store.events().create(sent.clone(), new, None).await.unwrap();

    let kept = store.events().get(sent.id).await.unwrap().unwrap();
    assert_eq!(kept.payload, sent.payload);
    assert_eq!(kept.request, sent.request);
    assert_eq!((&kept.provider_event_id, kept.created_at), (&sent.provider_event_id, NOW));
    assert_eq!(store.events().payload(sent.id).await.unwrap().unwrap(), sent.payload);
    let deliveries = store.deliveries().of_event(sent.id).await.unwrap();
    assert_eq!(deliveries.iter().map(|known| known.target.clone()).collect::<Vec<_>>(), targets);
    assert_eq!(
        deliveries.iter().map(|known| known.url.as_str()).collect::<Vec<_>>(),
        ["http://localhost:9/one", "http://localhost:1/plain", "http://localhost:2/"]
    );
    assert_eq!(deliveries[0].endpoint_name, "one");
    assert_eq!(deliveries[1].endpoint_name, "");
}

#[tokio::test]
async fn a_delivery_goes_its_way_and_is_logged() {
    let (_folder, store) = store().await;
    let endpoint = store.endpoints().create(endpoint("one")).await.unwrap();
    let id = send(&store, NOW, &endpoint, "message.sent").await;
    let deliveries = store.deliveries();
    assert_eq!(deliveries.next_due(&[]).await.unwrap(), Some(NOW));
    assert_eq!(deliveries.claim_due(NOW.plus_ms(-1), 9, &[]).await.unwrap().len(), 0, "not due yet");
    assert_eq!(deliveries.claim_due(NOW, 9, &[endpoint.id]).await.unwrap().len(), 0, "excepted");
    assert_eq!(deliveries.next_due(&[endpoint.id]).await.unwrap(), None);

    let claimed = deliveries.claim_due(NOW, 9, &[]).await.unwrap().pop().unwrap();
    assert_eq!((claimed.delivery.id, claimed.attempt_number), (id, 1));
    assert_eq!(&claimed.event.payload[..], br#"{"a":1}"#);
    assert_eq!(deliveries.claim_due(NOW, 9, &[]).await.unwrap().len(), 0, "claimed once");
    assert_eq!(deliveries.in_flight().await.unwrap().len(), 1);

    let at = NOW.plus_ms(60_000);
    let status =
        deliveries.finish(finish(&claimed, NOW, Outcome::HttpError, Next::Retry { at })).await.unwrap();
    assert_eq!(status, DeliveryStatus::Retrying);
    let known = deliveries.get(id).await.unwrap().unwrap();
    assert_eq!((known.status, known.attempt_count, known.automatic_attempts), (status, 1, 1));
    assert_eq!(known.next_attempt_at, Some(at));
    let last = known.last_attempt.unwrap();
    assert_eq!((last.number, last.outcome, last.response_status), (1, Outcome::HttpError, Some(500)));

    let claimed = deliveries.claim_due(at, 9, &[]).await.unwrap().pop().unwrap();
    assert_eq!(claimed.attempt_number, 2);
    let done = finish(&claimed, at, Outcome::Delivered, Next::Delivered { at });
    assert_eq!(deliveries.finish(done.clone()).await.unwrap(), DeliveryStatus::Delivered);
    assert_eq!(deliveries.get(id).await.unwrap().unwrap().completed_at, Some(at));
    let again = deliveries.finish(done).await.unwrap_err();
    assert!(matches!(again, StoreError::WrongState { status: "delivered", .. }), "{again}");

    let attempts = store.attempts().of(id).await.unwrap();
    assert_eq!(attempts.iter().map(|known| known.number).collect::<Vec<_>>(), [1, 2]);
    let kept = store.attempts().get(id, 1).await.unwrap().unwrap();
    let given = attempt(&claimed, NOW, Outcome::HttpError);
    assert_eq!(kept.timing, given.timing);
    assert_eq!(kept.request, given.request);
    assert_eq!(kept.response.unwrap().headers, given.response.unwrap().headers);
    assert_eq!(&store.attempts().response_body(id, 2).await.unwrap().unwrap()[..], b"\xffok");
    assert!(store.attempts().get(id, 3).await.unwrap().is_none());
    assert!(store.attempts().get(id, u32::MAX).await.unwrap().is_none());
}

#[tokio::test]
async fn an_attempt_without_request_and_response_is_kept_as_such() {
    let (_folder, store) = store().await;
    let endpoint = store.endpoints().create(endpoint("one")).await.unwrap();
    let id = send(&store, NOW, &endpoint, "message.sent").await;
    let claimed = store.deliveries().claim_due(NOW, 9, &[]).await.unwrap().pop().unwrap();
    let mut failed = finish(&claimed, NOW, Outcome::Blocked, failing(NOW));
    failed.attempt.request = None;
    store.deliveries().finish(failed).await.unwrap();
    let kept = store.attempts().get(id, 1).await.unwrap().unwrap();
    assert!(kept.request.is_none() && kept.response.is_none());
    assert_eq!(kept.outcome, Outcome::Blocked);
    assert_eq!(kept.error.as_deref(), Some("The receiver answered 500."));
    assert!(store.attempts().response_body(id, 1).await.unwrap().is_none());
}

#[tokio::test]
async fn an_attempt_that_is_not_the_next_one_is_refused() {
    let (_folder, store) = store().await;
    let endpoint = store.endpoints().create(endpoint("one")).await.unwrap();
    send(&store, NOW, &endpoint, "message.sent").await;
    let claimed = store.deliveries().claim_due(NOW, 9, &[]).await.unwrap().pop().unwrap();
    let mut wrong = finish(&claimed, NOW, Outcome::Delivered, Next::Delivered { at: NOW });
    wrong.attempt.number = 2;
    let error = store.deliveries().finish(wrong).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict { field: "number", .. }), "{error}");
    assert_eq!(store.deliveries().in_flight().await.unwrap().len(), 1);
}

#[tokio::test]
async fn two_ends_of_one_attempt_count_once() {
    let (_folder, store) = store().await;
    let endpoint = store.endpoints().create(endpoint("one")).await.unwrap();
    let id = send(&store, NOW, &endpoint, "message.sent").await;
    let claimed = store.deliveries().claim_due(NOW, 9, &[]).await.unwrap().pop().unwrap();
    let done = finish(&claimed, NOW, Outcome::Delivered, Next::Delivered { at: NOW });
    let deliveries = store.deliveries();
    let (one, two) = tokio::join!(deliveries.finish(done.clone()), deliveries.finish(done));
    assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1);
    assert_eq!(store.attempts().of(id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_endpoint_that_is_gone_refuses_only_its_own_event() {
    let (_folder, store) = store().await;
    let [kept, gone] = [endpoint("kept"), endpoint("gone")];
    store.endpoints().create(kept.clone()).await.unwrap();
    let (good, bad) = (event(NOW, "a.b", b"1"), event(NOW, "a.b", b"2"));
    let events = store.events();
    let (one, two) = tokio::join!(
        events.create(bad.clone(), vec![delivery(NOW, to(&gone))], None),
        events.create(good.clone(), vec![delivery(NOW, to(&kept))], None),
    );
    assert!(matches!(one, Err(StoreError::NotFound { .. })));
    two.unwrap();
    assert!(events.get(bad.id).await.unwrap().is_none());
    assert!(events.get(good.id).await.unwrap().is_some());
}

#[tokio::test]
async fn an_idempotency_key_holds_for_a_day() {
    let (_folder, store) = store().await;
    let record = |at| IdempotencyRecord {
        key: "k".to_owned(),
        scope: "POST /v1/events".to_owned(),
        fingerprint: vec![1, 2],
        status: 202,
        response: b"{}".to_vec(),
        holds_secret: false,
        created_at: at,
    };
    let events = store.events();
    let first = event(NOW, "a.b", b"1");
    events.create(first, Vec::new(), Some(record(NOW))).await.unwrap();
    let second = event(NOW, "a.b", b"2");
    let error = events.create(second.clone(), Vec::new(), Some(record(NOW.plus_ms(1)))).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict { field: "idempotency_key", .. }), "{error}");
    assert!(events.get(second.id).await.unwrap().is_none());
    let idempotency = store.idempotency();
    assert_eq!(idempotency.find("k", "POST /v1/events", NOW).await.unwrap(), Some(record(NOW)));
    assert_eq!(idempotency.find("k", "POST /v1/inboxes", NOW).await.unwrap(), None);
    let later = NOW.plus_ms(IdempotencyRecord::KEPT_MS);
    assert_eq!(idempotency.find("k", "POST /v1/events", later).await.unwrap(), None);
    idempotency.put(record(later)).await.unwrap();
    assert_eq!(idempotency.find("k", "POST /v1/events", later).await.unwrap(), Some(record(later)));
}

#[tokio::test]
async fn retry_and_cancel_hold_in_their_states_only() {
    let (_folder, store) = store().await;
    let endpoint = store.endpoints().create(endpoint("one")).await.unwrap();
    let deliveries = store.deliveries();
    let id = send(&store, NOW, &endpoint, "message.sent").await;
    let claimed = deliveries.claim_due(NOW, 9, &[]).await.unwrap().pop().unwrap();
    for error in
        [deliveries.retry_now(id, NOW).await.unwrap_err(), deliveries.cancel(id, NOW).await.unwrap_err()]
    {
        assert!(matches!(error, StoreError::WrongState { status: "in_flight", .. }), "{error}");
    }
    deliveries.finish(finish(&claimed, NOW, Outcome::Timeout, failing(NOW))).await.unwrap();
    let error = deliveries.cancel(id, NOW).await.unwrap_err();
    assert!(matches!(error, StoreError::WrongState { status: "failed", .. }), "{error}");

    let later = NOW.plus_ms(500);
    let retried = deliveries.retry_now(id, later).await.unwrap();
    assert_eq!((retried.status, retried.next_attempt_at), (DeliveryStatus::Retrying, Some(later)));
    assert_eq!((retried.trigger, retried.completed_at), (Trigger::Manual, None));
    let claimed = deliveries.claim_due(later, 9, &[]).await.unwrap().pop().unwrap();
    let done = finish(&claimed, later, Outcome::Delivered, Next::Delivered { at: later });
    deliveries.finish(done).await.unwrap();
    let known = deliveries.get(id).await.unwrap().unwrap();
    assert_eq!(
        (known.attempt_count, known.automatic_attempts),
        (2, 1),
        "a person's attempt is not the plan's"
    );

    let id = send(&store, NOW, &endpoint, "message.sent").await;
    let cancelled = deliveries.cancel(id, later).await.unwrap();
    assert_eq!((cancelled.status, cancelled.completed_at), (DeliveryStatus::Cancelled, Some(later)));
    assert_eq!(deliveries.claim_due(later, 9, &[]).await.unwrap().len(), 0);
    let error = deliveries.retry_now(hookbench_model::DeliveryId::new(NOW), NOW).await.unwrap_err();
    assert!(matches!(error, StoreError::NotFound { .. }), "{error}");
}

#[tokio::test]
async fn what_was_claimed_and_not_sent_goes_back_as_it_was() {
    let (_folder, store) = store().await;
    let endpoint = store.endpoints().create(endpoint("one")).await.unwrap();
    let id = send(&store, NOW, &endpoint, "message.sent").await;
    let deliveries = store.deliveries();
    deliveries.claim_due(NOW, 9, &[]).await.unwrap();
    deliveries.release(vec![id, hookbench_model::DeliveryId::new(NOW)], NOW).await.unwrap();
    let known = deliveries.get(id).await.unwrap().unwrap();
    assert_eq!((known.status, known.next_attempt_at), (DeliveryStatus::Pending, Some(NOW)));
    deliveries.release(vec![id], NOW.plus_ms(9)).await.unwrap();
    assert_eq!(deliveries.get(id).await.unwrap().unwrap().next_attempt_at, Some(NOW), "not in flight");
}

#[tokio::test]
async fn a_disabled_endpoint_keeps_its_deliveries_paused() {
    let (_folder, store) = store().await;
    let endpoint = store.endpoints().create(endpoint("one")).await.unwrap();
    let deliveries = store.deliveries();
    let waiting = send(&store, NOW, &endpoint, "a.b").await;
    let claimed = deliveries.claim_due(NOW, 9, &[]).await.unwrap().pop().unwrap();
    let later = NOW.plus_ms(3_600_000);
    let overdue = send(&store, NOW, &endpoint, "a.b").await;
    let disabled =
        store.endpoints().disable(endpoint.id, NOW, "Too many failures.".to_owned()).await.unwrap();
    assert_eq!((disabled.status, disabled.disabled_at), (EndpointStatus::Disabled, Some(NOW)));
    assert_eq!(disabled.disabled_reason.as_deref(), Some("Too many failures."));
    assert_eq!(deliveries.get(overdue).await.unwrap().unwrap().status, DeliveryStatus::Paused);
    let landed =
        deliveries.finish(finish(&claimed, NOW, Outcome::Timeout, Next::Retry { at: later })).await.unwrap();
    assert_eq!(landed, DeliveryStatus::Paused, "in flight while it was disabled");
    let new = send(&store, NOW, &endpoint, "a.b").await;
    assert_eq!(deliveries.get(new).await.unwrap().unwrap().status, DeliveryStatus::Paused);
    assert_eq!(deliveries.next_due(&[]).await.unwrap(), None);
    let error = deliveries.retry_now(waiting, NOW).await.unwrap_err();
    assert!(matches!(error, StoreError::WrongState { status: "disabled", .. }), "{error}");

    let back = NOW.plus_ms(60_000);
    let enabled = store.endpoints().enable(endpoint.id, back, Spread::Usual).await.unwrap().0;
    assert_eq!((enabled.status, enabled.disabled_reason), (EndpointStatus::Enabled, None));
    let due = |id| {
        let deliveries = store.deliveries();
        async move {
            let known = deliveries.get(id).await.unwrap().unwrap();
            (known.status, known.next_attempt_at)
        }
    };
    assert_eq!(due(waiting).await, (DeliveryStatus::Retrying, Some(later)), "by its plan");
    assert_eq!(due(overdue).await, (DeliveryStatus::Pending, Some(back)), "at once");
    assert_eq!(due(new).await, (DeliveryStatus::Pending, Some(back)));
}

#[tokio::test]
async fn a_deleted_endpoint_cancels_what_waits_and_leaves_its_history() {
    let (folder, store) = store().await;
    let endpoint = store.endpoints().create(endpoint("one")).await.unwrap();
    let deliveries = store.deliveries();
    send(&store, NOW, &endpoint, "a.b").await;
    let claimed = deliveries.claim_due(NOW, 9, &[]).await.unwrap().pop().unwrap();
    let waiting = send(&store, NOW, &endpoint, "a.b").await;
    store.endpoints().delete(endpoint.id, NOW).await.unwrap();
    let known = deliveries.get(waiting).await.unwrap().unwrap();
    assert_eq!((known.status, known.completed_at), (DeliveryStatus::Cancelled, Some(NOW)));
    assert_eq!((known.endpoint_name.as_str(), known.url.as_str()), ("one", "http://localhost:9/one"));
    let landed = deliveries.finish(finish(&claimed, NOW, Outcome::Timeout, Next::Retry { at: NOW })).await;
    assert_eq!(landed.unwrap(), DeliveryStatus::Cancelled);
    assert!(store.endpoints().get(endpoint.id).await.unwrap().is_none());
    assert!(store.endpoints().all().await.unwrap().is_empty());
    let gone = store.events().create(event(NOW, "a.b", b""), vec![delivery(NOW, to(&endpoint))], None).await;
    assert!(matches!(gone, Err(StoreError::NotFound { .. })));
    let error = deliveries.retry_now(waiting, NOW).await.unwrap_err();
    assert!(matches!(error, StoreError::NotFound { .. }), "{error}");
    let error = store.endpoints().delete(endpoint.id, NOW).await.unwrap_err();
    assert!(matches!(error, StoreError::NotFound { .. }), "{error}");

    store.shutdown().await;
    let store = open(folder.path()).await;
    assert_eq!(store.deliveries().get(waiting).await.unwrap().unwrap().endpoint_name, "one");
}

#[tokio::test]
async fn failures_in_a_row_are_counted_and_may_disable_the_endpoint() {
    let (_folder, store) = store().await;
    let endpoint = store.endpoints().create(endpoint("one")).await.unwrap();
    let other = send(&store, NOW.plus_ms(10), &endpoint, "a.b").await;
    let deliveries = store.deliveries();
    let effects = [
        EndpointEffect::Failure { at: NOW },
        EndpointEffect::Failure { at: NOW.plus_ms(1) },
        EndpointEffect::Disable { at: NOW.plus_ms(2), reason: "Three in a row.".to_owned() },
    ];
    let mut status = None;
    for effect in effects {
        send(&store, NOW, &endpoint, "a.b").await;
        let claimed = deliveries.claim_due(NOW, 9, &[]).await.unwrap().pop().unwrap();
        let next = Next::Retry { at: NOW.plus_ms(60_000) };
        let mut failed = finish(&claimed, NOW, Outcome::Timeout, next);
        failed.effect = effect;
        status = Some(deliveries.finish(failed).await.unwrap());
    }
    assert_eq!(status, Some(DeliveryStatus::Paused));
    let known = store.endpoints().get(endpoint.id).await.unwrap().unwrap();
    assert_eq!((known.consecutive_failures, known.failing_since), (3, Some(NOW)));
    assert_eq!(known.disabled_reason.as_deref(), Some("Three in a row."));
    assert_eq!(deliveries.get(other).await.unwrap().unwrap().status, DeliveryStatus::Paused);
    let enabled = store.endpoints().enable(endpoint.id, NOW, Spread::Usual).await.unwrap().0;
    assert_eq!((enabled.consecutive_failures, enabled.failing_since), (0, None));
}

#[tokio::test]
async fn a_success_forgets_the_failures() {
    let (_folder, store) = store().await;
    let endpoint = store.endpoints().create(endpoint("one")).await.unwrap();
    for (effect, count) in [(EndpointEffect::Failure { at: NOW }, 1), (EndpointEffect::Success, 0)] {
        send(&store, NOW, &endpoint, "a.b").await;
        let claimed = store.deliveries().claim_due(NOW, 9, &[]).await.unwrap().pop().unwrap();
        let mut done = finish(&claimed, NOW, Outcome::Delivered, Next::Delivered { at: NOW });
        done.effect = effect;
        store.deliveries().finish(done).await.unwrap();
        let known = store.endpoints().get(endpoint.id).await.unwrap().unwrap();
        assert_eq!(known.consecutive_failures, count);
        assert_eq!(known.failing_since.is_some(), count > 0);
    }
}

#[tokio::test]
async fn endpoints_take_turns_and_none_starves_another() {
    let (_folder, store) = store().await;
    let busy = store.endpoints().create(endpoint("busy")).await.unwrap();
    let quiet = store.endpoints().create(endpoint("quiet")).await.unwrap();
    for _ in 0..50 {
        send(&store, NOW, &busy, "a.b").await;
    }
    let last = send(&store, NOW.plus_ms(5), &quiet, "a.b").await;
    let at = NOW.plus_ms(10);
    let claimed = store.deliveries().claim_due(at, 10, &[]).await.unwrap();
    assert!(claimed.iter().any(|claimed| claimed.delivery.id == last));
    let mut ids: HashSet<_> = claimed.iter().map(|claimed| claimed.delivery.id).collect();
    loop {
        let claimed = store.deliveries().claim_due(at, 10, &[]).await.unwrap();
        if claimed.is_empty() {
            break;
        }
        assert!(claimed.len() <= 10);
        for claimed in claimed {
            assert!(ids.insert(claimed.delivery.id), "claimed twice");
        }
    }
    assert_eq!(ids.len(), 51);
}

#[tokio::test]
async fn an_ordered_endpoint_has_one_at_a_time_in_event_order() {
    let (_folder, store) = store().await;
    let mut ordered = endpoint("ordered");
    ordered.ordered = true;
    store.endpoints().create(ordered.clone()).await.unwrap();
    let first = send(&store, NOW, &ordered, "a.b").await;
    let second = send(&store, NOW, &ordered, "a.b").await;
    let deliveries = store.deliveries();
    let claimed = deliveries.claim_due(NOW, 9, &[]).await.unwrap();
    assert_eq!(claimed.iter().map(|claimed| claimed.delivery.id).collect::<Vec<_>>(), [first]);
    assert_eq!(deliveries.next_due(&[]).await.unwrap(), None, "one is under way");
    let later = NOW.plus_ms(1000);
    deliveries.finish(finish(&claimed[0], NOW, Outcome::Timeout, Next::Retry { at: later })).await.unwrap();
    assert_eq!(deliveries.claim_due(NOW, 9, &[]).await.unwrap().len(), 0, "the first has to go first");
    assert_eq!(deliveries.next_due(&[]).await.unwrap(), Some(later));
    assert_eq!(work(&store, later, Outcome::Delivered, Next::Delivered { at: later }).await, 1);
    let claimed = deliveries.claim_due(later, 9, &[]).await.unwrap();
    assert_eq!(claimed.iter().map(|claimed| claimed.delivery.id).collect::<Vec<_>>(), [second]);
}

#[tokio::test]
async fn no_more_is_claimed_than_an_endpoint_has_room_for() {
    let (_folder, store) = store().await;
    let narrow = store.endpoints().create(endpoint("narrow")).await.unwrap();
    let wide = store.endpoints().create(endpoint("wide")).await.unwrap();
    for _ in 0..5 {
        send(&store, NOW, &narrow, "a.b").await;
        send(&store, NOW, &wide, "a.b").await;
    }
    let room = move |id| if id == Some(narrow.id) { Room { plan: 2, ..Room::ALL } } else { Room::ALL };
    let claimed = store.deliveries().claim(NOW, 100, room).await.unwrap().claimed;
    let of = |id| claimed.iter().filter(|claimed| claimed.delivery.target.endpoint_id() == Some(id)).count();
    assert_eq!((of(narrow.id), of(wide.id)), (2, 5));
}
