//! What is refused because it could not be kept is not there afterwards: whoever tries again would have it twice.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

mod support;

use std::fs;

use bytes::Bytes;
use hookbench_model::{Inbox, RequestFilter};
use hookbench_store::{Feed, OpenOptions, Store, StoreError, Trouble};
use support::*;

/// Tries to capture one request.
async fn capture(store: &Store, inbox: &Inbox) -> Result<(), StoreError> {
    store.requests().capture(request(NOW, inbox, b"{}"), Bytes::from_static(b"{}")).await
}

fn is_gone<T>(given: Result<T, StoreError>) {
    let error = given.err();
    assert!(matches!(error, Some(StoreError::Gone { .. })), "{error:?}");
}

/// Waits until the store has found out by itself that writing works again.
async fn well_again(store: &Store) {
    let mut changes = store.changes().subscribe();
    while store.trouble().is_some() {
        match changes.next().await {
            Feed::Change(_) | Feed::Lagged => {}
            Feed::Closed => panic!("it is open"),
        }
    }
}

#[tokio::test]
async fn nothing_is_kept_of_what_is_refused_while_the_folder_is_away() {
    let around = tempfile::tempdir().unwrap();
    let (here, away) = (around.path().join("here"), around.path().join("away"));
    let store = Store::open(&here, NOW, OpenOptions::default()).await.unwrap();
    let inbox = store.inboxes().create(inbox("in")).await.unwrap();
    let endpoint = store.endpoints().create(endpoint("one")).await.unwrap();
    capture(&store, &inbox).await.unwrap();
    let waiting = send(&store, NOW, &endpoint, "a.b").await;

    fs::rename(&here, &away).unwrap();
    for _ in 0..3 {
        is_gone(capture(&store, &inbox).await);
        let new = delivery(NOW, to(&endpoint));
        is_gone(store.events().create(event(NOW, "a.b", b"{}"), vec![new], None).await);
        is_gone(store.deliveries().claim_due(NOW, 10, &[]).await);
        is_gone(store.endpoints().update(endpoint.id, NOW, |edited| edited.name.push('!')).await);
    }
    assert_eq!(store.trouble(), Some(Trouble::Gone));
    // Another folder in its place is not it.
    fs::create_dir(&here).unwrap();
    fs::write(here.join("hookbench.db"), "").unwrap();
    is_gone(capture(&store, &inbox).await);
    fs::remove_dir_all(&here).unwrap();

    fs::rename(&away, &here).unwrap();
    well_again(&store).await;
    assert_eq!(store.requests().count(&RequestFilter::default()).await.unwrap(), 1);
    assert_eq!(store.endpoints().get(endpoint.id).await.unwrap().unwrap().name, "one");
    capture(&store, &inbox).await.unwrap();
    let claimed = store.deliveries().claim_due(NOW, 10, &[]).await.unwrap();
    assert_eq!(claimed.iter().map(|one| one.delivery.id).collect::<Vec<_>>(), [waiting]);
}

#[tokio::test]
async fn nothing_is_written_while_commits_do_not_come_to_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), NOW, OpenOptions::default()).await.unwrap();
    let inbox = store.inboxes().create(inbox("in")).await.unwrap();
    let endpoint = store.endpoints().create(endpoint("one")).await.unwrap();
    send(&store, NOW, &endpoint, "a.b").await;
    let (log, away) = (folder.path().join("hookbench.db-wal"), folder.path().join("away"));
    fs::rename(&log, &away).unwrap();
    // This one is known to be lost only after its commit.
    is_gone(capture(&store, &inbox).await);
    for _ in 0..3 {
        is_gone(capture(&store, &inbox).await);
        is_gone(store.deliveries().claim_due(NOW, 10, &[]).await);
        is_gone(store.endpoints().update(endpoint.id, NOW, |edited| edited.name.push('!')).await);
    }
    fs::rename(&away, &log).unwrap();
    well_again(&store).await;
    assert_eq!(store.requests().count(&RequestFilter::default()).await.unwrap(), 1, "the first one");
    assert_eq!(store.endpoints().get(endpoint.id).await.unwrap().unwrap().name, "one");
    capture(&store, &inbox).await.unwrap();
    assert_eq!(store.deliveries().claim_due(NOW, 10, &[]).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_fails_in_the_middle_for_want_of_room_is_told_of_like_what_fails_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), NOW, OpenOptions::default()).await.unwrap();
    store.shutdown().await;
    let size = fs::metadata(folder.path().join("hookbench.db")).unwrap().len();
    let options = OpenOptions { max_size: Some(size + 65_536), ..OpenOptions::default() };
    let store = Store::open(folder.path(), NOW, options).await.unwrap();
    let mut large = inbox("large");
    large.response.body = Bytes::from(vec![0; 1 << 20]);
    let refused = store.inboxes().create(large).await.unwrap_err();
    assert!(matches!(refused, StoreError::Full), "{refused}");
    assert_eq!(store.trouble(), Some(Trouble::Full));
    well_again(&store).await;
    store.inboxes().create(inbox("small")).await.unwrap();
}
