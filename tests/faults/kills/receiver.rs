//! Receivers that outlive the kills, each with a manner of its own, and a ledger of what arrived.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How a receiver treats what arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It answers 200.
    Steady,
    /// It answers 200 after a while, so that a kill finds attempts under way.
    Slow,
    /// It answers 503 to what it has not seen before.
    Busy,
    /// It closes the connection on what it has not seen before.
    Rude,
    /// It answers 200, but 503 to every eighth that it has not seen before. Its endpoint is ordered.
    InOrder,
    /// It answers 500, always.
    Refusing,
}

/// Where the asking for a marker is kept out of the ledger.
const SETTLE: &str = "/settle";

impl Manner {
    pub(crate) const ALL: [Self; 6] =
        [Self::Steady, Self::Slow, Self::Busy, Self::Rude, Self::InOrder, Self::Refusing];

    /// The most arrivals of one event where nothing is interrupted.
    pub(crate) fn most_arrivals(self) -> usize {
        match self {
            Self::Steady | Self::Slow => 1,
            Self::Busy | Self::Rude | Self::InOrder => 2,
            Self::Refusing => 3,
        }
    }

    /// The status of the answer to a marker; `None` for none at all.
    fn answer(self, is_new: bool, how_many_new: usize) -> Option<u16> {
        match self {
            Self::Busy if is_new => Some(503),
            Self::Rude if is_new => None,
            Self::InOrder if is_new && how_many_new.is_multiple_of(8) => Some(503),
            Self::Refusing => Some(500),
            _ => Some(200),
        }
    }
}

/// One request that arrived whole.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    /// What the sender put into the event.
    pub(crate) marker: String,
    /// What it was answered; `None` where the connection was closed instead.
    pub(crate) answered: Option<u16>,
}

#[derive(Default)]
struct Ledger {
    arrivals: Vec<Arrival>,
    seen: BTreeSet<String>,
}

/// A receiver of the outside, and its ledger.
pub(crate) struct Receiver {
    pub(crate) manner: Manner,
    pub(crate) url: String,
    ledger: Arc<Mutex<Ledger>>,
    /// How many connections are open.
    open: watch::Receiver<usize>,
}

impl Receiver {
    pub(crate) async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let ledger = Arc::new(Mutex::new(Ledger::default()));
        let (open, watched) = watch::channel(0);
        tokio::spawn(accept(listener, manner, Arc::clone(&ledger), Arc::new(open)));
        Self { manner, url, ledger, open: watched }
    }

    /// Waits until everything that the dead process sent has been read: what arrives from now on comes from
    /// another.
    pub(crate) async fn settle(&self) {
        // Connections are accepted in their order, so after ours there is none that still waits for it.
        let client =
            reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().expect("a client");
        let url = format!("{}settle", self.url);
        let answer = client.get(url).send().await.expect("the receiver lives");
        assert_eq!(answer.status(), 204);
        drop((answer, client));
        self.open.clone().wait_for(|open| *open == 0).await.expect("the receiver lives");
    }

    /// What has arrived, in its order.
    pub(crate) fn arrivals(&self) -> Vec<Arrival> {
        self.ledger.lock().expect("no test thread panics with it").arrivals.clone()
    }
}

async fn accept(
    listener: TcpListener,
    manner: Manner,
    ledger: Arc<Mutex<Ledger>>,
    open: Arc<watch::Sender<usize>>,
) {
    loop {
        let (stream, _) = listener.accept().await.expect("the listener lives");
        open.send_modify(|open| *open += 1);
        tokio::spawn(serve(stream, manner, Arc::clone(&ledger), Arc::clone(&open)));
    }
}

async fn serve(
    stream: TcpStream,
    manner: Manner,
    ledger: Arc<Mutex<Ledger>>,
    open: Arc<watch::Sender<usize>>,
) {
    let service = service_fn(|request| receive(request, manner, &ledger));
    // The other end is killed: a connection that breaks off is what this is about.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
    open.send_modify(|open| *open -= 1);
}

/// Closes the connection without an answer.
#[derive(Debug)]
struct HangUp;

impl std::fmt::Display for HangUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("this receiver hangs up")
    }
}

impl std::error::Error for HangUp {}

async fn receive(
    request: Request<Incoming>,
    manner: Manner,
    ledger: &Mutex<Ledger>,
) -> Result<Response<Full<Bytes>>, HangUp> {
    if request.uri().path() == SETTLE {
        return Ok(answer(204));
    }
    // What was cut off by the kill has not arrived.
    let body = request.into_body().collect().await.map_err(|_| HangUp)?.to_bytes();
    let status = note(&body, manner, ledger);
    if manner == Manner::Slow {
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    status.map(answer).ok_or(HangUp)
}

/// Writes an arrival down before it is answered, so that what is taken for delivered is always in the ledger.
fn note(body: &[u8], manner: Manner, ledger: &Mutex<Ledger>) -> Option<u16> {
    let payload: Value = serde_json::from_slice(body).expect("whole JSON");
    let marker = crate::support::text(&payload["data"], "marker").to_owned();
    let mut ledger = ledger.lock().expect("no test thread panics with it");
    let is_new = ledger.seen.insert(marker.clone());
    let answered = manner.answer(is_new, ledger.seen.len());
    ledger.arrivals.push(Arrival { marker, answered });
    answered
}

fn answer(status: u16) -> Response<Full<Bytes>> {
    Response::builder().status(status).body(Full::new(Bytes::new())).expect("a status")
}
