//! The head of a request as it was captured, in place of the one that the HTTP library would write: that knows neither
//! the case of names nor their order among others.
//!
//! The library still frames the message and reads the answer. What it writes up to the first empty line is swallowed,
//! and the head that was laid down goes out there; everything behind it passes as it is.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Where the head of the next request is laid down.
#[derive(Clone, Debug, Default)]
pub(super) struct HeadSlot(Arc<Mutex<Option<Vec<u8>>>>);

impl HeadSlot {
    /// The next request that is written begins with this, up to and with its empty line; `None` leaves the library's.
    pub(super) fn lay(&self, head: Option<Vec<u8>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = head;
    }

    fn take(&self) -> Option<Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// What ends a head.
const END: &[u8] = b"\r\n\r\n";

#[derive(Debug)]
enum Writing {
    /// As it comes.
    Through,
    /// The library's head is swallowed; so much of its end has been seen.
    Swallowing { head: Vec<u8>, seen: usize },
    /// The head that was laid down goes out, so much of it has.
    Own { head: Vec<u8>, written: usize },
}

/// A connection on which heads can be exchanged.
#[derive(Debug)]
pub(super) struct Headed<S> {
    inner: S,
    slot: HeadSlot,
    writing: Writing,
}

impl<S> Headed<S> {
    pub(super) fn new(inner: S, slot: HeadSlot) -> Self {
        Self { inner, slot, writing: Writing::Through }
    }
}

impl<S: AsyncWrite + Unpin> Headed<S> {
    /// Writes what is left of the head that was laid down.
    fn poll_own(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Writing::Own { head, written } = &mut self.writing {
            if *written == head.len() {
                self.writing = Writing::Through;
                break;
            }
            let more = ready!(Pin::new(&mut self.inner).poll_write(context, &head[*written..]))?;
            if more == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            *written += more;
        }
        Poll::Ready(Ok(()))
    }

    /// Swallows as much of this as belongs to the library's head; 0 where nothing is swallowed.
    fn swallow(&mut self, bytes: &[u8]) -> usize {
        if matches!(self.writing, Writing::Through)
            && let Some(head) = self.slot.take()
        {
            self.writing = Writing::Swallowing { head, seen: 0 };
        }
        let Writing::Swallowing { head, seen } = &mut self.writing else { return 0 };
        for (at, byte) in bytes.iter().enumerate() {
            *seen = if *byte == END[*seen] { *seen + 1 } else { usize::from(*byte == END[0]) };
            if *seen == END.len() {
                self.writing = Writing::Own { head: std::mem::take(head), written: 0 };
                return at + 1;
            }
        }
        bytes.len()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Headed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Headed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_own(context))?;
        match self.swallow(bytes) {
            0 => Pin::new(&mut self.inner).poll_write(context, bytes),
            swallowed => Poll::Ready(Ok(swallowed)),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_own(context))?;
        let first = slices.iter().find(|slice| !slice.is_empty()).map_or(&[][..], |slice| slice);
        match self.swallow(first) {
            0 => Pin::new(&mut self.inner).poll_write_vectored(context, slices),
            swallowed => Poll::Ready(Ok(swallowed)),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_own(context))?;
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_own(context))?;
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// What arrives of these writes, over a pipe that takes so many bytes at a time.
    async fn arrives(writes: &[&[u8]], heads: &[&[u8]], room: usize) -> Vec<u8> {
        let (near, mut far) = tokio::io::duplex(room);
        let slot = HeadSlot::default();
        let mut headed = Headed::new(near, slot.clone());
        let write = async {
            let mut heads = heads.iter();
            for write in writes {
                if write.starts_with(b"POST") {
                    slot.lay(heads.next().map(|head| head.to_vec()));
                }
                headed.write_all(write).await.unwrap();
                headed.flush().await.unwrap();
            }
            headed.shutdown().await.unwrap();
        };
        let mut arrived = Vec::new();
        let (read, ()) = tokio::join!(far.read_to_end(&mut arrived), write);
        read.unwrap();
        arrived
    }

    #[tokio::test]
    async fn the_head_is_exchanged_however_it_is_cut_and_the_body_passes() {
        let theirs: &[u8] = b"POST /a HTTP/1.1\r\nX-A: \r\r\nB: 1\r\n\r\nbody\r\n\r\nof it";
        let ours: &[u8] = b"POST /a HTTP/1.1\r\nx-A: 1\r\n\r\n";
        let wanted = [ours, b"body\r\n\r\nof it"].concat();
        for cut in 4..theirs.len() {
            let writes = [&theirs[..cut], &theirs[cut..]];
            for room in [1, 7, 4096] {
                assert_eq!(arrives(&writes, &[ours], room).await, wanted, "{cut} {room}");
            }
        }
    }

    #[tokio::test]
    async fn each_request_has_its_own_and_without_one_all_passes() {
        let bare: &[u8] = b"POST / HTTP/1.1\r\nA: 1\r\n\r\n";
        let arrived = arrives(&[bare, bare], &[b"one\r\n\r\n"], 64).await;
        assert_eq!(arrived, [b"one\r\n\r\n", bare].concat());
    }
}
