//! The data folder: opening, locking, keys, full disks, crashes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

mod support;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use bytes::Bytes;
use futures::future::join_all;
use hookbench_model::{Action, Noun, PageRequest, RequestFilter, Settings};
use hookbench_signing::Secret;
use hookbench_store::{Feed, KeyProblem, OpenOptions, Store, StoreError};
use support::*;

#[tokio::test]
async fn a_folder_is_opened_once_and_says_by_whom() {
    let (folder, store) = store().await;
    let error = Store::open(folder.path(), NOW, options()).await.unwrap_err();
    let text = error.to_string();
    assert!(
        matches!(error, StoreError::Locked { holder: Some(pid), .. } if pid == std::process::id()),
        "{text}"
    );
    assert!(text.contains(&std::process::id().to_string()), "{text}");
    store.shutdown().await;
    let store = open(folder.path()).await;
    assert!(matches!(store.settings().get().await, Ok(known) if known == Settings::default()));
}

#[tokio::test]
async fn what_was_written_is_there_after_reopening() {
    let (folder, store) = store().await;
    let given = store.endpoints().create(endpoint("one")).await.unwrap();
    let id = send(&store, NOW, &given, "a.b").await;
    let settings = Settings { max_in_flight: 7, ..Settings::default() };
    store.settings().put(settings.clone()).await.unwrap();
    store.shutdown().await;
    assert!(!folder.path().join("hookbench.db-wal").exists(), "the log is brought in");
    let store = open(folder.path()).await;
    let kept = store.endpoints().get(given.id).await.unwrap().unwrap();
    assert_eq!(format!("{kept:?}"), format!("{given:?}"), "every field");
    assert_eq!(kept.secrets[0].secret, given.secrets[0].secret);
    assert!(store.deliveries().get(id).await.unwrap().is_some());
    assert_eq!(store.settings().get().await.unwrap(), settings);
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let (_folder, store) = store().await;
    let mut changes = store.changes().subscribe();
    store.shutdown().await;
    assert!(matches!(store.settings().put(Settings::default()).await, Err(StoreError::Closed)));
    assert!(matches!(store.settings().get().await, Err(StoreError::Closed)));
    assert_eq!(changes.next().await, Feed::Closed);
    store.shutdown().await;
}

#[tokio::test]
async fn secrets_are_not_in_the_file_and_need_their_key() {
    let (folder, store) = store().await;
    store.endpoints().create(endpoint("one")).await.unwrap();
    store.inboxes().create(inbox("in")).await.unwrap();
    store.shutdown().await;
    let file = fs::read(folder.path().join("hookbench.db")).unwrap();
    for secret in [&b"topsecret"[..], b"inboxsecret"] {
        assert!(!file.windows(secret.len()).any(|window| window == secret));
    }
    let key = folder.path().join("key");
    let kept = fs::read(&key).unwrap();
    for (bytes, problem) in [
        (None, KeyProblem::Missing),
        (Some(vec![7; 32]), KeyProblem::Wrong),
        (Some(vec![7; 5]), KeyProblem::Malformed),
    ] {
        fs::remove_file(&key).unwrap_or_default();
        if let Some(bytes) = bytes {
            fs::write(&key, bytes).unwrap();
        }
        let error = Store::open(folder.path(), NOW, options()).await.unwrap_err();
        assert!(matches!(error, StoreError::Key { problem: found, .. } if found == problem), "{error}");
    }
    fs::write(&key, kept).unwrap();
    let store = open(folder.path()).await;
    assert_eq!(store.endpoints().all().await.unwrap()[0].secrets[0].secret, Secret::from("whsec_topsecret"));
}

#[cfg(unix)]
#[tokio::test]
async fn the_folder_and_its_files_are_their_owners() {
    use std::os::unix::fs::PermissionsExt as _;
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("made/here");
    let store = open(&folder).await;
    store.settings().put(Settings::default()).await.unwrap();
    let mode = |name: &str| fs::metadata(folder.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("."), 0o700);
    for name in ["key", "hookbench.db", "hookbench.db-wal"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
}

#[tokio::test]
async fn what_is_no_database_is_refused_as_damaged() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("hookbench.db"), vec![b'x'; 100_000]).unwrap();
    let error = Store::open(folder.path(), NOW, options()).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
}

#[tokio::test]
async fn a_full_disk_is_told_and_leaves_nothing_half_written() {
    let folder = tempfile::tempdir().unwrap();
    let limited = OpenOptions { max_size: Some(4 << 20), ..options() };
    let store = Store::open(folder.path(), NOW, limited).await.unwrap();
    let inbox = store.inboxes().create(inbox("in")).await.unwrap();
    let body = Bytes::from(vec![b'x'; 100_000]);
    let requests = store.requests();
    let captures = (0..100).map(|_| {
        let given = request(NOW, &inbox, &body);
        let (requests, body) = (requests.clone(), body.clone());
        async move { (given.id, requests.capture(given, body).await) }
    });
    let mut kept = Vec::new();
    for (id, captured) in join_all(captures).await {
        match captured {
            Ok(()) => kept.push(id),
            Err(error) => assert!(matches!(error, StoreError::Full), "{error:?}"),
        }
    }
    assert!((10..60).contains(&kept.len()), "{}", kept.len());
    assert_eq!(requests.count(&RequestFilter::default()).await.unwrap(), kept.len() as u64);
    for id in &kept {
        assert_eq!(requests.body(*id).await.unwrap().unwrap(), body);
    }
    // Room made is room to be used.
    requests.delete_matching(&RequestFilter::default()).await.unwrap();
    requests.capture(request(NOW, &inbox, &body), body.clone()).await.unwrap();
}

#[tokio::test]
async fn the_log_stays_short_however_much_is_written() {
    let (folder, store) = store().await;
    let inbox = store.inboxes().create(inbox("in")).await.unwrap();
    let body = Bytes::from(vec![b'x'; 1 << 20]);
    let log = folder.path().join("hookbench.db-wal");
    let mut longest = 0;
    for _ in 0..40 {
        let captures = (0..8).map(|_| request(NOW, &inbox, &body)).map(|given| {
            let (requests, body) = (store.requests(), body.clone());
            async move { requests.capture(given, body).await }
        });
        assert!(join_all(captures).await.iter().all(Result::is_ok));
        longest = longest.max(fs::metadata(&log).unwrap().len());
    }
    assert!(longest < 128 << 20, "{longest} of 320 MiB");
}

#[tokio::test]
async fn a_write_that_panics_fails_alone() {
    let (_folder, store) = store().await;
    let given = store.endpoints().create(endpoint("one")).await.unwrap();
    let endpoints = store.endpoints();
    let (panicked, renamed) = tokio::join!(
        endpoints.update(given.id, NOW, |endpoint| {
            endpoint.name = "half".to_owned();
            panic!("in the middle of an edit");
        }),
        endpoints.update(given.id, NOW, |endpoint| endpoint.name.push_str(" and more")),
    );
    assert!(matches!(panicked, Err(StoreError::Panicked)), "{panicked:?}");
    assert_eq!(renamed.unwrap().name, "one and more");
    assert_eq!(endpoints.get(given.id).await.unwrap().unwrap().name, "one and more");
}

#[tokio::test]
async fn changes_are_told_in_order_after_they_can_be_read() {
    let (_folder, store) = store().await;
    let mut changes = store.changes().subscribe();
    let inbox = store.inboxes().create(inbox("in")).await.unwrap();
    let endpoint = store.endpoints().create(endpoint("one")).await.unwrap();
    let delivery = send(&store, NOW, &endpoint, "a.b").await;
    let requests = store.requests();
    let given: Vec<_> = (0..40).map(|_| request(NOW, &inbox, b"")).collect();
    join_all(given.iter().map(|given| requests.capture(given.clone(), Bytes::new()))).await;
    let mut told = Vec::new();
    while told.len() < 44 {
        let Feed::Change(change) = changes.next().await else { panic!("a change") };
        assert_eq!(change.sequence, told.len() as u64 + 1);
        told.push(change);
    }
    let kinds = |told: &[std::sync::Arc<hookbench_model::Change>]| -> Vec<_> {
        told.iter().map(|change| (change.noun, change.action)).collect()
    };
    assert_eq!(
        kinds(&told[..4]),
        [Noun::Inbox, Noun::Endpoint, Noun::Event, Noun::Delivery].map(|noun| (noun, Action::Created))
    );
    assert_eq!(told[3].id, delivery.to_string());
    assert_eq!(told[3].parent, Some(endpoint.id.to_string()));
    assert_eq!(told[3].status, Some("pending"));
    assert_eq!((told[43].noun, told[43].parent.clone()), (Noun::Request, Some(inbox.id.to_string())));
    assert!(
        told[4..].iter().map(|change| change.id.clone()).eq(given.iter().map(|given| given.id.to_string()))
    );
    assert_eq!(store.changes().since(40).unwrap().len(), 4);
}

#[tokio::test]
async fn a_write_that_failed_tells_no_change() {
    let (_folder, store) = store().await;
    let before = store.changes().last_sequence();
    store.inboxes().create(inbox("in")).await.unwrap();
    store.inboxes().create(inbox("in")).await.unwrap_err();
    assert_eq!(store.changes().last_sequence(), before + 1);
}

/// In the child process of the test below: captures until it is killed, telling what was answered.
const CHILD: &str = "HOOKBENCH_STORE_TEST_CHILD";

#[test]
fn what_was_answered_survives_a_kill() {
    if let Ok(folder) = std::env::var(CHILD) {
        return write_until_killed(folder.as_ref());
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut answered = Vec::new();
    for round in 0..4 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "what_was_answered_survives_a_kill", "--nocapture"])
            .env(CHILD, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let wanted = 150 + round * 77;
        let told =
            lines.map_while(Result::ok).filter_map(|line| Some(line.split_once("kept ")?.1.to_owned()));
        answered.extend(told.take(wanted));
        child.kill().unwrap();
        child.wait().unwrap();
        runtime.block_on(async {
            let store = open(folder.path()).await;
            for id in &answered {
                let id = id.parse().unwrap();
                assert!(store.requests().get(id).await.unwrap().is_some(), "{id} was answered and is gone");
                assert_eq!(&store.requests().body(id).await.unwrap().unwrap()[..], b"{\"kept\":true}");
            }
            store.shutdown().await;
        });
    }
    assert!(answered.len() > 800);
}

#[allow(clippy::print_stdout, reason = "the parent reads it")]
fn write_until_killed(folder: &std::path::Path) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Store::open(folder, NOW, OpenOptions::default()).await.unwrap();
        let known = store.inboxes().list(PageRequest::first(1)).await.unwrap().rows.pop();
        let inbox = match known {
            Some(inbox) => inbox,
            None => store.inboxes().create(inbox("in")).await.unwrap(),
        };
        loop {
            let body = Bytes::from_static(b"{\"kept\":true}");
            let given: Vec<_> = (0..20).map(|_| request(NOW, &inbox, &body)).collect();
            let requests = store.requests();
            let captures = given.into_iter().map(|given| {
                let (requests, body) = (requests.clone(), body.clone());
                async move {
                    let id = given.id;
                    requests.capture(given, body).await.unwrap();
                    println!("kept {id}");
                }
            });
            join_all(captures).await;
        }
    });
}
