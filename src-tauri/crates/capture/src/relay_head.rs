//! The head of an answer that is passed back, in place of the one that the HTTP library would write: that knows neither
//! the case of names nor their order, and adds a date.
//!
//! The library frames the message, so what it says of that and of the connection stays.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hookbench_model::HeaderPairs;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A head as it is to go out; found among a response's extensions.
#[derive(Clone, Debug)]
pub(crate) struct OwnHead {
    /// The words behind the status.
    pub(crate) reason: Bytes,
    /// The headers. Where the length and the transfer coding stand among them they say how they are written and where
    /// they go; what they say is what is so.
    pub(crate) headers: HeaderPairs,
}

/// Where the head of the next answer is laid down.
#[derive(Clone, Debug, Default)]
pub(crate) struct HeadSlot(Arc<Slot>);

#[derive(Debug, Default)]
struct Slot {
    /// Whether there is one, so that others need not look.
    filled: AtomicBool,
    head: Mutex<Option<OwnHead>>,
}

impl HeadSlot {
    /// The next answer that is written begins with this. Nothing else may be on its way out.
    pub(crate) fn lay(&self, head: OwnHead) {
        *self.0.head.lock().unwrap_or_else(PoisonError::into_inner) = Some(head);
        self.0.filled.store(true, Ordering::Release);
    }

    fn take(&self) -> Option<OwnHead> {
        if !self.0.filled.swap(false, Ordering::Acquire) {
            return None;
        }
        self.0.head.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// What ends a head.
const END: &[u8] = b"\r\n\r\n";
/// What the library says of how a message is framed, and of the connection.
const ITS_OWN: [&str; 4] = ["content-length", "transfer-encoding", "connection", "keep-alive"];

#[derive(Debug)]
enum Writing {
    /// As it comes.
    Through,
    /// The library's head is gathered, up to its end.
    Gathering { own: OwnHead, theirs: Vec<u8> },
    /// The head that was laid down goes out, so much of it has.
    Own { head: Vec<u8>, written: usize },
}

/// A connection on which the heads of answers can be exchanged.
#[derive(Debug)]
pub(crate) struct Headed<S> {
    inner: S,
    slot: HeadSlot,
    writing: Writing,
}

impl<S> Headed<S> {
    pub(crate) fn new(inner: S, slot: HeadSlot) -> Self {
        Self { inner, slot, writing: Writing::Through }
    }
}

/// The head that goes out: our own, with what the library says of its framing in it or behind it.
fn merged(own: &OwnHead, theirs: &[u8]) -> Vec<u8> {
    let mut lines = theirs.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let first = lines.next().unwrap_or_default();
    let mut parts = first.splitn(3, |byte| *byte == b' ');
    let (version, status) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let mut head = [version, b" ", status, b" ", &own.reason, b"\r\n"].concat();
    let mut write = |name: &[u8], value: &[u8]| {
        for piece in [name, b": ", value, b"\r\n"] {
            head.extend_from_slice(piece);
        }
    };
    let pair = |line: &[u8]| {
        let at = line.iter().position(|byte| *byte == b':')?;
        let (name, value) =
            (str::from_utf8(&line[..at]).ok()?.to_owned(), line[at + 1..].trim_ascii().to_vec());
        ITS_OWN.iter().any(|known| name.eq_ignore_ascii_case(known)).then_some((name, value))
    };
    let mut said: Vec<(String, Vec<u8>)> = lines.filter_map(pair).collect();
    for (name, value) in own.headers.iter() {
        if ITS_OWN.iter().any(|known| name.eq_ignore_ascii_case(known)) {
            if let Some(at) = said.iter().position(|(known, _)| name.eq_ignore_ascii_case(known)) {
                write(name.as_bytes(), &said.remove(at).1);
            }
        } else {
            write(name.as_bytes(), value.as_bytes());
        }
    }
    for (name, value) in said {
        write(name.as_bytes(), &value);
    }
    head.extend_from_slice(b"\r\n");
    head
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
        let Writing::Gathering { own, theirs } = &mut self.writing else { return 0 };
        let before = theirs.len();
        theirs.extend_from_slice(bytes);
        let from = before.saturating_sub(END.len() - 1);
        let Some(at) = theirs[from..].windows(END.len()).position(|four| four == END) else {
            return bytes.len();
        };
        let end = from + at + END.len();
        let head = merged(own, &theirs[..end]);
        self.writing = Writing::Own { head, written: 0 };
        end - before
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

    fn own(headers: &[(&str, &str)]) -> OwnHead {
        let headers = headers.iter().copied().collect();
        OwnHead { reason: Bytes::from_static(b"As It Says"), headers }
    }

    #[test]
    fn what_is_framed_stands_where_it_stood_and_nothing_is_added() {
        let theirs = b"HTTP/1.1 207 Multi-Status\r\nx-b: 1\r\ncontent-length: 5\r\ndate: today\r\n\r\n";
        let head = merged(&own(&[("X-b", "1"), ("CONTENT-Length", "9"), ("x-B", "2")]), theirs);
        let wanted = "HTTP/1.1 207 As It Says\r\nX-b: 1\r\nCONTENT-Length: 5\r\nx-B: 2\r\n\r\n";
        assert_eq!(String::from_utf8(head).unwrap(), wanted);
        let theirs = b"HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\ndate: x\r\n\r\n";
        let head = merged(&own(&[("Date", "theirs"), ("Content-Length", "9")]), theirs);
        let wanted = "HTTP/1.1 200 As It Says\r\nDate: theirs\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
        assert_eq!(String::from_utf8(head).unwrap(), wanted);
    }

    #[tokio::test]
    async fn the_head_is_exchanged_however_it_is_cut_and_the_rest_passes() {
        let theirs: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nbody\r\n\r\n";
        let wanted: &[u8] = b"HTTP/1.1 200 As It Says\r\nX-a: \r\ncontent-length: 8\r\n\r\nbody\r\n\r\n";
        for cut in 1..theirs.len() {
            for room in [1, 7, 4096] {
                let (near, mut far) = tokio::io::duplex(room);
                let slot = HeadSlot::default();
                let mut headed = Headed::new(near, slot.clone());
                let write = async {
                    headed.write_all(theirs).await.unwrap();
                    slot.lay(own(&[("X-a", "")]));
                    for part in [&theirs[..cut], &theirs[cut..]] {
                        headed.write_all(part).await.unwrap();
                        headed.flush().await.unwrap();
                    }
                    headed.write_all(theirs).await.unwrap();
                    headed.shutdown().await.unwrap();
                };
                let mut arrived = Vec::new();
                let (read, ()) = tokio::join!(far.read_to_end(&mut arrived), write);
                read.unwrap();
                assert_eq!(arrived, [theirs, wanted, theirs].concat(), "{cut} {room}");
            }
        }
    }
}
