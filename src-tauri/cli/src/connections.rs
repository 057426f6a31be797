//! The connections that the server takes: so many at a time, and none for long on which nothing happens.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Sleep, sleep};

/// The most connections at a time; whoever comes then waits until one of them ends.
const MOST: usize = 256;

/// A connection on which no byte went either way for so long is closed. Feeds of changes say something far more often.
const IDLE: Duration = Duration::from_mins(10);

/// A listener that takes so many connections at a time.
#[derive(Debug)]
pub(crate) struct Bounded {
    listener: TcpListener,
    places: Arc<Semaphore>,
}

impl Bounded {
    pub(crate) fn new(listener: TcpListener) -> Self {
        Self::with_places(listener, MOST)
    }

    fn with_places(listener: TcpListener, most: usize) -> Self {
        Self { listener, places: Arc::new(Semaphore::new(most)) }
    }
}

impl Listener for Bounded {
    type Io = Connection<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        // The semaphore is never closed.
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        let (stream, addr) = Listener::accept(&mut self.listener).await;
        // Answers are small and often streamed: they go out at once.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps Nagle's algorithm");
        }
        (Connection::new(stream, place), addr)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection with its place, which fails once nothing has happened on it for long.
#[derive(Debug)]
pub(crate) struct Connection<S> {
    stream: S,
    idle: Pin<Box<Sleep>>,
    _place: Option<OwnedSemaphorePermit>,
}

impl<S> Connection<S> {
    fn new(stream: S, place: Option<OwnedSemaphorePermit>) -> Self {
        Self { stream, idle: Box::pin(sleep(IDLE)), _place: place }
    }

    /// What came of reading or writing: something has happened, or nothing yet, or nothing for too long.
    fn noted<T>(&mut self, done: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if done.is_ready() {
            self.idle.set(sleep(IDLE));
            return done;
        }
        ready!(self.idle.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Connection<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.noted(done, cx)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Connection<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.noted(done, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.noted(done, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use futures::poll;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    /// A second less than that.
    const ALMOST: Duration = Duration::from_secs(10 * 60 - 1);

    #[tokio::test]
    async fn one_more_than_there_are_places_waits_until_another_ends() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut bounded = Bounded::with_places(listener, 1);
        let addr = bounded.local_addr().unwrap();
        let (_one, _other) =
            (TcpStream::connect(addr).await.unwrap(), TcpStream::connect(addr).await.unwrap());
        let (first, _) = bounded.accept().await;
        assert_eq!(bounded.places.available_permits(), 0);
        let mut second = Box::pin(bounded.accept());
        assert!(poll!(&mut second).is_pending());
        drop(first);
        second.await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_fails_once_nothing_has_happened_on_it_for_long() {
        let (ours, mut theirs) = duplex(8);
        let mut ours = Connection::new(ours, None);
        let began = tokio::time::Instant::now();
        let mut byte = [0];
        // Each byte, of whichever side, begins the time anew.
        for _ in 0..3 {
            sleep(ALMOST).await;
            theirs.write_all(b"a").await.unwrap();
            ours.read_exact(&mut byte).await.unwrap();
        }
        sleep(ALMOST).await;
        ours.write_all(b"12345678").await.unwrap();
        let read = ours.read(&mut byte).await.unwrap_err();
        assert_eq!(read.kind(), io::ErrorKind::TimedOut);
        assert_eq!(began.elapsed().as_secs(), (IDLE * 5).as_secs() - 4);
        // Somebody who reads nothing keeps no place either.
        let (ours, _theirs) = duplex(1);
        let mut ours = Connection::new(ours, None);
        assert_eq!(ours.write_all(b"12").await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}
