//! Where the time of an attempt goes, seen from inside reqwest: a resolver, a layer around the connector
//! and a hook at the start of the TLS handshake note the moments in whatever attempt is polling them.
//!
//! A connection that is being opened for one attempt may end up serving another, when an older connection
//! comes free first. Moments are therefore noted only while the attempt itself is polling; what goes on
//! behind its back is not its own, and its phases stay empty, as for any reused connection.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hookbench_model::AttemptTiming;
use hyper_util::client::legacy::connect::{Connection, HttpInfo};
use tower::{Layer, Service};

tokio::task_local! {
    static CURRENT: Arc<Phases>;
}

/// The moments of one exchange.
#[derive(Debug)]
pub(super) struct Phases {
    began: Instant,
    moments: Mutex<Moments>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    lookup_began: Option<Instant>,
    lookup_ended: Option<Instant>,
    connect_began: Option<Instant>,
    handshake_began: Option<Instant>,
    connect_ended: Option<Instant>,
    connected: bool,
    head_in: Option<Instant>,
    body_in: Option<Instant>,
    peer: Option<SocketAddr>,
}

impl Phases {
    pub(super) fn begin() -> Arc<Self> {
        Arc::new(Self { began: Instant::now(), moments: Mutex::default() })
    }

    /// Runs an exchange so that what it opens is noted here.
    pub(super) async fn watch<F: Future>(self: Arc<Self>, exchange: F) -> F::Output {
        CURRENT.scope(self, exchange).await
    }

    pub(super) fn head_in(&self) {
        self.lock().head_in = Some(Instant::now());
    }

    pub(super) fn body_in(&self) {
        self.lock().body_in = Some(Instant::now());
    }

    /// How long it has taken until `end`.
    pub(super) fn since_begin(&self, end: Instant) -> Duration {
        end.saturating_duration_since(self.began)
    }

    /// The address that was connected to, where this exchange opened a connection.
    pub(super) fn peer(&self) -> Option<SocketAddr> {
        self.lock().peer
    }

    /// Whether it was cut short, or went wrong, in the middle of the TLS handshake.
    pub(super) fn shaking_hands(&self) -> bool {
        let moments = self.lock();
        moments.handshake_began.is_some() && !moments.connected
    }

    /// Whether it was cut short before there was a connection.
    pub(super) fn connecting(&self) -> bool {
        let moments = self.lock();
        moments.connect_began.is_some() && !moments.connected && moments.head_in.is_none()
    }

    /// What has been measured; a phase that was cut short counts up to `end`.
    pub(super) fn timing(&self, end: Instant) -> AttemptTiming {
        let moments = *self.lock();
        let span = |from: Option<Instant>, to: Option<Instant>| {
            from.map(|from| to.unwrap_or(end).saturating_duration_since(from).as_secs_f64() * 1000.0)
        };
        // An answer that came without a finished connection of our own came over an older one.
        let own = moments.connected || moments.head_in.is_none();
        let only_own = |phase: Option<f64>| phase.filter(|_| own);
        let tcp_began =
            moments.lookup_ended.or(moments.connect_began.filter(|_| moments.lookup_began.is_none()));
        let sent = if moments.connected {
            moments.connect_ended
        } else {
            Some(self.began).filter(|_| moments.connect_began.is_none() || moments.head_in.is_some())
        };
        AttemptTiming {
            dns_ms: only_own(span(moments.lookup_began, moments.lookup_ended.or(moments.connect_ended))),
            connect_ms: only_own(span(tcp_began, moments.handshake_began.or(moments.connect_ended))),
            tls_ms: only_own(span(moments.handshake_began, moments.connect_ended)),
            first_byte_ms: span(sent, moments.head_in),
            body_ms: span(moments.head_in, moments.body_in),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Moments> {
        self.moments.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Notes a moment of the exchange that is polling now, if one is.
fn note(moment: impl FnOnce(&mut Moments)) {
    // Outside an exchange there is nobody to note it for.
    let _ = CURRENT.try_with(|phases| moment(&mut phases.lock()));
}

/// The address of a name is being looked for.
pub(super) fn lookup_begins() {
    note(|moments| {
        moments.lookup_began.get_or_insert_with(Instant::now);
    });
}

/// The address of a name was found.
pub(super) fn lookup_ends() {
    note(|moments| moments.lookup_ended = Some(Instant::now()));
}

/// The TLS handshake begins: the TCP connection stands.
pub(super) fn handshake_begins() {
    note(|moments| {
        moments.handshake_began.get_or_insert_with(Instant::now);
    });
}

/// Notes when reqwest's connector begins and ends its work, and where it got.
#[derive(Clone, Copy, Debug)]
pub(super) struct ConnectorWatch;

impl<S> Layer<S> for ConnectorWatch {
    type Service = WatchedConnector<S>;

    fn layer(&self, connector: S) -> Self::Service {
        WatchedConnector(connector)
    }
}

/// A connector that is watched.
#[derive(Clone, Debug)]
pub(super) struct WatchedConnector<S>(S);

impl<S, R> Service<R> for WatchedConnector<S>
where
    S: Service<R>,
    S::Response: Connection,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, target: R) -> Self::Future {
        note(|moments| moments.connect_began = Some(Instant::now()));
        let connecting = self.0.call(target);
        Box::pin(async move {
            let result = connecting.await;
            let peer = result.as_ref().ok().and_then(peer);
            note(|moments| {
                moments.connect_ended = Some(Instant::now());
                moments.connected = result.is_ok();
                moments.peer = peer;
            });
            result
        })
    }
}

fn peer(connection: &impl Connection) -> Option<SocketAddr> {
    let mut extras = http::Extensions::new();
    connection.connected().get_extras(&mut extras);
    extras.get::<HttpInfo>().map(HttpInfo::remote_addr)
}
