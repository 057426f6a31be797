//! The head of a message in place of the one that the HTTP library would write: that knows neither the case of names
//! nor their order among others.
//!
//! The library still frames the message. What it writes up to the first empty line is gathered, and the head that was
//! laid down goes out there, made of what was gathered or not; everything behind it passes as it is. Of requests and
//! answers, of names and values nothing is known here.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What ends a head.
const END: &[u8] = b"\r\n\r\n";

/// A head of our own.
pub trait OwnHead {
    /// What goes out in the place of the library's head, which is given with its closing empty line; as much has to be
    /// at the end of this.
    fn in_place_of(self, theirs: &[u8]) -> Vec<u8>;
}

/// Where the head of the next message is laid down.
#[derive(Debug)]
pub struct HeadSlot<H>(Arc<Slot<H>>);

#[derive(Debug)]
struct Slot<H> {
    /// Whether there is one, so that others need not look.
    filled: AtomicBool,
    /// Whether something has been written and not been flushed since.
    busy: AtomicBool,
    head: Mutex<Option<H>>,
}

impl<H> Default for HeadSlot<H> {
    fn default() -> Self {
        Self(Arc::new(Slot {
            filled: AtomicBool::new(false),
            busy: AtomicBool::new(false),
            head: Mutex::new(None),
        }))
    }
}

impl<H> Clone for HeadSlot<H> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<H> HeadSlot<H> {
    /// The next message that is written begins with this; `None` leaves it the library's head. Nothing else may be on
    /// its way out.
    pub fn lay(&self, head: Option<H>) {
        let is_there = head.is_some();
        *self.0.head.lock().unwrap_or_else(PoisonError::into_inner) = head;
        self.0.filled.store(is_there, Ordering::Release);
    }

    /// Whether something is still on its way out, as before a reader that is slower than it asks: what is laid down now
    /// would go out in the middle of that.
    pub fn is_busy(&self) -> bool {
        self.0.busy.load(Ordering::Acquire)
    }

    fn take(&self) -> Option<H> {
        if !self.0.filled.swap(false, Ordering::Acquire) {
            return None;
        }
        self.0.head.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[derive(Debug)]
enum Writing<H> {
    /// As it comes.
    Through,
    /// The library's head is gathered, up to its end.
    Gathering { own: H, theirs: Vec<u8> },
    /// The head that was laid down goes out, so much of it has.
    Own { head: Vec<u8>, written: usize },
}

/// A connection on which heads can be exchanged.
#[derive(Debug)]
pub struct Headed<S, H> {
    inner: S,
    slot: HeadSlot<H>,
    writing: Writing<H>,
}

impl<S, H> Headed<S, H> {
    /// A connection whose messages begin with what is laid down there.
    pub fn new(inner: S, slot: HeadSlot<H>) -> Self {
        Self { inner, slot, writing: Writing::Through }
    }
}

impl<S, H: OwnHead> Headed<S, H> {
    /// Takes as much of this as belongs to the library's head; 0 where it goes out as it is.
    fn gather(&mut self, bytes: &[u8]) -> usize {
        if bytes.is_empty() {
            return 0;
        }
        if matches!(self.writing, Writing::Through)
            && let Some(own) = self.slot.take()
        {
            self.writing = Writing::Gathering { own, theirs: Vec::new() };
        }
        let Writing::Gathering { theirs, .. } = &mut self.writing else { return 0 };
        let before = theirs.len();
        theirs.extend_from_slice(bytes);
        let from = before.saturating_sub(END.len() - 1);
        let Some(at) = theirs[from..].windows(END.len()).position(|four| four == END) else {
            return bytes.len();
        };
        let end = from + at + END.len();
        if let Writing::Gathering { own, theirs } = std::mem::replace(&mut self.writing, Writing::Through) {
            self.writing = Writing::Own { head: own.in_place_of(&theirs[..end]), written: 0 };
        }
        end - before
    }
}

impl<S: AsyncWrite + Unpin, H> Headed<S, H> {
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
}

impl<S: AsyncRead + Unpin, H: Unpin> AsyncRead for Headed<S, H> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin, H: OwnHead + Unpin> AsyncWrite for Headed<S, H> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.slot.0.busy.store(true, Ordering::Release);
        ready!(self.poll_own(context))?;
        match self.gather(bytes) {
            0 => Pin::new(&mut self.inner).poll_write(context, bytes),
            gathered => Poll::Ready(Ok(gathered)),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.slot.0.busy.store(true, Ordering::Release);
        ready!(self.poll_own(context))?;
        let first = slices.iter().find(|slice| !slice.is_empty()).map_or(&[][..], |slice| slice);
        match self.gather(first) {
            0 => Pin::new(&mut self.inner).poll_write_vectored(context, slices),
            gathered => Poll::Ready(Ok(gathered)),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_own(context))?;
        ready!(Pin::new(&mut self.inner).poll_flush(context))?;
        self.slot.0.busy.store(false, Ordering::Release);
        Poll::Ready(Ok(()))
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

    /// A head that keeps the last line but one of the library's.
    #[derive(Debug)]
    struct Keeping(&'static [u8]);

    impl OwnHead for Keeping {
        fn in_place_of(self, theirs: &[u8]) -> Vec<u8> {
            assert!(theirs.ends_with(END));
            let kept = theirs.rsplit(|byte| *byte == b'\n').nth(2).unwrap();
            [self.0, kept, b"\n\r\n"].concat()
        }
    }

    /// What arrives of these writes, over a pipe that takes so many bytes at a time; each that begins a message has the
    /// next of these heads.
    async fn arrives(writes: &[&[u8]], heads: &[Option<&'static [u8]>], room: usize) -> Vec<u8> {
        let (near, mut far) = tokio::io::duplex(room);
        let slot = HeadSlot::default();
        let mut headed = Headed::new(near, slot.clone());
        let write = async {
            let mut heads = heads.iter();
            for write in writes {
                if write.starts_with(b"POST") {
                    slot.lay(heads.next().copied().flatten().map(Keeping));
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
        let wanted: &[u8] = b"POST /a HTTP/1.1\r\nx-A: 1\r\nB: 1\r\n\r\nbody\r\n\r\nof it";
        for cut in 4..theirs.len() {
            let writes = [&theirs[..cut], &theirs[cut..]];
            for room in [1, 7, 4096] {
                let heads = [Some(&b"POST /a HTTP/1.1\r\nx-A: 1\r\n"[..])];
                assert_eq!(arrives(&writes, &heads, room).await, wanted, "{cut} {room}");
            }
        }
    }

    #[tokio::test]
    async fn it_is_told_while_something_is_on_its_way_out() {
        let (near, mut far) = tokio::io::duplex(4);
        let slot = HeadSlot::<Keeping>::default();
        let mut headed = Headed::new(near, slot.clone());
        assert!(!slot.is_busy());
        let write = async {
            headed.write_all(b"six of").await.unwrap();
            assert!(slot.is_busy(), "nothing has been flushed");
            headed.flush().await.unwrap();
        };
        let read = async {
            assert!(slot.is_busy(), "nothing has been read");
            far.read_exact(&mut [0; 6]).await.unwrap();
        };
        tokio::join!(write, read);
        assert!(!slot.is_busy());
    }

    #[tokio::test]
    async fn each_message_has_its_own_and_without_one_all_passes() {
        let bare: &[u8] = b"POST / HTTP/1.1\r\nA: 1\r\n\r\n";
        let arrived = arrives(&[bare, bare, bare], &[None, Some(b"one\r\n"), None], 64).await;
        assert_eq!(arrived, [bare, b"one\r\nA: 1\r\n\r\n", bare].concat());
    }
}
