//! What bodies look like: read in order, learnt once, forgotten with what they came from.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

mod support;

use bytes::Bytes;
use hookbench_model::{
    Action, Drift, DriftId, DriftKind, FoundDrift, Inbox, InboxId, JsonType, Noun, PageRequest, ProviderId,
    RequestFault, RequestId, Shape, ShapeId, ShapeSource,
};
use hookbench_store::{
    ArrivedRequest, DriftFilter, Drifted, Feed, Learnt, LearntShape, OpenOptions, Store, StoreError,
};
use serde_json::json;
use support::*;

async fn capture(store: &Store, inbox: &Inbox, body: &[u8]) -> RequestId {
    let request = request(NOW, inbox, body);
    let id = request.id;
    store.requests().capture(request, Bytes::copy_from_slice(body)).await.unwrap();
    id
}

fn generic() -> ShapeSource {
    ShapeSource::Provider(ProviderId::generic())
}

/// What a shape of one body would be written as, with drifts of these requests.
fn shape(event_type: &str, drifts: Vec<(&ArrivedRequest, Drift)>) -> LearntShape {
    let mut shape = Shape::default();
    shape.learn(&json!({"a": 1}));
    let drifted = |(request, drift): (&ArrivedRequest, Drift)| {
        let of = Drifted {
            seq: request.seq,
            id: request.id,
            inbox_id: request.inbox_id,
            verification: request.verification,
            received_at: request.received_at,
        };
        (of, vec![FoundDrift { id: DriftId::new(NOW), drift }])
    };
    LearntShape {
        id: ShapeId::new(NOW),
        is_new: true,
        source: generic(),
        event_type: Some(event_type.to_owned()),
        shape,
        first_seen_at: NOW,
        last_seen_at: NOW,
        last_request: RequestId::new(NOW),
        drifts: drifts.into_iter().map(drifted).collect(),
    }
}

fn changed(path: &str) -> Drift {
    let was = vec![JsonType::Null, JsonType::String];
    Drift { kind: DriftKind::ChangedType, path: path.to_owned(), was, is: Some(JsonType::Number) }
}

fn new_field(path: &str) -> Drift {
    Drift { kind: DriftKind::NewField, path: path.to_owned(), was: Vec::new(), is: Some(JsonType::Array) }
}

#[tokio::test]
async fn what_arrived_is_read_in_order_and_once_over_a_start_too() {
    let (folder, store) = store().await;
    let inbox = store.inboxes().create(inbox("first")).await.unwrap();
    assert!(store.shapes().arrived().await.unwrap().last.is_none());
    let first = capture(&store, &inbox, br#"{"a":1}"#).await;
    let mut handshake = request(NOW, &inbox, br#"{"challenge":"x"}"#);
    handshake.handshake = Some("slack".to_owned());
    store.requests().capture(handshake, Bytes::from_static(br#"{"challenge":"x"}"#)).await.unwrap();
    let message = "It broke off.".to_owned();
    let fault = RequestFault { code: "body_aborted".to_owned(), message, at: None, told: true };
    let broken = hookbench_model::CapturedRequest { fault: Some(fault), ..request(NOW, &inbox, b"{\"a\":") };
    store.requests().capture(broken, Bytes::from_static(b"{\"a\":")).await.unwrap();
    let large = vec![b' '; (1 << 20) + 1];
    capture(&store, &inbox, &large).await;
    let last = capture(&store, &inbox, br#"{"a":2}"#).await;

    let arrived = store.shapes().arrived().await.unwrap();
    let ids: Vec<RequestId> = arrived.requests.iter().map(|request| request.id).collect();
    assert_eq!(ids, [first, last], "neither handshakes, nor what is broken, nor what is too large");
    assert_eq!(&arrived.requests[1].body[..], br#"{"a":2}"#);
    assert_eq!(arrived.requests[0].provider, Some(ProviderId::generic()));
    assert!(!arrived.more);
    // Until it is learnt it is there.
    assert_eq!(store.shapes().arrived().await.unwrap().requests.len(), 2);
    let learnt = Learnt { last: arrived.last.unwrap(), shapes: vec![shape("message.sent", Vec::new())] };
    store.shapes().learnt(learnt).await.unwrap();
    assert!(store.shapes().arrived().await.unwrap().last.is_none());

    store.shutdown().await;
    let store = Store::open(folder.path(), NOW, OpenOptions::default()).await.unwrap();
    assert!(store.shapes().arrived().await.unwrap().last.is_none());
    // The key of the newest is given again after it was deleted.
    store.requests().delete(last).await.unwrap();
    store.shutdown().await;
    let store = open(folder.path()).await;
    let again = capture(&store, &inbox, br#"{"a":3}"#).await;
    assert_eq!(store.shapes().arrived().await.unwrap().requests[0].id, again);
}

#[tokio::test]
async fn what_is_deleted_while_it_is_learnt_from_leaves_nothing_behind() {
    let (folder, store) = store().await;
    let gone = store.inboxes().create(inbox("first")).await.unwrap();
    capture(&store, &gone, br#"{"a":1}"#).await;
    let looked_at = store.shapes().arrived().await.unwrap();
    store.inboxes().delete(gone.id).await.unwrap();
    let own = LearntShape { source: ShapeSource::Inbox(gone.id), ..shape("message.sent", Vec::new()) };
    store.shapes().learnt(Learnt { last: looked_at.last.unwrap(), shapes: vec![own] }).await.unwrap();
    assert!(store.shapes().list().await.unwrap().is_empty());
    // The key of what was looked at is given again.
    store.shutdown().await;
    let store = open(folder.path()).await;
    let inbox = store.inboxes().create(inbox("second")).await.unwrap();
    let again = capture(&store, &inbox, br#"{"a":2}"#).await;
    assert_eq!(store.shapes().arrived().await.unwrap().requests[0].id, again);
}

#[tokio::test]
async fn many_are_read_in_parts() {
    let (_folder, store) = store().await;
    let inbox = store.inboxes().create(inbox("first")).await.unwrap();
    futures::future::join_all((0..300).map(|_| capture(&store, &inbox, b"{}"))).await;
    let part = store.shapes().arrived().await.unwrap();
    assert!(part.more && part.requests.len() < 300);
    store.shapes().learnt(Learnt { last: part.last.unwrap(), shapes: Vec::new() }).await.unwrap();
    let rest = store.shapes().arrived().await.unwrap();
    assert_eq!((part.requests.len() + rest.requests.len(), rest.more), (300, false));
    // And large ones by their bytes.
    let large = vec![b' '; 1 << 20];
    for _ in 0..6 {
        capture(&store, &inbox, &large).await;
    }
    store.shapes().learnt(Learnt { last: rest.last.unwrap(), shapes: Vec::new() }).await.unwrap();
    let part = store.shapes().arrived().await.unwrap();
    assert!(part.more && part.requests.len() < 6, "{}", part.requests.len());
}

#[tokio::test]
async fn shapes_and_drifts_are_listed_and_go_with_what_they_are_of() {
    let (_folder, store) = store().await;
    let inbox = store.inboxes().create(inbox("first")).await.unwrap();
    let (first, second) = (capture(&store, &inbox, b"{}").await, capture(&store, &inbox, b"[]").await);
    let arrived = store.shapes().arrived().await.unwrap();
    let [one, two] = &arrived.requests[..] else { panic!("two have arrived") };
    let sent =
        shape("message.sent", vec![(one, changed("to")), (two, new_field("parts")), (two, changed("at"))]);
    let (sent_id, last) = (sent.id, arrived.last.unwrap());
    let mut changes = store.changes().subscribe();
    let shapes = vec![sent, shape("message.failed", Vec::new())];
    store.shapes().learnt(Learnt { last, shapes }).await.unwrap();
    let mut told = Vec::new();
    for _ in 0..5 {
        let Feed::Change(change) = changes.next().await else { panic!("a change is told") };
        told.push((change.noun, change.action, change.id.clone()));
    }
    assert!(told.contains(&(Noun::Request, Action::Updated, first.to_string())), "{told:?}");
    assert!(told.contains(&(Noun::Shape, Action::Created, sent_id.to_string())), "{told:?}");

    let all = store.shapes().list().await.unwrap();
    assert_eq!(all.len(), 2);
    let known = store.shapes().find(&generic(), Some("message.sent")).await.unwrap().unwrap();
    assert_eq!((known.known.id, known.known.drifts, known.known.last_drift_at), (sent_id, 3, Some(NOW)));
    assert_eq!(known.shape, store.shapes().trees(&[sent_id]).await.unwrap()[0].1);
    assert!(store.shapes().has_any(&generic()).await.unwrap());
    assert!(!store.shapes().has_any(&ShapeSource::Inbox(InboxId::new(NOW))).await.unwrap());

    let drifts = |filter, page| {
        let store = store.clone();
        async move { store.shapes().drifts(&filter, page).await.unwrap() }
    };
    let everything = DriftFilter::default();
    let page = drifts(everything, PageRequest::first(2)).await;
    let rest = drifts(everything, PageRequest { before: page.next, limit: 2 }).await;
    let told: Vec<Drift> = page.rows.into_iter().chain(rest.rows).map(|kept| kept.drift).collect();
    assert_eq!(told, [changed("at"), new_field("parts"), changed("to")]);
    assert_eq!(rest.next, None);
    let of_second = DriftFilter { request_id: Some(second), ..everything };
    assert_eq!(drifts(of_second, PageRequest::first(9)).await.rows.len(), 2);
    let of_other =
        DriftFilter { shape_id: Some(all.iter().find(|one| one.id != sent_id).unwrap().id), ..everything };
    assert_eq!(drifts(of_other, PageRequest::first(9)).await.rows.len(), 0);
    let later = DriftFilter { since: Some(NOW.plus_ms(1)), ..everything };
    assert_eq!(drifts(later, PageRequest::first(9)).await.rows.len(), 0);

    let kinds = store.shapes().kinds_of(&[first, second, RequestId::new(NOW)]).await.unwrap();
    assert_eq!(kinds.len(), 2);
    assert!(kinds[&second].iter().eq([DriftKind::NewField, DriftKind::ChangedType]));

    store.requests().delete(second).await.unwrap();
    assert_eq!(drifts(everything, PageRequest::first(9)).await.rows.len(), 1);
    store.shapes().forget(sent_id).await.unwrap();
    assert_eq!(drifts(everything, PageRequest::first(9)).await.rows.len(), 0);
    assert!(matches!(
        store.shapes().forget(sent_id).await,
        Err(StoreError::NotFound { noun: Noun::Shape, .. })
    ));
}

#[tokio::test]
async fn what_is_gone_stays_gone() {
    let (_folder, store) = store().await;
    let inbox = store.inboxes().create(inbox("first")).await.unwrap();
    let gone = capture(&store, &inbox, b"{}").await;
    let arrived = store.shapes().arrived().await.unwrap();
    store.requests().delete(gone).await.unwrap();
    // Learnt from a request that was deleted meanwhile.
    let mut sent = shape("message.sent", vec![(&arrived.requests[0], changed("to"))]);
    store.shapes().learnt(Learnt { last: arrived.last.unwrap(), shapes: vec![sent.clone()] }).await.unwrap();
    let page = store.shapes().drifts(&DriftFilter::default(), PageRequest::first(9)).await.unwrap();
    assert!(page.rows.is_empty());
    // A shape that was forgotten while it learnt.
    store.shapes().forget(sent.id).await.unwrap();
    sent.is_new = false;
    store.shapes().learnt(Learnt { last: 1, shapes: vec![sent] }).await.unwrap();
    assert!(store.shapes().list().await.unwrap().is_empty());
    // Those of an inbox go with it.
    let mut own = shape("", Vec::new());
    (own.source, own.event_type) = (ShapeSource::Inbox(inbox.id), None);
    store.shapes().learnt(Learnt { last: 1, shapes: vec![own, shape("stays", Vec::new())] }).await.unwrap();
    store.inboxes().delete(inbox.id).await.unwrap();
    let left: Vec<_> =
        store.shapes().list().await.unwrap().into_iter().map(|known| known.event_type).collect();
    assert_eq!(left, [Some("stays".to_owned())]);
}

#[tokio::test]
async fn there_are_a_thousand_shapes_at_most() {
    let (_folder, store) = store().await;
    let at = |n: i64| {
        let mut one = shape(&format!("type.{n}"), Vec::new());
        one.last_seen_at = NOW.plus_ms(n);
        one
    };
    let shapes = (0..1003).map(at).collect();
    store.shapes().learnt(Learnt { last: 0, shapes }).await.unwrap();
    assert_eq!(store.shapes().list().await.unwrap().len(), 1000);
    assert!(store.shapes().find(&generic(), Some("type.2")).await.unwrap().is_none());
    assert!(store.shapes().find(&generic(), Some("type.3")).await.unwrap().is_some());
}
