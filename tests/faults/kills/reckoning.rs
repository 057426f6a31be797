//! After the last kill: the books of senders and receivers against what the workspace says.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value;
use tokio::task::JoinSet;

use super::receiver::{Arrival, Manner, Receiver};
use super::senders::Ledger;
use crate::support::{Server, text};

/// How many deliveries are read at a time.
const READERS: usize = 4;
/// One captured request in so many is read to the byte.
const BODIES: usize = 10;

/// A receiver and the endpoint that leads to it.
pub(crate) struct Line {
    pub(crate) receiver: Receiver,
    pub(crate) endpoint: String,
}

/// What came of it, for the log of the run.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    pub(crate) events: usize,
    pub(crate) replayed: usize,
    pub(crate) captured: usize,
    pub(crate) deliveries: usize,
    pub(crate) interrupted: usize,
    pub(crate) repeats: usize,
}

/// Every event that was answered is there, once, and none besides.
pub(crate) async fn events_are_there_once(server: &Server, ledger: &Ledger, sums: &mut Sums) {
    let rows = server.rows(&format!("/v1/events?type={}", ledger.event_type)).await;
    let kept: BTreeSet<&str> = rows.iter().map(|row| text(row, "id")).collect();
    let books = ledger.books();
    let answered: BTreeSet<&str> = books.accepted.values().map(|accepted| accepted.event.as_str()).collect();
    assert_eq!(answered.len(), books.accepted.len(), "two keys led to one event");
    let lost: Vec<_> = answered.difference(&kept).collect();
    assert!(lost.is_empty(), "accepted and gone: {lost:?}");
    let twice: Vec<_> = kept.difference(&answered).collect();
    assert!(twice.is_empty(), "made for a key that was answered with another event: {twice:?}");
    sums.events += answered.len();
    sums.replayed += books.replayed;
}

/// Every captured request that was answered is there, once, to the byte, and no stranger.
pub(crate) async fn requests_are_there_once(server: &Server, ledger: &Ledger, sums: &mut Sums) {
    let rows = server.rows("/v1/requests").await;
    let ids: BTreeMap<&str, &str> =
        rows.iter().map(|row| (text(row, "path").trim_start_matches('/'), text(row, "id"))).collect();
    assert_eq!(ids.len(), rows.len(), "a request was kept twice");
    let (captured, unanswered) = {
        let books = ledger.books();
        (books.captured.clone(), books.unanswered.clone())
    };
    for marker in &captured {
        assert!(ids.contains_key(marker.as_str()), "{marker} was answered and is gone");
    }
    for marker in ids.keys() {
        assert!(captured.contains(*marker) || unanswered.contains(*marker), "nobody sent {marker}");
    }
    for (marker, id) in ids.iter().step_by(BODIES) {
        let body = server.raw(&format!("/v1/requests/{id}/body")).await;
        assert_eq!(body, marker.as_bytes(), "{id}");
    }
    sums.captured += captured.len();
}

/// Every delivery has ended as its receiver's manner says, and the receiver's books agree with it.
pub(crate) async fn deliveries_agree(
    server: &Arc<Server>,
    ledger: &Ledger,
    lines: &[&Line],
    kills: usize,
    sums: &mut Sums,
) {
    let accepted = ledger.books().accepted.clone();
    for line in lines {
        let arrivals = by_marker(&line.receiver.arrivals());
        let wanted: HashMap<String, &str> = accepted
            .iter()
            .filter_map(|(marker, one)| Some((one.deliveries.get(&line.endpoint)?.clone(), marker.as_str())))
            .collect();
        assert_eq!(wanted.len(), accepted.len(), "each event goes to each endpoint");
        for delivery in read_all(server, wanted.keys().cloned().collect()).await {
            let marker = wanted[text(&delivery, "id")];
            let none = Vec::new();
            let arrived = arrivals.get(marker).unwrap_or(&none);
            sums.interrupted += agrees(&delivery, line.receiver.manner, arrived, kills);
            sums.deliveries += 1;
            sums.repeats += arrived.len().saturating_sub(line.receiver.manner.most_arrivals());
        }
        let strangers: Vec<_> = arrivals.keys().filter(|marker| !accepted.contains_key(*marker)).collect();
        assert!(strangers.is_empty(), "arrived and in no book: {strangers:?}");
    }
}

fn by_marker(arrivals: &[Arrival]) -> BTreeMap<String, Vec<Option<u16>>> {
    let mut found: BTreeMap<String, Vec<Option<u16>>> = BTreeMap::new();
    for arrival in arrivals {
        found.entry(arrival.marker.clone()).or_default().push(arrival.answered);
    }
    found
}

async fn read_all(server: &Arc<Server>, ids: Vec<String>) -> Vec<Value> {
    let mut reading = JoinSet::new();
    for share in ids.chunks(ids.len().div_ceil(READERS).max(1)) {
        let (server, share) = (Arc::clone(server), share.to_vec());
        reading.spawn(async move {
            let mut read = Vec::new();
            for id in share {
                read.push(server.get(&format!("/v1/deliveries/{id}")).await);
            }
            read
        });
    }
    reading.join_all().await.concat()
}

/// One delivery against what its receiver saw of it; how many of its attempts were interrupted.
fn agrees(delivery: &Value, manner: Manner, arrived: &[Option<u16>], kills: usize) -> usize {
    let attempts = delivery["attempts"].as_array().expect("attempts");
    let outcomes: Vec<&str> = attempts.iter().map(|attempt| text(attempt, "outcome")).collect();
    let interrupted = outcomes.iter().filter(|outcome| **outcome == "interrupted").count();
    let told = format!("{manner:?}: it arrived as {arrived:?}, and the log says {delivery}");
    assert!(attempts.iter().enumerate().all(|(at, attempt)| attempt["number"] == at + 1), "{told}");
    assert!(interrupted <= kills, "{told}");
    // Each arrival is an attempt of the log, and each repeat one that was interrupted.
    assert!(arrived.len() <= attempts.len(), "{told}");
    assert!(arrived.len() <= manner.most_arrivals() + interrupted, "{told}");
    let accepted = arrived.iter().filter(|answer| **answer == Some(200)).count();
    let delivered = outcomes.iter().filter(|outcome| **outcome == "delivered").count();
    if manner == Manner::Refusing {
        assert_eq!(delivery["status"], "failed", "{told}");
        // The plan's attempts, and one more where the last was interrupted.
        let most = manner.most_arrivals();
        assert!((most..=most + 1).contains(&attempts.len()), "{told}");
        assert!(attempts.len() == most || outcomes[most - 1] == "interrupted", "{told}");
        assert_eq!(delivery["max_attempts"], attempts.len(), "{told}");
    } else {
        assert_eq!(delivery["status"], "delivered", "{told}");
        assert_eq!((delivered, outcomes.last()), (1, Some(&"delivered")), "{told}");
        assert!((1..=1 + interrupted).contains(&accepted), "{told}");
    }
    interrupted
}

/// What the ordered endpoint was sent came in the order of the events, a repeat before the next. Their one sender waits
/// for each answer before it sends the next, and sends again what was not answered: their order is that of the markers.
pub(crate) fn order_was_kept(line: &Line) {
    let arrivals = line.receiver.arrivals();
    for pair in arrivals.windows(2) {
        assert!(pair[0].marker <= pair[1].marker, "{} came after {}", pair[1].marker, pair[0].marker);
    }
}
