//! kill -9 under load, again and again: what was answered is there, what was accepted is delivered.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use crate::support::{PATIENCE, Server, folder, text};

const KILLS: u64 = 20;
const COMPOSERS: u64 = 4;
const CAPTURERS: u64 = 4;

/// What was answered, as those who got the answers know it.
#[derive(Default)]
struct Ledger {
    /// Deliveries of accepted events, with the marker in their payload.
    accepted: Mutex<BTreeMap<String, String>>,
    /// Markers of requests that the inbox answered with 200.
    captured: Mutex<BTreeSet<String>>,
    next: AtomicU64,
}

impl Ledger {
    fn marker(&self, what: &str) -> String {
        format!("{what}-{:06}", self.next.fetch_add(1, Ordering::Relaxed))
    }
}

/// An HTTP handler of our own that outlives the kills and counts what it is sent.
async fn handler() -> (String, Arc<Mutex<BTreeMap<String, u32>>>) {
    let seen = Arc::new(Mutex::new(BTreeMap::new()));
    let state = Arc::clone(&seen);
    let router = axum::Router::new().fallback(move |body: bytes::Bytes| {
        let state = Arc::clone(&state);
        async move {
            let payload: Value = serde_json::from_slice(&body).unwrap_or_default();
            *state.lock().await.entry(text(&payload["data"], "marker").to_owned()).or_insert(0) += 1;
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, seen)
}

#[tokio::test]
async fn twenty_kills_under_load_lose_nothing_that_was_answered() {
    let data = folder();
    let (url, seen) = handler().await;
    let ledger = Arc::new(Ledger::default());
    let server = Server::start(data.path()).await;
    let endpoint = json!({
        "url": url, "provider": "pulsewave", "enabled_events": ["*"],
        "retry": {"delays_ms": [20, 20, 20, 20, 20, 20, 20, 20, 20, 20], "jitter": 0.0},
    });
    server.post("/v1/webhook-endpoints", &endpoint).await;
    server.post("/v1/inboxes", &json!({"name": "Load", "slug": "load"})).await;
    let (status, _) = server.stop().await;
    assert!(status.success());

    for round in 0..KILLS {
        one_round(data.path(), &ledger, round).await;
    }
    everything_is_there(data.path(), &ledger, &seen).await;
}

/// Starts the server, loads it from both ends, and kills it in the middle.
async fn one_round(data: &Path, ledger: &Arc<Ledger>, round: u64) {
    let server = Arc::new(Server::start(data).await);
    let mut load = JoinSet::new();
    for _ in 0..COMPOSERS {
        load.spawn(compose(Arc::clone(&server), Arc::clone(ledger)));
    }
    for _ in 0..CAPTURERS {
        load.spawn(post_to_inbox(format!("{}/load", server.capture), Arc::clone(ledger)));
    }
    // Another moment each time, so that the kills fall into every part of the work.
    tokio::time::sleep(Duration::from_millis(60 + 37 * round)).await;
    load.shutdown().await;
    Arc::into_inner(server).expect("the load has ended").kill().await;
}

async fn compose(server: Arc<Server>, ledger: Arc<Ledger>) {
    loop {
        let marker = ledger.marker("event");
        let body = json!({"type": "message.sent", "provider": "pulsewave", "data": {"marker": marker}});
        let Ok(answer) = server
            .request(Method::POST, "/v1/events")
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await
        else {
            return;
        };
        assert_eq!(answer.status(), 202);
        let Ok(body) = answer.bytes().await else { return };
        let accepted: Value = serde_json::from_slice(&body).expect("JSON");
        let delivery = text(&accepted["deliveries"][0], "id").to_owned();
        ledger.accepted.lock().await.insert(delivery, marker);
    }
}

async fn post_to_inbox(url: String, ledger: Arc<Ledger>) {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    loop {
        let marker = ledger.marker("request");
        let Ok(answer) = client.post(&url).body(marker.clone()).send().await else { return };
        assert_eq!(answer.status(), 200);
        ledger.captured.lock().await.insert(marker);
    }
}

#[expect(clippy::print_stdout, reason = "the count of what was interrupted belongs into the log of the run")]
async fn everything_is_there(data: &Path, ledger: &Ledger, seen: &Mutex<BTreeMap<String, u32>>) {
    let server = Server::start(data).await;
    let accepted = ledger.accepted.lock().await;
    let captured = ledger.captured.lock().await;
    assert!(
        accepted.len() > 100 && captured.len() > 100,
        "{} events, {} requests",
        accepted.len(),
        captured.len()
    );
    for status in ["pending", "in_flight", "retrying"] {
        server.until(&format!("/v1/deliveries/count?status={status}"), |now| now["count"] == 0).await;
    }
    let mut interrupted = 0;
    for delivery in accepted.keys() {
        let found = server.get(&format!("/v1/deliveries/{delivery}")).await;
        assert_eq!(found["status"], "delivered", "{found}");
        let attempts = found["attempts"].as_array().expect("attempts");
        interrupted += attempts.iter().filter(|attempt| attempt["outcome"] == "interrupted").count();
        assert!(
            attempts.iter().enumerate().all(|(index, attempt)| attempt["number"] == index + 1),
            "{found}"
        );
    }
    let seen = seen.lock().await;
    for marker in accepted.values() {
        assert!(seen.contains_key(marker), "{marker} was accepted and never arrived");
    }
    let mut bodies = BTreeSet::new();
    for row in server.rows("/v1/requests").await {
        bodies.insert(server.raw(&format!("/v1/requests/{}/body", text(&row, "id"))).await);
    }
    for marker in captured.iter() {
        assert!(bodies.contains(marker.as_bytes()), "{marker} was answered and is gone");
    }
    println!(
        "{KILLS} kills: {} events and {} requests answered, {interrupted} attempts interrupted, {} repeats",
        accepted.len(),
        captured.len(),
        seen.values().filter(|count| **count > 1).count(),
    );
    let (status, _) = tokio::time::timeout(PATIENCE, server.stop()).await.expect("it stops");
    assert!(status.success());
}
