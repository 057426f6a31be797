//! A receiver outside, which answers when it is told to.

use std::convert::Infallible;
use std::path::Path;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::support::{Server, text};

/// A receiver that writes down what arrives and holds its answers back for as long as its gate is shut.
pub(crate) struct Peer {
    pub(crate) url: String,
    arrivals: Arc<Mutex<Vec<String>>>,
    count: watch::Receiver<usize>,
    /// How large an answer is, in bytes; `None` while none is given.
    gate: watch::Sender<Option<usize>>,
}

impl Peer {
    /// A receiver that answers 200 at once.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let (gate, gated) = watch::channel(Some(2));
        let (counted, count) = watch::channel(0);
        let arrivals = Arc::new(Mutex::new(Vec::new()));
        let books = Arc::clone(&arrivals);
        let counted = Arc::new(counted);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.expect("the listener lives");
                let (books, counted, gate) = (Arc::clone(&books), Arc::clone(&counted), gated.clone());
                tokio::spawn(async move {
                    let service = service_fn(|request| answer(request, &books, &counted, gate.clone()));
                    let http = hyper::server::conn::http1::Builder::new();
                    // The other end may be stopped or killed.
                    let _ = http.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { url, arrivals, count, gate }
    }

    /// Holds answers back from now on.
    pub(crate) fn shut(&self) {
        self.gate.send_replace(None);
    }

    /// Gives the answers that were held back, and all that follow.
    pub(crate) fn open(&self) {
        self.open_with(2);
    }

    /// The same, with bodies of so many bytes.
    pub(crate) fn open_with(&self, bytes: usize) {
        self.gate.send_replace(Some(bytes));
    }

    /// The markers of what has arrived, in its order.
    pub(crate) fn arrivals(&self) -> Vec<String> {
        self.arrivals.lock().expect("no test thread panics with it").clone()
    }

    /// Waits until so many have arrived.
    pub(crate) async fn has(&self, arrivals: usize) {
        let mut count = self.count.clone();
        let waited = count.wait_for(|count| *count >= arrivals);
        tokio::time::timeout(crate::support::PATIENCE, waited)
            .await
            .expect("they arrive in time")
            .expect("the peer lives");
    }

    /// An endpoint that leads here and tries again at once.
    pub(crate) async fn endpoint(&self, server: &Server) {
        let endpoint = json!({
            "url": self.url, "provider": "pulsewave", "enabled_events": ["*"],
            "retry": {"delays_ms": [20, 20, 20, 20, 20, 20], "jitter": 0.0},
            // Answers are held back for longer than a provider would wait.
            "timeout_ms": 60_000,
        });
        server.post("/v1/webhook-endpoints", &endpoint).await;
    }
}

async fn answer(
    request: Request<Incoming>,
    books: &Mutex<Vec<String>>,
    counted: &watch::Sender<usize>,
    mut gate: watch::Receiver<Option<usize>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let sent =
        request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let payload: Value = serde_json::from_slice(&sent).unwrap_or_default();
    let marker = payload["data"]["marker"].as_str().unwrap_or_default().to_owned();
    books.lock().expect("no test thread panics with it").push(marker);
    counted.send_modify(|count| *count += 1);
    // Where the test is over nobody reads the answer.
    let bytes = gate.wait_for(Option::is_some).await.map_or(None, |bytes| *bytes).unwrap_or(0);
    Ok(Response::new(Full::new(Bytes::from(vec![b'x'; bytes]))))
}

/// The body of a call that sends an event.
pub(crate) fn event(marker: &str, padding: usize) -> Value {
    json!({
        "type": "message.sent", "provider": "pulsewave",
        "data": {"marker": marker, "padding": "x".repeat(padding)},
    })
}

/// Sends an event; the path of its one delivery.
pub(crate) async fn send(server: &Server, marker: &str) -> String {
    let sent = server.post("/v1/events", &event(marker, 0)).await;
    format!("/v1/deliveries/{}", text(&sent["deliveries"][0], "id"))
}

/// A server with a receiver that holds back its answer to the one delivery that is under way, and that delivery's path.
pub(crate) async fn one_under_way(data: &Path) -> (Server, Peer, String) {
    let server = Server::start(data).await;
    let peer = Peer::start().await;
    peer.endpoint(&server).await;
    peer.shut();
    let under_way = send(&server, "under-way").await;
    peer.has(1).await;
    (server, peer, under_way)
}

/// Posts to the inbox `in`; the status and the words of the answer.
pub(crate) async fn capture(server: &Server, marker: &str, padding: usize) -> (u16, String) {
    let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().expect("a client");
    let url = format!("{}/in/{marker}", server.capture);
    let answer = client.post(url).body("x".repeat(padding)).send().await.expect("an answer");
    (answer.status().as_u16(), answer.text().await.expect("a body"))
}

/// The inbox that [`capture`] posts to.
pub(crate) async fn inbox(server: &Server) {
    server.post("/v1/inboxes", &json!({"name": "In", "slug": "in"})).await;
}

/// The markers of what was captured.
pub(crate) async fn captured(server: &Server) -> Vec<String> {
    let rows = server.rows("/v1/requests").await;
    rows.iter().map(|row| text(row, "path").trim_start_matches('/').to_owned()).collect()
}

/// What the health says of the data folder.
pub(crate) async fn trouble(server: &Server) -> Value {
    server.get("/v1/health").await["trouble"].clone()
}

/// Waits until the health names no trouble any more.
pub(crate) async fn well_again(server: &Server) {
    server.until("/v1/health", |health| health["trouble"].is_null()).await;
}
