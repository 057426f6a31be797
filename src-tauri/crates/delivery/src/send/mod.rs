//! One exchange over HTTP: a request out, at most so much of an answer in, within a time that covers all.

mod clients;
mod failure;
mod phases;
mod resolver;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use hookbench_model::{AttemptTiming, HeaderPairs, Outcome, SentResponse, TlsPolicy};

pub use clients::ClientError;
pub use failure::Failure;
pub use tls::TlsSetupError;

use crate::build::BuiltRequest;
use clients::Clients;
use phases::Phases;

/// What bounds an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long it may take, from finding the address to the answer's last byte.
    pub timeout: Duration,
    /// How much of the answer's body is kept, in bytes; reading stops there.
    pub response_cap: usize,
}

/// What came of an exchange.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// How long it took in all.
    pub duration: Duration,
    /// How long each phase took.
    pub timing: AttemptTiming,
    /// The address that was connected to.
    pub remote_addr: Option<SocketAddr>,
    /// What came back: the whole answer, or as much of it as came before it failed.
    pub response: Option<SentResponse>,
    /// Why the answer is not whole; `None` where it is (or was cut at the cap).
    pub failure: Option<Failure>,
}

/// Sends requests, over connections that it keeps for the next ones.
#[derive(Debug, Default)]
pub struct Sender {
    clients: Clients,
}

impl Sender {
    /// A sender without connections.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends one request and reads its answer.
    pub async fn send(&self, request: &BuiltRequest, tls: &TlsPolicy, limits: Limits) -> Exchange {
        let phases = Phases::begin();
        let mut arrived = Arrived::default();
        let client = match self.clients.get(tls) {
            Ok(client) => client,
            Err(error) => return arrived.end(&phases, Some(blocked(&error))),
        };
        let peer = request.peer();
        let work = exchange(&client, request, limits.response_cap, &phases, &mut arrived);
        let ended = tokio::time::timeout(limits.timeout, Arc::clone(&phases).watch(work)).await;
        let failure = match ended {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(failure::explain(&error, &peer, &phases)),
            Err(_) => Some(failure::timed_out(limits.timeout, &peer, &phases)),
        };
        arrived.end(&phases, failure)
    }
}

fn blocked(error: &ClientError) -> Failure {
    let why = match std::error::Error::source(error) {
        Some(source) => format!("{error} ({source})"),
        None => error.to_string(),
    };
    Failure { outcome: Outcome::Blocked, error: format!("Nothing was sent: {why}") }
}

/// As much of an answer as is here.
#[derive(Debug, Default)]
struct Arrived {
    head: Option<Head>,
    body: BytesMut,
    received: u64,
    whole: bool,
    remote_addr: Option<SocketAddr>,
}

#[derive(Debug)]
struct Head {
    status: u16,
    http_version: String,
    headers: HeaderPairs,
}

impl Arrived {
    fn end(self, phases: &Phases, failure: Option<Failure>) -> Exchange {
        let end = Instant::now();
        let response = self.head.map(|head| SentResponse {
            status: head.status,
            http_version: head.http_version,
            headers: head.headers,
            body_size: self.received,
            body: self.body.freeze(),
            body_truncated: !self.whole,
        });
        Exchange {
            duration: phases.since_begin(end),
            timing: phases.timing(end),
            remote_addr: self.remote_addr.or_else(|| phases.peer()),
            response,
            failure,
        }
    }

    /// Keeps a piece of the body; false once the cap is reached and there was more.
    fn keep(&mut self, piece: &[u8], cap: usize) -> bool {
        let room = cap - self.body.len();
        self.received += piece.len() as u64;
        self.body.extend_from_slice(&piece[..piece.len().min(room)]);
        piece.len() <= room
    }
}

async fn exchange(
    client: &reqwest::Client,
    request: &BuiltRequest,
    cap: usize,
    phases: &Phases,
    arrived: &mut Arrived,
) -> Result<(), reqwest::Error> {
    let mut response = client.execute(request.to_reqwest()).await?;
    phases.head_in();
    arrived.remote_addr = response.remote_addr();
    arrived.head = Some(Head {
        status: response.status().as_u16(),
        http_version: format!("{:?}", response.version()),
        headers: response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str(), Bytes::copy_from_slice(value.as_bytes())))
            .collect(),
    });
    while let Some(piece) = response.chunk().await? {
        if !arrived.keep(&piece, cap) {
            phases.body_in();
            return Ok(());
        }
    }
    phases.body_in();
    arrived.whole = true;
    Ok(())
}
