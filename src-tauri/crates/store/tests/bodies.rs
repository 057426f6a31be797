//! Bodies of captured requests: packed and shared behind the capturing, and the same to the byte.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

mod support;

use bytes::Bytes;
use hookbench_model::{Inbox, RequestFilter, RequestId};
use hookbench_store::Store;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sqlx::{Connection as _, SqliteConnection};
use support::*;

async fn capture(store: &Store, inbox: &Inbox, body: &[u8]) -> RequestId {
    let given = request(NOW, inbox, body);
    store.requests().capture(given.clone(), Bytes::copy_from_slice(body)).await.unwrap();
    given.id
}

async fn fill(store: &Store) {
    while store.requests().fill_text().await.unwrap().requests > 0 {}
}

async fn is_kept(store: &Store, id: RequestId, body: &[u8]) {
    assert_eq!(store.requests().body(id).await.unwrap().as_deref(), Some(body));
    let whole = store.requests().whole(id).await.unwrap().unwrap();
    let signed = [b"msg_1.17.", body].concat();
    assert_eq!(whole.verification.signed_content.as_deref(), Some(&signed[..]));
}

/// How many bodies are kept, how many uses they have, and how many bytes they take.
async fn kept(store: &Store) -> (i64, i64, i64) {
    const KEPT: &str = "SELECT count(*), coalesce(sum(uses), 0), coalesce(sum(length(bytes)), 0) FROM bodies";
    let database = store.folder().join("hookbench.db");
    let mut connection = SqliteConnection::connect(&format!("sqlite:{}", database.display())).await.unwrap();
    sqlx::query_as(KEPT).fetch_one(&mut connection).await.unwrap()
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let repeated = (prop::collection::vec(any::<u8>(), 1..20), 0..300_usize)
        .prop_map(|(part, times)| part.repeat(times));
    prop_oneof![prop::collection::vec(any::<u8>(), 0..400), repeated]
}

#[test]
fn any_body_is_the_same_to_the_byte_before_and_after() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (_folder, store, inbox) = runtime.block_on(async {
        let (folder, store) = store().await;
        let inbox = store.inboxes().create(inbox("first")).await.unwrap();
        (folder, store, inbox)
    });
    let bodies = prop::collection::vec(body(), 1..8);
    let mut runner = TestRunner::new(Config { cases: 40, failure_persistence: None, ..Config::default() });
    runner
        .run(&bodies, |bodies| {
            runtime.block_on(async {
                let mut ids = Vec::new();
                for body in bodies.iter().chain(&bodies) {
                    ids.push(capture(&store, &inbox, body).await);
                }
                for _ in 0..2 {
                    for (id, body) in ids.iter().zip(bodies.iter().chain(&bodies)) {
                        is_kept(&store, *id, body).await;
                    }
                    fill(&store).await;
                }
            });
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn equal_bodies_are_kept_once_and_until_the_last_of_them_goes() {
    let (_folder, store) = store().await;
    let inbox = store.inboxes().create(inbox("first")).await.unwrap();
    let (one, other) = (b"{\"text\":\"again and again\"}".repeat(40), vec![7; 100]);
    let first = capture(&store, &inbox, &one).await;
    fill(&store).await;
    let second = capture(&store, &inbox, &one).await;
    let third = capture(&store, &inbox, &one).await;
    let alone = capture(&store, &inbox, &other).await;
    let short = capture(&store, &inbox, b"short").await;
    fill(&store).await;
    let (bodies, uses, bytes) = kept(&store).await;
    assert_eq!((bodies, uses), (2, 4), "what is short stays where it is");
    assert!(bytes < 200, "{bytes}");
    store.requests().delete(first).await.unwrap();
    is_kept(&store, second, &one).await;
    is_kept(&store, third, &one).await;
    assert_eq!(store.requests().delete_matching(&RequestFilter::default()).await.unwrap(), 4);
    assert_eq!(kept(&store).await, (0, 0, 0));
    for id in [second, third, alone, short] {
        assert_eq!(store.requests().body(id).await.unwrap(), None);
    }
    let again = capture(&store, &inbox, &one).await;
    fill(&store).await;
    is_kept(&store, again, &one).await;
}

#[tokio::test]
async fn a_large_body_is_packed_and_what_cannot_be_packed_is_not_larger() {
    let (_folder, store) = store().await;
    let inbox = store.inboxes().create(inbox("first")).await.unwrap();
    let large: Vec<u8> = (0..500_000_u32).flat_map(|number| number.to_string().into_bytes()).collect();
    let mut state = 1_u64;
    let random: Vec<u8> = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()[0]
    })
    .take(70_000)
    .collect();
    let ids = [capture(&store, &inbox, &large).await, capture(&store, &inbox, &random).await];
    fill(&store).await;
    let (bodies, _, bytes) = kept(&store).await;
    assert_eq!(bodies, 2);
    assert!(bytes < 2_000_000 && bytes > 70_000, "{bytes}");
    is_kept(&store, ids[0], &large).await;
    is_kept(&store, ids[1], &random).await;
}
