//! When something happened last.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

mod support;

use bytes::Bytes;
use hookbench_model::{Imported, Outcome, WireRecord};
use hookbench_store::{ImportedRequest, Next};
use support::*;

#[tokio::test]
async fn it_is_known_to_the_millisecond_whatever_it_was() {
    let (_folder, store) = store().await;
    let last = async || store.stats().last_happened().await.unwrap();
    assert_eq!(last().await, None);
    let endpoint = store.endpoints().create(endpoint("one")).await.unwrap();
    send(&store, NOW, &endpoint, "a.b").await;
    assert_eq!(last().await, Some(NOW));
    // In the middle of a minute, and the newest event is not the one that was written last.
    let began = NOW.plus_ms(42_123);
    assert_eq!(work(&store, began, Outcome::Delivered, Next::Delivered { at: began }).await, 1);
    send(&store, NOW.plus_ms(-5), &endpoint, "a.b").await;
    assert_eq!(last().await, Some(began.plus_ms(25)), "an attempt of 25 ms");

    let inbox = inbox("in");
    store.inboxes().create(inbox.clone()).await.unwrap();
    let (arrived, elsewhere) = (NOW.plus_ms(50_001), NOW.plus_ms(86_400_000));
    store.requests().capture(request(arrived, &inbox, b"{}"), Bytes::from_static(b"{}")).await.unwrap();
    let imported = Imported { format: "har".to_owned(), name: String::new(), entry: None };
    let imported = ImportedRequest {
        request: request(elsewhere, &inbox, b"{}"),
        body: Bytes::from_static(b"{}"),
        wire: WireRecord::default(),
        imported,
    };
    store.requests().import(vec![imported]).await.unwrap();
    assert_eq!(last().await, Some(arrived), "what was imported happened elsewhere");
}
