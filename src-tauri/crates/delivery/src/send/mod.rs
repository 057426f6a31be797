//! One exchange over HTTP: a request out, at most so much of an answer in, within a time that covers all.
//!
//! It is made straight on hyper: what is recorded of a connection (the address that the egress rules were asked
//! about, the agreed TLS, the certificate even of a handshake that failed, how an answer broke off) is not told
//! by the clients that are built on it.

mod answer_head;
mod ask;
mod certificate;
mod connect;
mod exchange;
mod failure;
mod head;
mod line;
mod names;
mod phases;
mod pool;
mod proxy;
mod tap;
mod target;
mod tls;
mod way;

use std::net::SocketAddr;
use std::time::Duration;

use hookbench_model::{AttemptTiming, Connection, SentResponse};
use tokio::sync::watch;

pub use ask::{Answer, AnswerBody};
pub use certificate::{facts as certificate_facts, permitted as permitted_by_certificate};
pub use failure::Failure;
pub use names::Names;
pub use proxy::SystemProxy;
pub use tls::{TlsSetupError, check_tls};
pub use way::Way;

use crate::build::BuiltRequest;
use connect::Connector;
use exchange::Arrived;
use line::OpenCount;
use phases::Phases;
use target::Target;
use way::Routes;

/// What bounds an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long it may take, from finding the address to the answer's last byte.
    pub timeout: Duration,
    /// How much of the answer's body is kept, in bytes; reading stops there.
    pub response_cap: usize,
}

/// What came of an exchange.
#[derive(Clone, Debug, Default)]
pub struct Exchange {
    /// How long it took in all.
    pub duration: Duration,
    /// How long each phase took.
    pub timing: AttemptTiming,
    /// The address that was connected to: the server's, or the proxy's.
    pub remote_addr: Option<SocketAddr>,
    /// The connection that it was made over; `None` where none stood.
    pub connection: Option<Connection>,
    /// Whether the request went out as HTTP/2.
    pub over_http2: bool,
    /// What came back: the whole answer, or as much of it as came before it failed.
    pub response: Option<SentResponse>,
    /// Why the answer is not whole; `None` where it is (or was cut at the cap).
    pub failure: Option<Failure>,
}

/// Sends requests, over connections that it keeps for the next ones.
#[derive(Debug, Default)]
pub struct Sender {
    connector: Connector,
    routes: Routes,
    open: OpenCount,
}

impl Sender {
    /// A sender without connections.
    pub fn new() -> Self {
        Self::default()
    }

    /// A sender that finds names and the system's proxies by these.
    pub fn within(names: Names, system_proxy: SystemProxy) -> Self {
        let connector = Connector { names, system_proxy, ..Connector::default() };
        Self { connector, ..Self::default() }
    }

    /// How many connections are open, as it changes.
    pub fn open_connections(&self) -> watch::Receiver<usize> {
        self.open.subscribe()
    }

    /// Sends one request and reads its answer.
    pub async fn send(&self, request: &BuiltRequest, way: Way<'_>, limits: Limits) -> Exchange {
        let phases = Phases::begin();
        let mut arrived = Arrived::default();
        let Some(target) = Target::of(request.url()) else {
            let why = std::io::Error::from(std::io::ErrorKind::Unsupported);
            return arrived.end(&phases, Some(failure::unbuildable(request.url().as_str(), &why)));
        };
        let route = self.routes.get(&way);
        let work = self.exchange(request, &route, &target, limits.response_cap, &phases, &mut arrived);
        let ended = tokio::time::timeout(limits.timeout, work).await;
        let (failure, line) = match ended {
            Ok(Ok(line)) => (None, line),
            Ok(Err(failure)) => (Some(failure), None),
            Err(_) => {
                let proxy = phases.proxy();
                let peer = target.shown();
                (Some(failure::timed_out(limits.timeout, &peer, phases.stage(), proxy.as_deref())), None)
            }
        };
        let exchange = arrived.end(&phases, failure);
        if let Some(line) = line {
            exchange::keep(&route.pool, &target, line).await;
        }
        exchange
    }
}
