//! Where the time of an exchange goes, and how far it got: the parts of the exchange say what they begin, so
//! that one that is cut short can still be told.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hookbench_model::{AttemptTiming, Connection, TlsConnection};

use super::tap::Tap;

/// What an exchange is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Finding the address.
    Lookup,
    /// Opening the TCP connection.
    Connect,
    /// Getting through the proxy.
    Tunnel,
    /// The TLS handshake.
    Handshake,
    /// Sending the request, and waiting for the head of the answer.
    Request,
    /// Reading the body of the answer.
    Body,
}

const STAGES: usize = 6;

/// What is known of a connection; it stays the same for as long as it is open.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub(super) remote: Option<SocketAddr>,
    pub(super) local: Option<SocketAddr>,
    pub(super) proxy: Option<String>,
    pub(super) tls: Option<TlsConnection>,
    pub(super) http2: Option<bool>,
}

/// The moments of one exchange.
#[derive(Debug)]
pub(super) struct Phases {
    began: Instant,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    stage: Option<Stage>,
    began: [Option<Instant>; STAGES],
    ended: [Option<Instant>; STAGES],
    /// The connection so far, where it is being opened for this exchange.
    opening: Facts,
    /// The connection that it was made over, and whether that was open before.
    over: Option<(Arc<Facts>, bool)>,
    tap: Option<Arc<Tap>>,
}

impl Phases {
    pub(super) fn begin() -> Self {
        Self { began: Instant::now(), state: Mutex::default() }
    }

    /// The last stage has ended and this one begins.
    pub(super) fn enter(&self, stage: Stage) {
        let now = Instant::now();
        let mut state = self.lock();
        state.end_stage(now);
        state.stage = Some(stage);
        state.began[stage as usize] = Some(now);
        state.ended[stage as usize] = None;
    }

    /// The exchange has ended, one way or the other.
    pub(super) fn done(&self) -> Instant {
        let now = Instant::now();
        self.lock().end_stage(now);
        now
    }

    /// What it is at.
    pub(super) fn stage(&self) -> Option<Stage> {
        self.lock().stage
    }

    /// Notes something of the connection that is being opened.
    pub(super) fn learn(&self, fact: impl FnOnce(&mut Facts)) {
        fact(&mut self.lock().opening);
    }

    /// The connection that was opened, once it stands.
    pub(super) fn opened(&self) -> Facts {
        self.lock().opening.clone()
    }

    /// Another connection is looked for: what was learnt of the last one is none of this exchange.
    pub(super) fn start_over(&self) {
        *self.lock() = State::default();
    }

    /// The exchange is made over this connection.
    pub(super) fn over(&self, facts: Arc<Facts>, reused: bool, tap: Option<Arc<Tap>>) {
        let mut state = self.lock();
        state.over = Some((facts, reused));
        state.tap = tap;
    }

    /// Whether it is made over a connection that was open before.
    pub(super) fn reused(&self) -> bool {
        self.lock().over.as_ref().is_some_and(|(_, reused)| *reused)
    }

    /// What the connection carried, where it is this exchange's alone.
    pub(super) fn tap(&self) -> Option<Arc<Tap>> {
        self.lock().tap.clone()
    }

    /// The proxy that the way leads through.
    pub(super) fn proxy(&self) -> Option<String> {
        self.facts(|facts| facts.proxy.clone())
    }

    /// The address that was connected to.
    pub(super) fn remote(&self) -> Option<SocketAddr> {
        self.facts(|facts| facts.remote)
    }

    /// The record of the connection; `None` where none stood.
    pub(super) fn connection(&self) -> Option<Connection> {
        let reused = self.reused();
        self.facts(|facts| {
            facts.remote?;
            Some(Connection {
                reused,
                http_version: facts.http2.map(|two| if two { "HTTP/2.0" } else { "HTTP/1.1" }.to_owned()),
                local_addr: facts.local.map(|address| address.to_string()),
                proxy: facts.proxy.clone(),
                tls: facts.tls.clone(),
            })
        })
    }

    /// Whether the request was written as HTTP/2.
    pub(super) fn is_http2(&self) -> bool {
        self.facts(|facts| facts.http2) == Some(true)
    }

    /// How long it has taken until `end`.
    pub(super) fn since_begin(&self, end: Instant) -> Duration {
        end.saturating_duration_since(self.began)
    }

    /// What has been measured; phases that did not happen are `None`.
    pub(super) fn timing(&self) -> AttemptTiming {
        let state = self.lock();
        let took = |stage: Stage| {
            let (began, ended) = (state.began[stage as usize]?, state.ended[stage as usize]?);
            Some(ended.saturating_duration_since(began).as_secs_f64() * 1000.0)
        };
        let connect = took(Stage::Connect).map(|ms| ms + took(Stage::Tunnel).unwrap_or_default());
        AttemptTiming {
            dns_ms: took(Stage::Lookup),
            connect_ms: connect,
            tls_ms: took(Stage::Handshake),
            first_byte_ms: took(Stage::Request),
            body_ms: took(Stage::Body),
        }
    }

    fn facts<T>(&self, of: impl FnOnce(&Facts) -> T) -> T {
        let state = self.lock();
        match &state.over {
            Some((facts, _)) => of(facts),
            None => of(&state.opening),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn end_stage(&mut self, now: Instant) {
        if let Some(stage) = self.stage {
            self.ended[stage as usize].get_or_insert(now);
        }
    }
}
