//! A connection that HTTP is spoken over.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use hookbench_heads::Headed;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::head::{ExactHead, HeadSlot};
use super::phases::Facts;
use super::tap::{Tap, Tapped};

/// The largest head of an answer on HTTP/1.1, in bytes.
pub(super) const MOST_HEAD: usize = 256 << 10;
/// The most headers of an answer on HTTP/1.1; the library would take 100.
pub(super) const MOST_HEADERS: usize = 1000;

/// The largest head of an answer on HTTP/2, in bytes.
const MOST_HEAD_HTTP2: u32 = 64 << 10;

/// How many exchanges go over one connection of HTTP/2 at once; servers should take as many (RFC 9113,
/// section 6.5.2), and those that take fewer have the rest wait.
const MOST_STREAMS: usize = 100;

pub(super) type Outgoing = http::Request<Full<Bytes>>;

/// Bytes there and back: a TCP connection, or one in another's tunnel, or TLS over one.
pub(super) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// How many connections are open.
pub(super) type OpenCount = watch::Sender<usize>;

/// A connection for one exchange at a time, or one's share of a connection for several.
#[derive(Debug)]
pub(super) struct Line {
    talk: Talk,
    facts: Arc<Facts>,
}

#[derive(Debug)]
enum Talk {
    One(Own),
    Two(Lease),
}

/// A connection of HTTP/1.1.
#[derive(Debug)]
struct Own {
    send: http1::SendRequest<Full<Bytes>>,
    tap: Arc<Tap>,
    head: HeadSlot,
    task: AbortHandle,
    /// Whether an exchange is under way on it.
    busy: bool,
}

impl Drop for Own {
    fn drop(&mut self) {
        // One that is given up in the middle would otherwise wait for the other side to read what is left.
        if self.busy {
            self.task.abort();
        }
    }
}

/// A connection of HTTP/2.
#[derive(Debug)]
pub(super) struct Shared {
    send: http2::SendRequest<Full<Bytes>>,
    task: AbortHandle,
    /// Whether an exchange on it came to nothing.
    failed: AtomicBool,
    facts: Arc<Facts>,
    users: AtomicUsize,
    used: Mutex<Instant>,
}

#[derive(Debug)]
struct Lease(Arc<Shared>);

impl Drop for Lease {
    fn drop(&mut self) {
        *self.0.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.0.users.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if self.failed.load(Ordering::SeqCst) {
            self.task.abort();
        }
    }
}

impl Shared {
    pub(super) fn lease(self: &Arc<Self>) -> Line {
        self.users.fetch_add(1, Ordering::SeqCst);
        Line { talk: Talk::Two(Lease(Arc::clone(self))), facts: Arc::clone(&self.facts) }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.send.is_closed()
    }

    /// Whether another exchange may go over it now.
    pub(super) fn has_room(&self) -> bool {
        self.users.load(Ordering::SeqCst) < MOST_STREAMS
    }

    pub(super) fn idle_for(&self, now: Instant) -> Duration {
        if self.users.load(Ordering::SeqCst) > 0 {
            return Duration::ZERO;
        }
        now.saturating_duration_since(*self.used.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Counts a connection for as long as it is open.
struct Counted(OpenCount);

impl Counted {
    fn new(open: &OpenCount) -> Self {
        open.send_modify(|count| *count += 1);
        Self(open.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// Begins to speak HTTP/1.1.
pub(super) async fn speak_http1(io: Box<dyn Io>, facts: Facts, open: &OpenCount) -> hyper::Result<Line> {
    let tap = Arc::new(Tap::default());
    let head = HeadSlot::default();
    let io = TokioIo::new(Headed::new(Tapped::new(io, Arc::clone(&tap)), head.clone()));
    let (send, connection) = http1::Builder::new()
        .title_case_headers(true)
        .max_buf_size(MOST_HEAD)
        .max_headers(MOST_HEADERS)
        .handshake(io)
        .await?;
    let counted = Counted::new(open);
    let task = tokio::spawn(async move {
        // What ends it is told to the exchange that is under way.
        let _ = connection.await;
        drop(counted);
    });
    let own = Own { send, tap, head, task: task.abort_handle(), busy: false };
    Ok(Line { talk: Talk::One(own), facts: Arc::new(facts) })
}

/// Begins to speak HTTP/2.
pub(super) async fn speak_http2(
    io: Box<dyn Io>,
    facts: Facts,
    open: &OpenCount,
) -> hyper::Result<Arc<Shared>> {
    let (send, connection) = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_header_list_size(MOST_HEAD_HTTP2)
        .handshake(TokioIo::new(io))
        .await?;
    let counted = Counted::new(open);
    let task = tokio::spawn(async move {
        // As above.
        let _ = connection.await;
        drop(counted);
    });
    Ok(Arc::new(Shared {
        send,
        task: task.abort_handle(),
        failed: AtomicBool::new(false),
        facts: Arc::new(facts),
        users: AtomicUsize::new(0),
        used: Mutex::new(Instant::now()),
    }))
}

impl Line {
    pub(super) fn facts(&self) -> &Arc<Facts> {
        &self.facts
    }

    pub(super) fn tap(&self) -> Option<&Arc<Tap>> {
        match &self.talk {
            Talk::One(own) => Some(&own.tap),
            Talk::Two(_) => None,
        }
    }

    pub(super) fn is_shared(&self) -> bool {
        matches!(self.talk, Talk::Two(_))
    }

    pub(super) fn is_of(&self, shared: &Arc<Shared>) -> bool {
        matches!(&self.talk, Talk::Two(Lease(own)) if Arc::ptr_eq(own, shared))
    }

    /// Whether an exchange can begin on it.
    pub(super) fn is_usable(&self) -> bool {
        match &self.talk {
            Talk::One(own) => own.send.is_ready() && !own.send.is_closed(),
            Talk::Two(Lease(shared)) => !shared.is_closed(),
        }
    }

    /// Waits until the last exchange is over on this side too; false where the connection ends with it.
    pub(super) async fn settles(&mut self) -> bool {
        match &mut self.talk {
            Talk::One(own) => {
                let ready = own.send.ready().await.is_ok();
                own.busy &= !ready;
                ready
            }
            Talk::Two(_) => true,
        }
    }

    /// An exchange on it came to nothing: it ends with the last one that is under way on it.
    pub(super) fn give_up(&self) {
        if let Talk::Two(Lease(shared)) = &self.talk {
            shared.failed.store(true, Ordering::SeqCst);
        }
    }

    /// Sends a request and gives the head of its answer. The error holds the request where nothing of it was
    /// sent. On HTTP/1.1 it goes out with `head`, where that is given, in place of the one that is written of it.
    pub(super) async fn send(
        &mut self,
        request: Outgoing,
        head: Option<Vec<u8>>,
    ) -> Result<http::Response<Incoming>, TrySendError<Outgoing>> {
        match &mut self.talk {
            Talk::One(own) => {
                own.busy = true;
                own.head.lay(head.map(ExactHead));
                own.send.try_send_request(request).await
            }
            Talk::Two(Lease(shared)) => shared.send.clone().try_send_request(request).await,
        }
    }
}
