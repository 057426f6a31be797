//! Those who send, from both ends, and the ledger of what they were answered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::support::{PATIENCE, Server, text};

/// The pause between two calls of a sender.
const PACE: Duration = Duration::from_millis(12);
/// Every so many accepted events one is sent again with its old key.
const REPEATS: usize = 8;

/// An event that was accepted, as its sender knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// Its id.
    pub(crate) event: String,
    /// Its deliveries by their endpoints.
    pub(crate) deliveries: BTreeMap<String, String>,
}

/// What was answered, as those who got the answers know it. Each has events of a type of its own.
pub(crate) struct Ledger {
    pub(crate) event_type: &'static str,
    next: AtomicU64,
    books: Mutex<Books>,
    /// How many calls have been answered.
    answered: watch::Sender<u64>,
}

#[derive(Default)]
pub(crate) struct Books {
    /// Accepted events by their markers, which are their idempotency keys too.
    pub(crate) accepted: BTreeMap<String, Accepted>,
    /// Markers of events that were sent and not answered: sent again until they are.
    pub(crate) owed: BTreeSet<String>,
    /// How many answers were repeats of an earlier one.
    pub(crate) replayed: usize,
    /// Markers of requests that the inbox answered with 200.
    pub(crate) captured: BTreeSet<String>,
    /// Markers of requests that were sent and not answered: they may be there or not.
    pub(crate) unanswered: BTreeSet<String>,
}

impl Ledger {
    pub(crate) fn new(event_type: &'static str) -> Self {
        Self { event_type, next: AtomicU64::new(0), books: Mutex::default(), answered: watch::Sender::new(0) }
    }

    /// Waits until so many more calls have been answered.
    pub(crate) async fn answers(&self, more: u64) {
        let mut answered = self.answered.subscribe();
        let wanted = *answered.borrow() + more;
        let waited = answered.wait_for(|answered| *answered >= wanted);
        tokio::time::timeout(PATIENCE, waited).await.expect("calls are answered").expect("it is ours");
    }

    fn marker(&self, what: &str) -> String {
        format!("{what}-{:06}", self.next.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().expect("no test thread panics with it")
    }

    /// A marker that is to be sent: one that is owed, or now and then one that was accepted long ago, or a new one.
    fn next_event(&self) -> String {
        let mut books = self.books();
        if let Some(owed) = books.owed.pop_first() {
            return owed;
        }
        let accepted = books.accepted.len();
        if accepted > 0 && accepted % REPEATS == books.replayed % REPEATS {
            return books.accepted.keys().nth(accepted / 2).expect("half is within").clone();
        }
        drop(books);
        self.marker(self.event_type)
    }
}

/// Sends events until the server is about to be killed.
pub(crate) async fn compose(server: Arc<Server>, ledger: Arc<Ledger>, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(PACE)).await.is_some() {
        let marker = ledger.next_event();
        if !compose_one(&server, &ledger, &marker).await {
            let mut books = ledger.books();
            if !books.accepted.contains_key(&marker) {
                books.owed.insert(marker);
            }
        }
    }
}

/// Sends all that is owed.
pub(crate) async fn settle_debts(server: &Server, ledger: &Ledger) {
    let owed = std::mem::take(&mut ledger.books().owed);
    for marker in owed {
        assert!(compose_one(server, ledger, &marker).await, "the server lives now");
    }
}

/// Sends one event and writes the answer down; whether there was one.
async fn compose_one(server: &Server, ledger: &Ledger, marker: &str) -> bool {
    let body = json!({"type": ledger.event_type, "provider": "pulsewave", "data": {"marker": marker}});
    let call = server
        .request(Method::POST, "/v1/events")
        .header("content-type", "application/json")
        .header("idempotency-key", marker)
        .body(body.to_string());
    let Ok(answer) = call.send().await else { return false };
    let (status, replayed) = (answer.status(), answer.headers().contains_key("idempotent-replayed"));
    let Ok(body) = answer.bytes().await else { return false };
    assert_eq!(status, 202, "{marker}: {}", String::from_utf8_lossy(&body));
    let accepted = accepted(&serde_json::from_slice(&body).expect("JSON"));
    ledger.answered.send_modify(|answered| *answered += 1);
    let mut books = ledger.books();
    books.replayed += usize::from(replayed);
    if let Some(before) = books.accepted.insert(marker.to_owned(), accepted.clone()) {
        assert!(replayed, "{marker} was accepted twice");
        assert_eq!(before, accepted, "the answer to {marker} changed");
    }
    true
}

fn accepted(answer: &Value) -> Accepted {
    let deliveries = answer["deliveries"].as_array().expect("deliveries").iter();
    Accepted {
        event: text(answer, "id").to_owned(),
        deliveries: deliveries
            .map(|one| (text(one, "endpoint_id").to_owned(), text(one, "id").to_owned()))
            .collect(),
    }
}

/// Posts to the inbox until the server is about to be killed.
pub(crate) async fn post_to_inbox(url: String, ledger: Arc<Ledger>, stop: CancellationToken) {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    while stop.run_until_cancelled(tokio::time::sleep(PACE)).await.is_some() {
        let marker = ledger.marker("request");
        let call = client.post(format!("{url}/{marker}")).body(marker.clone());
        let Ok(answer) = call.send().await else {
            ledger.books().unanswered.insert(marker);
            return;
        };
        assert_eq!(answer.status(), 200);
        ledger.books().captured.insert(marker);
        ledger.answered.send_modify(|answered| *answered += 1);
    }
}
