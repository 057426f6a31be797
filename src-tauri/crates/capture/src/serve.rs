use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use axum::Router;
use hookbench_model::{Clock, TlsFacts};
use hyper::body::Incoming;
use hyper::ext::ReasonPhrase;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use crate::Limits;
use crate::answers::{Outlet, Script, Socket, TakenOver};
use crate::by_hand::HOLD;
use crate::receive::{Caller, Reception, receive};
use crate::record::Who;
use crate::relay_head::{HeadSlot, Headed, OwnHead};
use crate::strays::Strays;
use crate::tls::{Handshake, Identity, Opened, Transport};
use crate::wire::{Arrivals, Gate};

/// How long accepting rests after the system refused a connection, as it does when it is out of files.
const REST: Duration = Duration::from_millis(50);
/// How often the other end of a silent HTTP/2 connection is asked whether it is still there.
const PING: Duration = Duration::from_secs(20);
/// The most requests that one HTTP/2 connection may have under way.
const STREAMS: u32 = 128;

/// The place of a connection, until it is dropped.
#[derive(Debug)]
struct Place {
    _of_others: Option<OwnedSemaphorePermit>,
    _place: Option<OwnedSemaphorePermit>,
}

/// Takes connections and serves each in a task of its own.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    router: Router,
    http: auto::Builder<TokioExecutor>,
    limits: Arc<Limits>,
    /// How many connections there have been.
    connections: Arc<AtomicU64>,
    /// What rules do on connections goes by it.
    clock: Arc<dyn Clock>,
    /// What is shown over TLS; nothing where that is not spoken.
    pub(crate) identity: Arc<ArcSwapOption<Identity>>,
    /// Where handshakes that failed are noted.
    strays: Arc<Strays>,
    reception: Arc<Reception>,
    /// Places for connections, wherever they are accepted.
    room: Arc<Semaphore>,
    /// How many of them other machines may have yet, and whether it is they who are accepted here.
    others: Arc<Semaphore>,
    is_for_others: bool,
    /// Finish what is under way and take nothing new.
    pub(crate) stopping: CancellationToken,
    /// Drop what is still under way.
    pub(crate) killed: CancellationToken,
    pub(crate) tasks: TaskTracker,
}

impl Server {
    pub(crate) fn new(reception: Arc<Reception>) -> Self {
        let limits = Arc::clone(&reception.limits);
        Self {
            http: http(&limits),
            clock: Arc::clone(&reception.clock),
            identity: Arc::default(),
            strays: Arc::clone(&reception.strays),
            room: Arc::new(Semaphore::new(limits.connections)),
            others: Arc::new(Semaphore::new(limits.connections_of_others())),
            is_for_others: false,
            router: Router::new().fallback(receive).with_state(Arc::clone(&reception)),
            reception,
            limits,
            connections: Arc::default(),
            stopping: CancellationToken::new(),
            killed: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }
    }

    /// The same server for other machines, whose connections end with this.
    pub(crate) fn for_others(&self, stopping: CancellationToken) -> Self {
        Self { stopping, is_for_others: true, ..self.clone() }
    }

    /// Accepts until told to stop. With as many connections as allowed the next one waits in the system's
    /// queue until another ends.
    pub(crate) async fn accept(self, listener: Arc<TcpListener>) {
        let mut was_full = false;
        loop {
            if self.is_full() && !was_full {
                // Said once: whoever fills the receiver must not fill the log too.
                was_full = true;
                tracing::warn!(connections = self.limits.connections, "as many connections as allowed");
            }
            let accept = async { (self.place().await, listener.accept().await) };
            let (place, accepted) = tokio::select! {
                () = self.stopping.cancelled() => return,
                accepted = accept => accepted,
            };
            match accepted {
                Ok((stream, remote)) => self.take(stream, remote, place),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }

    fn is_full(&self) -> bool {
        let is_taken = |places: &Semaphore| places.available_permits() == 0;
        is_taken(&self.room) || (self.is_for_others && is_taken(&self.others))
    }

    /// A place for one more connection, once there is one. Whoever waits for a place of other machines takes none of
    /// this one's meanwhile.
    async fn place(&self) -> Place {
        // The semaphores are never closed.
        let of_others =
            if self.is_for_others { Arc::clone(&self.others).acquire_owned().await.ok() } else { None };
        Place { _of_others: of_others, _place: Arc::clone(&self.room).acquire_owned().await.ok() }
    }

    fn take(&self, stream: TcpStream, remote: SocketAddr, place: Place) {
        let server = self.clone();
        self.tasks.spawn(async move {
            server.serve(stream, remote).await;
            drop(place);
        });
    }

    async fn serve(self, stream: TcpStream, remote: SocketAddr) {
        // Answers are small and whole: waiting to fill a packet only delays them.
        let _ = stream.set_nodelay(true);
        match self.identity.load_full() {
            None => self.speak(Transport::Plain(stream), remote, None).await,
            // Apart, since it takes room that a connection in clear need not have.
            Some(identity) => Box::pin(self.open(stream, remote, identity)).await,
        }
    }

    /// Serves a connection that may begin with TLS.
    async fn open(self, stream: TcpStream, remote: SocketAddr, identity: Arc<Identity>) {
        let handshake = Handshake { identity, most: self.limits.head_time };
        let opened = tokio::select! {
            opened = handshake.open(stream) => opened,
            () = self.stopping.cancelled() => return,
        };
        match opened {
            Opened::Open(transport, tls) => self.speak(transport, remote, tls).await,
            Opened::Nothing => {}
            Opened::Failed(failure) => {
                let raw: &[&[u8]] = &[failure.raw()];
                self.strays.note(failure.astray(raw, self.clock.now(), remote.to_string().into()));
                tracing::info!(%remote, "a TLS handshake failed");
            }
        }
    }

    /// Speaks HTTP over what is open.
    async fn speak(self, stream: Transport, remote: SocketAddr, tls: Option<Arc<TlsFacts>>) {
        let ip = remote.ip();
        let arrivals = Arrivals::default();
        let outlet = Outlet::default();
        let socket = Socket::new(stream, outlet.clone());
        let room = Arc::clone(&self.reception.room);
        let gate = Gate::new(socket, Arc::clone(&self.limits), room, arrivals.clone());
        let remote: Arc<str> = remote.to_string().into();
        let connection = self.connections.fetch_add(1, Ordering::Relaxed) + 1;
        let turns = AtomicU32::new(0);
        let (server, left_to) = (self.clone(), outlet.clone());
        let heads = HeadSlot::default();
        let gate = Headed::new(gate, heads.clone());
        let who = Who { remote, ip, tls, connection, turn: 0 };
        let (sender, found) = (who.clone(), arrivals.clone());
        let service = hyper::service::service_fn(move |request: http::Request<Incoming>| {
            let mut request = request.map(axum::body::Body::new);
            let two = request.version() == http::Version::HTTP_2;
            let arrival =
                if two { stream_of(&request).and_then(|of| arrivals.of_stream(of)) } else { arrivals.next() };
            request.extensions_mut().insert(Caller {
                who: Who { turn: turns.fetch_add(1, Ordering::Relaxed) + 1, ..sender.clone() },
                arrival,
                arrivals: arrivals.clone(),
            });
            let (server, left_to, heads) = (server.clone(), left_to.clone(), heads.clone());
            async move {
                let Ok(mut response) = server.router.clone().oneshot(request).await;
                // Behind an answer that is not out yet, to whoever asks on without reading, the library's head has to do.
                let head = response.extensions_mut().remove::<OwnHead>();
                if !two && !heads.is_busy() {
                    heads.lay(head);
                }
                match response.extensions_mut().remove::<Script>() {
                    None => {
                        name_nothing(&mut response);
                        Ok(response)
                    }
                    Some(script) if two => Err(server.end_stream(&script).await),
                    Some(script) => {
                        left_to.take_over(script);
                        Err(TakenOver)
                    }
                }
            }
        });
        let ended = self.converse(gate, service).await;
        if ended && let Some((script, stream)) = outlet.taken() {
            let run = script.run(stream, &*self.clock, self.limits.linger, &found);
            if self.stopping.run_until_cancelled(run).await.is_none() {
                // Its sender was there as long as it was let.
                found.heard();
            }
        }
        self.reception.note_left(found.left(), &who);
    }

    /// A stream of HTTP/2 that is given no answer, at once or after as long as a connection is held.
    async fn end_stream(&self, script: &Script) -> TakenOver {
        if script.is_silent() {
            let held = self.clock.sleep_until(self.clock.now().plus(HOLD));
            self.stopping.run_until_cancelled(held).await;
        }
        TakenOver
    }

    /// Serves what comes on a connection until it ends; gives whether it was not dropped before.
    async fn converse<S, F>(&self, gate: Headed<Gate>, service: S) -> bool
    where
        S: hyper::service::Service<
                http::Request<Incoming>,
                Response = axum::response::Response,
                Error = TakenOver,
                Future = F,
            >,
        F: Future<Output = Result<axum::response::Response, TakenOver>> + Send + 'static,
    {
        let mut connection = pin!(self.http.serve_connection(TokioIo::new(gate), service));
        let mut stopping = pin!(self.stopping.cancelled());
        let mut killed = pin!(self.killed.cancelled());
        let mut told = false;
        let ended = loop {
            tokio::select! {
                biased;
                ended = connection.as_mut() => break ended,
                () = &mut stopping, if !told => {
                    told = true;
                    connection.as_mut().graceful_shutdown();
                }
                () = &mut killed => return false,
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended early");
        }
        true
    }
}

/// Has a status without a name go out without one; the library would make up its own.
fn name_nothing(response: &mut axum::response::Response) {
    if response.status().canonical_reason().is_none() {
        response.extensions_mut().insert(ReasonPhrase::from_static(b""));
    }
}

/// The stream of HTTP/2 that a request came on: what the gate has put into the place of its path.
fn stream_of<B>(request: &http::Request<B>) -> Option<u32> {
    request.uri().path().strip_prefix('/')?.parse().ok()
}

fn http(limits: &Limits) -> auto::Builder<TokioExecutor> {
    let mut http = auto::Builder::new(TokioExecutor::new());
    // A sender may close its side once it has sent all; it still gets its answer. Heads are timed by the
    // gate, which can answer a slow one before it closes.
    http.http1().half_close(true).header_read_timeout(None);
    http.http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING)
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX));
    http
}
