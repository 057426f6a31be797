//! What goes over a connection, noted beside it: how much came in, how it began and how it ended. HTTP's own
//! errors do not tell a server that said nothing from one that stopped in the middle of a line.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::answer_head::WireHead;

/// How much of an answer's beginning is kept, in bytes, to tell what it is when it is not HTTP.
const BEGINNING: usize = 512;

/// How reading ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The other side closed the connection in order.
    Closed,
    /// It broke.
    Broken(io::ErrorKind),
}

/// What is noted of the exchange that is under way.
#[derive(Debug, Default)]
pub(super) struct Tap(Mutex<Notes>);

#[derive(Debug, Default)]
struct Notes {
    beginning: Vec<u8>,
    end: Option<End>,
    written: usize,
    write_stuck: bool,
    write_failed: bool,
    head: Option<WireHead>,
}

impl Tap {
    /// Another exchange begins.
    pub(super) fn rewind(&self) {
        let mut notes = self.lock();
        notes.beginning.clear();
        (notes.written, notes.write_stuck) = (0, false);
    }

    /// How what came in begins.
    pub(super) fn beginning(&self) -> Vec<u8> {
        self.lock().beginning.clone()
    }

    /// How reading ended, if it did.
    pub(super) fn end(&self) -> Option<End> {
        self.lock().end
    }

    /// A request goes out: the head of what comes in from now on is kept, until [`Tap::head`] takes it.
    pub(super) fn keep_head(&self) {
        self.lock().head = Some(WireHead::default());
    }

    /// The head that has come in since [`Tap::keep_head`].
    pub(super) fn head(&self) -> Option<WireHead> {
        self.lock().head.take()
    }

    /// Whether a part of the request had gone out, and not all of it.
    pub(super) fn cut_the_request(&self) -> bool {
        let notes = self.lock();
        notes.written > 0 && (notes.write_failed || notes.write_stuck)
    }

    fn read(&self, bytes: &[u8]) {
        let mut notes = self.lock();
        if bytes.is_empty() {
            notes.end = Some(End::Closed);
            return;
        }
        if let Some(head) = &mut notes.head {
            head.take_in(bytes);
        }
        let room = BEGINNING.saturating_sub(notes.beginning.len());
        if room > 0 {
            notes.beginning.extend_from_slice(&bytes[..bytes.len().min(room)]);
        }
    }

    fn broke(&self, error: &io::Error) {
        // TLS says so when the connection is closed without a word of it.
        let end = match error.kind() {
            io::ErrorKind::UnexpectedEof => End::Closed,
            kind => End::Broken(kind),
        };
        self.lock().end.get_or_insert(end);
    }

    fn wrote(&self, result: &Poll<io::Result<usize>>) {
        let mut notes = self.lock();
        match result {
            Poll::Pending => notes.write_stuck = true,
            Poll::Ready(Ok(written)) => {
                notes.written += written;
                notes.write_stuck = false;
            }
            Poll::Ready(Err(_)) => notes.write_failed = true,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection with its tap.
#[derive(Debug)]
pub(super) struct Tapped<S> {
    inner: S,
    tap: Arc<Tap>,
}

impl<S> Tapped<S> {
    pub(super) fn new(inner: S, tap: Arc<Tap>) -> Self {
        Self { inner, tap }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tapped<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let (before, room) = (buffer.filled().len(), buffer.remaining());
        let result = ready!(Pin::new(&mut self.inner).poll_read(context, buffer));
        match &result {
            // Reading nothing into no room says nothing.
            Ok(()) if room > 0 => self.tap.read(&buffer.filled()[before..]),
            Ok(()) => {}
            Err(error) => self.tap.broke(error),
        }
        Poll::Ready(result)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tapped<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.tap.wrote(&result);
        result
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.inner).poll_write_vectored(context, slices);
        self.tap.wrote(&result);
        result
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
