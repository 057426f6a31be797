//! What goes out through a gate, and how its connection ends.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::AsyncWrite;
use tokio::time::Instant;

use super::{Gate, Stage};
use crate::fault::Fault;
use crate::wire::two::name_of;
use crate::wire::{Refused, Refusing};

/// How long a sender that has closed its side has for the reset that shows it had gone before its answer.
const PARTING: Duration = Duration::from_millis(250);

impl Gate {
    /// A sender that has gone cannot be told to go on, nor anything else. What came of its body, of its frames and of
    /// its next requests is read all the same: where that ends, the reading finds out.
    fn in_vain(&mut self, write: Poll<io::Result<usize>>, length: usize) -> Poll<io::Result<usize>> {
        self.is_deaf |= matches!(write, Poll::Ready(Err(_)));
        let reads_on = match self.stage {
            Stage::Sized(_) | Stage::Chunked(_) | Stage::Two(_) => true,
            Stage::Head(_) | Stage::Opening => !self.wire.is_empty(),
            Stage::Rest(_) | Stage::Broken | Stage::Refused => false,
        };
        match write {
            Poll::Ready(Err(_)) if reads_on => Poll::Ready(Ok(length)),
            write => write,
        }
    }

    /// Looks at what has been written.
    fn follow_write(&mut self, write: &Poll<io::Result<usize>>, parts: &[io::IoSlice<'_>]) {
        let Poll::Ready(Ok(mut written)) = *write else { return };
        // Whoever is being answered is not asked for the next request yet.
        self.asked = None;
        if !matches!(self.stage, Stage::Two(_)) {
            return;
        }
        for part in parts {
            let here = written.min(part.len());
            written -= here;
            if let Some(error) = self.outgoing.follow(&part[..here]) {
                let fault = Fault::Http2(name_of(error));
                self.arrivals.lose(Refused { fault, what: Refusing::Nothing, since: self.read_at });
            }
        }
    }

    /// Ends a write that its reader leaves standing for too long.
    fn watch_write<T>(
        &mut self,
        context: &mut Context<'_>,
        write: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if write.is_ready() {
            self.stalled_since = None;
            return write;
        }
        let since = *self.stalled_since.get_or_insert_with(Instant::now);
        if self.writing.is_over(context, since + self.limits.write_stall) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Poll::Pending
    }

    /// Notes whether a refused sender got to hear why: all of the answer has been handed over by now. Whoever had gone
    /// for good has said so by now too, unless they are far away.
    fn note_told(&mut self) {
        if !self.arrivals.is_telling() {
            return;
        }
        self.is_deaf |= self.stream.has_failed();
        if !self.is_deaf {
            self.arrivals.told();
        }
    }

    /// Looks whether the answer that its sender had to wait for begins to go out to anybody.
    fn note_heard(&mut self, write: &Poll<io::Result<usize>>) {
        if !self.arrivals.awaits() {
            return;
        }
        match write {
            Poll::Ready(Err(error)) => self.arrivals.gone(error.kind()),
            Poll::Ready(Ok(_)) if !self.arrivals.is_heard() => {
                self.is_deaf |= self.stream.has_failed();
                if !self.is_deaf {
                    self.arrivals.heard();
                }
            }
            Poll::Ready(Ok(_)) | Poll::Pending => {}
        }
    }

    /// Notes that the sender of a request that was answered asks on, or listens: it has heard all of its answer.
    pub(super) fn note_listening(&mut self) {
        if self.arrivals.awaits() && (self.is_deaf || self.arrivals.is_heard()) {
            self.arrivals.settle();
        }
    }

    /// Waits for whether a sender that has closed its side was still there to hear the answer that it had to wait for;
    /// our side has been closed by now, so nobody is held up.
    fn poll_parting(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if !self.arrivals.awaits() {
            return Poll::Ready(());
        }
        let since = *self.parting.get_or_insert_with(Instant::now);
        // Whoever has not closed listens.
        let has_closed = match self.fill(context) {
            Poll::Ready(Ok(read)) => read == 0,
            // Over TLS some close without a word.
            Poll::Ready(Err(error)) => error.kind() == io::ErrorKind::UnexpectedEof,
            Poll::Pending => false,
        };
        if has_closed && !self.is_deaf {
            self.note_gone();
            if !self.is_deaf && !self.reading.is_over(context, since + PARTING) {
                return Poll::Pending;
            }
        }
        self.arrivals.settle();
        Poll::Ready(())
    }

    /// Notes that nobody was there for the answer that had to be waited for, where the system has said so since.
    fn note_gone(&mut self) {
        if self.arrivals.awaits() && self.stream.has_failed() {
            self.is_deaf = true;
            self.arrivals.gone(io::ErrorKind::BrokenPipe);
        }
    }

    /// Reads off what a refused sender is still writing. Closing at once would reset the connection under
    /// the answer, and the sender would never learn why.
    fn linger(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let since = *self.lingering.get_or_insert_with(Instant::now);
        while !self.reading.is_over(context, since + self.limits.linger) {
            self.wire.clear();
            match ready!(self.fill(context)) {
                Ok(0) | Err(_) => break,
                Ok(_) => {}
            }
        }
        Poll::Ready(Ok(()))
    }

    fn has_unread(&self) -> bool {
        match self.stage {
            Stage::Head(_) | Stage::Opening => !self.wire.is_empty(),
            Stage::Two(_) => false,
            Stage::Sized(_) | Stage::Chunked(_) | Stage::Rest(_) | Stage::Broken | Stage::Refused => true,
        }
    }
}

impl AsyncWrite for Gate {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let gate = self.get_mut();
        let write = Pin::new(&mut gate.stream).poll_write(context, bytes);
        gate.follow_write(&write, &[io::IoSlice::new(bytes)]);
        gate.note_heard(&write);
        let write = gate.in_vain(write, bytes.len());
        gate.watch_write(context, write)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let gate = self.get_mut();
        let write = Pin::new(&mut gate.stream).poll_write_vectored(context, parts);
        gate.follow_write(&write, parts);
        gate.note_heard(&write);
        let write = gate.in_vain(write, parts.iter().map(|part| part.len()).sum());
        gate.watch_write(context, write)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let gate = self.get_mut();
        if gate.lingering.is_none() {
            if gate.parting.is_none() {
                gate.note_told();
                gate.note_gone();
                ready!(Pin::new(&mut gate.stream).poll_shutdown(context))?;
            }
            ready!(gate.poll_parting(context));
            if !gate.has_unread() {
                return Poll::Ready(Ok(()));
            }
        }
        gate.linger(context)
    }
}
