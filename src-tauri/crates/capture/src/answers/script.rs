use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use hookbench_model::{AnswerFault, Clock, Timestamp};
use http::header::{CONTENT_LENGTH, HeaderValue, RETRY_AFTER};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::Given;
use super::slow::{Last, SlowBody};
use crate::by_hand::{ByHand, HOLD, close, could_write, drip, hold, retry_after};
use crate::relay_head::OwnHead;
use crate::reply::{has_no_body, sendable};
use crate::tls::Transport;
use crate::wire::Arrivals;

/// From so many bytes on an answer shows its status.
const STATUS_LINE: usize = 12;

/// How an answer goes out.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    /// Over HTTP/2.
    pub(crate) two: bool,
    /// To a HEAD.
    pub(crate) to_head: bool,
    /// When.
    pub(crate) now: Timestamp,
    /// What drips goes by it.
    pub(crate) clock: Arc<dyn Clock>,
}

/// What is done on a connection in place of what an HTTP library would do: found among a response's extensions, it
/// takes the place of the response. Over HTTP/2 it ends the stream with an error.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    bytes: Bytes,
    bytes_per_s: Option<u32>,
    end: End,
    /// The place of what it holds open.
    _place: Option<Arc<OwnedSemaphorePermit>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Close,
    Reset,
    HalfClose,
    Hold,
}

impl Script {
    /// Does it, to the end of the connection, and notes whether a sender that had to wait was there to hear its status.
    pub(crate) async fn run(
        self,
        mut stream: Transport,
        clock: &dyn Clock,
        linger: Duration,
        arrivals: &Arrivals,
    ) {
        let is_heard = if let Some(bytes_per_s) = self.bytes_per_s {
            let heard = timeout(HOLD, drip(&mut stream, &self.bytes, bytes_per_s, clock)).await;
            !matches!(heard, Ok(heard) if heard < STATUS_LINE)
        } else {
            let is_written = could_write(&mut stream, &self.bytes).await;
            is_written && matches!(stream.tcp().take_error(), Ok(None))
        };
        if is_heard {
            arrivals.heard();
        }
        match self.end {
            End::Close => close(&mut stream, linger).await,
            // With no time to linger a connection that is dropped is reset.
            End::Reset => drop(stream.tcp().set_zero_linger()),
            End::HalfClose => close(&mut stream, HOLD).await,
            End::Hold => hold(&mut stream).await,
        }
    }

    /// Whether it says nothing and waits, as it does over HTTP/2 too.
    pub(crate) fn is_silent(&self) -> bool {
        self.end == End::Hold && self.bytes.is_empty()
    }
}

impl Given {
    /// The response; where a fault is in it, with a [`Script`] or a body that does it.
    pub(crate) fn into_response(self, way: &Way) -> Response {
        match self.fault {
            None => self.without_vain_body().usual(way.now),
            Some(fault) if way.two => self.without_vain_body().over_two(fault, way),
            Some(fault) => scripted(self.script(fault, way)),
        }
    }

    fn without_vain_body(self) -> Self {
        if has_no_body(self.status) { Self { body: Bytes::new(), ..self } } else { self }
    }

    fn usual(self, now: Timestamp) -> Response {
        let (mut headers, mut written) = sendable(&self.headers);
        let said = retry_after(self.retry_after, self.status.as_u16(), now);
        if let Some(said) = said.and_then(|said| HeaderValue::try_from(said).ok()) {
            written.remove("retry-after");
            written.push("Retry-After", Bytes::copy_from_slice(said.as_bytes()));
            headers.insert(RETRY_AFTER, said);
        }
        let mut response = Response::new(Body::from(self.body));
        if let Some(head) = OwnHead::ours(self.status, written) {
            response.extensions_mut().insert(head);
        }
        *response.status_mut() = self.status;
        *response.headers_mut() = headers;
        response
    }

    fn script(&self, fault: AnswerFault, way: &Way) -> Script {
        let off_by = if let AnswerFault::WrongLength { off_by } = fault { i64::from(off_by) } else { 0 };
        let whole = ByHand {
            status: self.status.as_u16(),
            headers: &self.headers,
            retry_after: self.retry_after,
            body: &self.body,
            off_by,
            to_head: way.to_head,
        };
        let whole = whole.bytes(way.now);
        let cut = |after: u32| whole.slice(..whole.len().min(usize::try_from(after).unwrap_or(usize::MAX)));
        let (bytes, end) = match fault {
            AnswerFault::Close { after_bytes } => (cut(after_bytes), End::Close),
            AnswerFault::Reset { after_bytes } => (cut(after_bytes), End::Reset),
            AnswerFault::NoAnswer { after_bytes } => (cut(after_bytes), End::Hold),
            AnswerFault::HalfClose { after_bytes } => (cut(after_bytes.unwrap_or(u32::MAX)), End::HalfClose),
            AnswerFault::Drip { .. } | AnswerFault::WrongLength { .. } => (whole, End::Close),
        };
        let bytes_per_s =
            if let AnswerFault::Drip { bytes_per_s } = fault { Some(bytes_per_s) } else { None };
        Script { bytes, bytes_per_s, end, _place: self.place.clone() }
    }

    /// As near as a stream of HTTP/2 comes: its end is the stream's, and the connection goes on.
    fn over_two(self, fault: AnswerFault, way: &Way) -> Response {
        let body = self.body.clone();
        let cut = |after: u32| body.slice(..body.len().min(usize::try_from(after).unwrap_or(usize::MAX)));
        let place = self.place.clone();
        let silent = |end| scripted(Script { bytes: Bytes::new(), bytes_per_s: None, end, _place: place });
        let (bytes, last) = match fault {
            AnswerFault::Close { after_bytes: 0 } => return silent(End::Close),
            AnswerFault::Reset { after_bytes: 0 } => return silent(End::Reset),
            AnswerFault::NoAnswer { after_bytes: 0 } => return silent(End::Hold),
            AnswerFault::Close { after_bytes } | AnswerFault::Reset { after_bytes } => {
                (cut(after_bytes), Last::Error)
            }
            AnswerFault::NoAnswer { after_bytes } => (cut(after_bytes), Last::Silence),
            AnswerFault::HalfClose { after_bytes } => (cut(after_bytes.unwrap_or(u32::MAX)), Last::End),
            AnswerFault::Drip { .. } | AnswerFault::WrongLength { .. } => (body.clone(), Last::End),
        };
        let bytes_per_s =
            if let AnswerFault::Drip { bytes_per_s } = fault { Some(bytes_per_s) } else { None };
        let off_by = if let AnswerFault::WrongLength { off_by } = fault { i64::from(off_by) } else { 0 };
        let length = i64::try_from(body.len()).unwrap_or(i64::MAX).saturating_add(off_by).max(0);
        let slow = SlowBody::new(bytes, bytes_per_s, last, Arc::clone(&way.clock));
        let says_length = !has_no_body(self.status);
        let mut response = self.usual(way.now);
        if says_length {
            response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        *response.body_mut() = Body::new(slow);
        response
    }
}

fn scripted(script: Script) -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(script);
    response
}

/// A response whose place a [`Script`] has taken.
#[derive(Debug, thiserror::Error)]
#[error("a rule of the inbox ends this by hand")]
pub(crate) struct TakenOver;

/// Through it a connection is taken from the HTTP library, once that has given it up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outlet(Arc<Mutex<Taken>>);

#[derive(Debug, Default)]
struct Taken {
    script: Option<Script>,
    stream: Option<Transport>,
}

impl Outlet {
    /// Has the connection left to the script.
    pub(crate) fn take_over(&self, script: Script) {
        self.lock().script = Some(script);
    }

    /// The connection and what is to be done on it, once the library has dropped it.
    pub(crate) fn taken(&self) -> Option<(Script, Transport)> {
        let mut taken = self.lock();
        taken.script.take().zip(taken.stream.take())
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that outlives the HTTP library where a script wants it to.
#[derive(Debug)]
pub(crate) struct Socket {
    /// There until it is dropped.
    stream: Option<Transport>,
    outlet: Outlet,
}

impl Socket {
    pub(crate) const fn new(stream: Transport, outlet: Outlet) -> Self {
        Self { stream: Some(stream), outlet }
    }

    /// Whether the connection is known to have failed: to have been reset, say.
    pub(crate) fn has_failed(&self) -> bool {
        let error = self.stream.as_ref().map(|stream| stream.tcp().take_error());
        error.is_none_or(|error| !matches!(error, Ok(None)))
    }

    fn stream(&mut self) -> io::Result<Pin<&mut Transport>> {
        self.stream.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let mut taken = self.outlet.lock();
        if taken.script.is_some() {
            taken.stream = self.stream.take();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.get_mut().stream()?.poll_read(context, to)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().stream()?.poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().stream()?.poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.as_ref().is_some_and(AsyncWrite::is_write_vectored)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().stream()?.poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().stream()?.poll_shutdown(context)
    }
}
