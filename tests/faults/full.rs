//! The disk is full: what cannot be written is refused in words, what was answered stays, and all goes on by itself
//! once there is room.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::json;

use crate::disk::Disk;
use crate::peer::{Peer, capture, captured, event, inbox, send, trouble, well_again};
use crate::support::{Server, text};

/// More than what is left of a log that is used again.
const LARGE: usize = 400_000;
/// An answer whose record finds no room where even small requests find none.
const HUGE: usize = 4 << 20;
const SMALL: usize = 40_000;
/// More tries than there is room for.
const TRIES: usize = 40;

/// Sends large events until one is refused; the markers of those that were accepted.
async fn events_until_refused(server: &Server, disk: &Disk) -> Vec<String> {
    let mut accepted = Vec::new();
    for number in 0..TRIES {
        let marker = format!("large-{number}");
        let answer = server.send(Method::POST, "/v1/events", Some(&event(&marker, LARGE))).await;
        if answer.status == 202 {
            accepted.push(marker);
            continue;
        }
        let (status, kind) = disk.problem();
        assert_eq!((answer.status.as_u16(), text(&answer.body, "type")), (status, kind), "{}", answer.body);
        assert!(text(&answer.body, "detail").contains("disk that holds the workspace"), "{}", answer.body);
        return accepted;
    }
    panic!("the disk was never full");
}

/// Captures requests of a size until one is refused; the markers of those that were answered 200.
async fn captures_until_refused(server: &Server, disk: &Disk, size: usize) -> Vec<String> {
    let mut answered = Vec::new();
    for number in 0..TRIES {
        let marker = format!("{size}-{number}");
        let (status, words) = capture(server, &marker, size).await;
        if status == 200 {
            answered.push(marker);
            continue;
        }
        assert_eq!(status, disk.problem().0, "{words}");
        assert!(words.starts_with("Not stored: "), "{words}");
        return answered;
    }
    panic!("the disk was never full");
}

#[tokio::test]
async fn a_full_disk_loses_nothing_that_was_answered_and_is_got_over() {
    let disk = Disk::new().await;
    let server = disk.serve().await;
    let peer = Peer::start().await;
    peer.endpoint(&server).await;
    server.patch("/v1/settings", &json!({"response_cap": HUGE})).await;
    inbox(&server).await;
    assert_eq!(trouble(&server).await, json!(null));
    let first = send(&server, "first").await;
    server.until(&first, |now| now["status"] == "delivered").await;
    assert_eq!(capture(&server, "first", 10).await.0, 200);

    // One attempt is under way when the disk fills up; its outcome cannot be written down.
    peer.shut();
    let under_way = send(&server, "under-way").await;
    peer.has(2).await;
    disk.fill(&server).await;
    let sent = events_until_refused(&server, &disk).await;
    let mut kept = BTreeSet::from(["first".to_owned()]);
    for size in [LARGE, SMALL] {
        kept.extend(captures_until_refused(&server, &disk, size).await);
    }
    let told = trouble(&server).await;
    assert_eq!(told["kind"], disk.trouble(), "{told}");
    peer.open_with(HUGE);
    let told = server.until("/v1/health", |health| health["trouble"]["unrecorded"].as_u64() > Some(0)).await;
    assert!(text(&told["trouble"], "message").contains("disk"), "{told}");

    // Reading goes on, and a setting is either changed or refused.
    assert_eq!(server.get(&first).await["status"], "delivered");
    let before = server.get("/v1/settings").await["max_in_flight"].clone();
    let patched = server.send(Method::PATCH, "/v1/settings", Some(&json!({"max_in_flight": 7}))).await;
    let after = server.get("/v1/settings").await["max_in_flight"].clone();
    if patched.status == 200 {
        assert_eq!(after, 7);
    } else {
        assert_eq!(patched.status.as_u16(), disk.problem().0, "{}", patched.body);
        assert_eq!(after, before);
    }

    peer.open();
    disk.make_room(&server).await;
    well_again(&server).await;
    server.until(&under_way, |now| now["status"] == "delivered").await;
    assert_eq!(capture(&server, "after", LARGE).await.0, 200);
    kept.insert("after".to_owned());
    let after = send(&server, "after").await;
    server.until(&after, |now| now["status"] == "delivered").await;
    server.until("/v1/deliveries/count?status=pending,in_flight,retrying", |now| now["count"] == 0).await;
    let arrivals = peer.arrivals();
    for marker in ["first", "under-way", "after"].into_iter().chain(sent.iter().map(String::as_str)) {
        assert_eq!(arrivals.iter().filter(|one| *one == marker).count(), 1, "{marker} in {arrivals:?}");
    }
    assert_eq!(arrivals.len(), 3 + sent.len(), "nothing that was refused was sent: {arrivals:?}");

    let (status, log) = server.stop().await;
    assert!(status.success(), "{log}");
    let server = disk.serve().await;
    assert_eq!(captured(&server).await.into_iter().collect::<BTreeSet<_>>(), kept);
    assert_eq!(server.rows("/v1/deliveries?status=delivered").await.len(), 3 + sent.len());
}

#[tokio::test]
async fn a_stop_with_a_full_disk_ends_and_the_next_start_says_what_was_cut_off() {
    let disk = Disk::new().await;
    let server = disk.serve().await;
    let peer = Peer::start().await;
    peer.endpoint(&server).await;
    server.patch("/v1/settings", &json!({"response_cap": HUGE})).await;
    inbox(&server).await;
    peer.shut();
    let under_way = send(&server, "under-way").await;
    peer.has(1).await;
    disk.fill(&server).await;
    for size in [LARGE, SMALL] {
        captures_until_refused(&server, &disk, size).await;
    }
    peer.open_with(HUGE);
    server.until("/v1/health", |health| health["trouble"]["unrecorded"].as_u64() > Some(0)).await;
    server.signal("-TERM").await;
    let (status, log) = server.ended().await;
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("attempts unrecorded"), "{log}");

    peer.open();
    disk.empty();
    let server = disk.serve().await;
    let done = server.until(&under_way, |now| now["status"] == "delivered").await;
    let outcomes: Vec<_> =
        done["attempts"].as_array().expect("attempts").iter().map(|one| text(one, "outcome")).collect();
    assert_eq!(outcomes, ["interrupted", "delivered"], "{done}");
    assert_eq!(peer.arrivals(), ["under-way", "under-way"]);
}
