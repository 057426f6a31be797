//! What signing asks of the store: drafts and their tests, bodies as sent, headers that are nobody's business.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

mod support;

use std::path::Path;

use bytes::Bytes;
use hookbench_model::{
    DeliveryId, DeliveryStatus, Endpoint, EndpointStatus, HeaderPairs, NewDelivery, Outcome, Settings, Shown,
    Timestamp,
};
use hookbench_store::{EndpointEffect, Next, Spread, Store, StoreError, TestResult};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;
use support::*;

fn draft(name: &str) -> Endpoint {
    Endpoint { draft: true, status: EndpointStatus::Disabled, ..endpoint(name) }
}

/// A test of the endpoint, claimed and ended.
async fn tested(
    store: &Store,
    endpoint: &Endpoint,
    at: Timestamp,
    url: &str,
    failure: Option<&str>,
) -> DeliveryId {
    let new = NewDelivery { is_test: true, max_attempts: 1, ..delivery(at, to(endpoint)) };
    let id = new.id;
    store.events().create(event(at, "a.b", b"{}"), vec![new], None).await.unwrap();
    let claimed = store.deliveries().claim_due(at, 10, &[]).await.unwrap();
    let claimed = claimed.iter().find(|claimed| claimed.delivery.id == id).unwrap();
    assert!(claimed.delivery.is_test);
    let (outcome, next) = match failure {
        None => (Outcome::Delivered, Next::Delivered { at }),
        Some(_) => (Outcome::HttpError, failing(at)),
    };
    let result = TestResult { at, url: url.to_owned(), failure: failure.map(ToOwned::to_owned) };
    let mut finish = finish(claimed, at, outcome, next);
    finish.effect = EndpointEffect::Tested(result);
    store.deliveries().finish(finish).await.unwrap();
    id
}

async fn now_is(store: &Store, endpoint: &Endpoint) -> Endpoint {
    store.endpoints().get(endpoint.id).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_draft_is_sent_tests_only_and_goes_live_with_the_record_of_one_that_arrived() {
    let (folder, store) = store().await;
    let draft = store.endpoints().create(draft("draft")).await.unwrap();
    let waiting = send(&store, NOW, &draft, "a.b").await;
    assert_eq!(store.deliveries().get(waiting).await.unwrap().unwrap().status, DeliveryStatus::Paused);
    let refused = store.endpoints().enable(draft.id, NOW, Spread::Usual).await.unwrap_err();
    assert!(matches!(refused, StoreError::WrongState { status: "draft", .. }), "{refused}");
    let refused = store.deliveries().retry_now(waiting, NOW).await.unwrap_err();
    assert!(matches!(refused, StoreError::WrongState { status: "draft", .. }), "{refused}");

    let url = draft.url.to_string();
    tested(&store, &draft, NOW, &url, Some("The server answered 500")).await;
    let still = now_is(&store, &draft).await;
    assert!(still.draft && still.tested_at.is_none() && still.consecutive_failures == 0);
    assert!(still.disabled_reason.unwrap().contains("answered 500"));
    tested(&store, &draft, NOW, "http://localhost:9/before", None).await;
    assert!(now_is(&store, &draft).await.draft, "that was another URL");

    tested(&store, &draft, NOW.plus_ms(5), &url, None).await;
    let live = now_is(&store, &draft).await;
    assert_eq!((live.status, live.draft, live.disabled_reason), (EndpointStatus::Enabled, false, None));
    assert_eq!(live.tested_at, Some(NOW.plus_ms(5)));
    assert_eq!(store.deliveries().get(waiting).await.unwrap().unwrap().status, DeliveryStatus::Pending);

    // What the writer knows by heart is what is on disk.
    store.shutdown().await;
    let store = open(folder.path()).await;
    assert_eq!(now_is(&store, &draft).await.status, EndpointStatus::Enabled);
    assert_eq!(work(&store, NOW.plus_ms(9), Outcome::Delivered, Next::Delivered { at: NOW }).await, 1);
}

#[tokio::test]
async fn another_url_is_not_tested_and_a_draft_again_where_that_is_asked() {
    let (_folder, store) = store().await;
    let live = store.endpoints().create(endpoint("live")).await.unwrap();
    tested(&store, &live, NOW, live.url.as_str(), None).await;
    assert_eq!(now_is(&store, &live).await.tested_at, Some(NOW));
    let waiting = send(&store, NOW, &live, "a.b").await;
    let moved = |endpoint: &mut Endpoint| {
        endpoint.url = "http://localhost:9/moved".parse().unwrap();
        endpoint.draft = true;
    };
    let moved = store.endpoints().update(live.id, NOW, moved).await.unwrap();
    assert!(moved.draft && moved.status == EndpointStatus::Disabled && moved.tested_at.is_none());
    assert_eq!(moved.disabled_reason.as_deref(), Some(Endpoint::UNTESTED));
    assert_eq!(store.deliveries().get(waiting).await.unwrap().unwrap().status, DeliveryStatus::Paused);
    let spared = store.endpoints().update(live.id, NOW, |endpoint| endpoint.draft = false).await.unwrap();
    assert_eq!((spared.draft, spared.status), (false, EndpointStatus::Disabled), "nobody enabled it");
    assert_eq!(
        store.endpoints().enable(live.id, NOW, Spread::Usual).await.unwrap().0.status,
        EndpointStatus::Enabled
    );
}

async fn kept_bodies(folder: &Path) -> i64 {
    let options = SqliteConnectOptions::new().filename(folder.join("hookbench.db"));
    let mut connection = options.connect().await.unwrap();
    let count = sqlx::query_scalar("SELECT count(*) FROM attempt_request_bodies");
    count.fetch_one(&mut connection).await.unwrap()
}

#[tokio::test]
async fn a_body_that_is_not_the_payload_is_kept_and_goes_with_its_delivery() {
    let (folder, store) = store().await;
    let given = store.endpoints().create(endpoint("one")).await.unwrap();
    let (plain, signed) = (send(&store, NOW, &given, "a.b").await, send(&store, NOW, &given, "a.b").await);
    for claimed in store.deliveries().claim_due(NOW, 10, &[]).await.unwrap() {
        let mut finish = finish(&claimed, NOW, Outcome::Delivered, Next::Delivered { at: NOW });
        if claimed.delivery.id == signed {
            finish.attempt.request.as_mut().unwrap().body = Some(Bytes::from_static(b"{\"signed\":1}"));
        }
        store.deliveries().finish(finish).await.unwrap();
    }
    let attempts = store.attempts();
    assert_eq!(attempts.request_body(plain, 1).await.unwrap().unwrap(), "{\"a\":1}");
    assert_eq!(attempts.request_body(signed, 1).await.unwrap().unwrap(), "{\"signed\":1}");
    assert_eq!(attempts.request_body(signed, 2).await.unwrap(), None);
    assert_eq!(kept_bodies(folder.path()).await, 1);

    let age = Settings { delivery_max_age_ms: Some(60_000), ..Settings::default() };
    store.settings().put(age).await.unwrap();
    store.maintenance().purge(NOW.plus_ms(120_000)).await.unwrap();
    assert_eq!(kept_bodies(folder.path()).await, 0);
}

#[tokio::test]
async fn an_endpoints_headers_are_not_in_the_file() {
    const TOKEN: &str = "Bearer s3cr3t-of-a-header";
    let (folder, store) = store().await;
    let headers = HeaderPairs::from_iter([("Authorization", TOKEN)]);
    let made = store.endpoints().create(Endpoint { headers, ..endpoint("one") }).await.unwrap();
    store.endpoints().update(made.id, NOW, |endpoint| endpoint.headers.push("X-More", "more")).await.unwrap();
    assert_eq!(now_is(&store, &made).await.headers.get_str("authorization"), Some(TOKEN));
    store.shutdown().await;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes()));
    }
}

#[tokio::test]
async fn the_credentials_of_an_event_and_the_token_of_an_inbox_are_not_in_the_files() {
    const TOKEN: &str = "s3cr3t-of-a-sender";
    let (folder, store) = store().await;
    let made = store.endpoints().create(endpoint("one")).await.unwrap();
    let mut again = event(NOW, "a.b", b"{}");
    again.request.headers = HeaderPairs::from_iter([("X-Gitlab-Token", TOKEN), ("X-One", "1")]);
    let id = again.id;
    store.events().create(again.clone(), vec![delivery(NOW, to(&made))], None).await.unwrap();
    assert_eq!(store.events().get(id).await.unwrap().unwrap().request.headers, again.request.headers);
    let claimed = store.deliveries().claim_due(NOW, 10, &[]).await.unwrap();
    assert_eq!(claimed[0].event.request.headers, again.request.headers, "and it goes out as it is");

    let mut sent_on = event(NOW, "a.b", b"{}");
    sent_on.request.headers = HeaderPairs::from_iter([("X-Copy", TOKEN), ("X-One", "1")]);
    sent_on.request.query = Some(format!("a=1&t={TOKEN}"));
    let headers = HeaderPairs::from_iter([("X-Copy", "(the secret)"), ("X-One", "1")]);
    sent_on.request.shown = Some(Shown { headers, query: Some("a=1&t=(the secret)".to_owned()) });
    store.events().create(sent_on.clone(), vec![delivery(NOW, to(&made))], None).await.unwrap();
    assert_eq!(store.events().get(sent_on.id).await.unwrap().unwrap().request, sent_on.request);
    let claimed = store.deliveries().claim_due(NOW, 10, &[]).await.unwrap();
    assert_eq!(claimed[0].event.request, sent_on.request, "what is hidden goes out too");
    assert!(!format!("{sent_on:?}").contains(TOKEN));

    let mut guarded = inbox("guarded");
    guarded.verify_token = Some(TOKEN.into());
    let guarded = store.inboxes().create(guarded).await.unwrap();
    assert_eq!(guarded.verify_token, Some(TOKEN.into()));
    assert!(!format!("{guarded:?} {again:?}").contains(TOKEN), "nor in Debug");
    store.shutdown().await;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes()));
    }
}
