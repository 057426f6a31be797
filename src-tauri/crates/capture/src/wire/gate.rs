mod writing;

use std::future::Future as _;
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _, ReadBuf};
use tokio::time::Instant;

use super::chunks::ChunkScan;
use super::framing::Framing;
use super::head::Head;
use super::patience::Patience;
use super::rest::{Malformed, Rest};
use super::scan::HeadScan;
use super::two::{Frames, Outgoing};
use super::{Arrival, Arrivals, PREFACE, Refused, Refusing};
use crate::Limits;
use crate::answers::Socket;
use crate::fault::Fault;
use crate::room::{Room, Taken};

/// What hyper is told in the place of a head that is refused: enough to have it ask for an answer.
const REFUSED: &[u8] = b"POST / HTTP/1.1\r\nconnection: close\r\n\r\n";
const READ_AHEAD: usize = 8 << 10;

/// Stands between a socket and hyper. Reads every HTTP/1 head itself, hands hyper one of our own writing,
/// lets bodies through as their framing says, and keeps the deadlines of heads and idle connections.
#[derive(Debug)]
pub(crate) struct Gate {
    stream: Socket,
    limits: Arc<Limits>,
    room: Arc<Room>,
    arrivals: Arrivals,
    stage: Stage,
    /// Read from the socket and not yet judged.
    wire: BytesMut,
    /// Judged, and on its way to hyper before anything of `wire`.
    plain: BytesMut,
    /// When the first byte of the present head came.
    since: Instant,
    /// When the newest bytes of `wire` came.
    read_at: Instant,
    /// Since when hyper has been asking for the present head: it does not while it answers.
    asked: Option<Instant>,
    /// What the bytes behind something malformed take of the room.
    kept: Option<Taken>,
    /// What goes out over HTTP/2.
    outgoing: Outgoing,
    reading: Patience,
    writing: Patience,
    stalled_since: Option<Instant>,
    lingering: Option<Instant>,
    /// Since when it is waited for whether whoever has closed heard their answer.
    parting: Option<Instant>,
    /// Whether something could not be written.
    is_deaf: bool,
}

#[derive(Debug)]
enum Stage {
    /// Nothing is known yet: HTTP/1, HTTP/2 or neither.
    Opening,
    /// Before or in a head.
    Head(HeadScan),
    /// In a body with so many bytes to come.
    Sized(u64),
    /// In a chunked body; who answers looks at what was seen of its chunks.
    Chunked(Arc<Mutex<ChunkScan>>),
    /// Behind something malformed, as long as more of it comes.
    Rest(Box<Rest>),
    /// A body that went wrong, and hyper is still to learn it.
    Broken,
    /// Refused: nothing is read any more.
    Refused,
    /// HTTP/2.
    Two(Box<Frames>),
}

impl Gate {
    pub(crate) fn new(stream: Socket, limits: Arc<Limits>, room: Arc<Room>, arrivals: Arrivals) -> Self {
        let now = Instant::now();
        Self {
            stream,
            limits,
            room,
            arrivals,
            stage: Stage::Opening,
            wire: BytesMut::new(),
            plain: BytesMut::new(),
            since: now,
            read_at: now,
            asked: None,
            kept: None,
            outgoing: Outgoing::default(),
            reading: Patience::default(),
            writing: Patience::default(),
            stalled_since: None,
            lingering: None,
            parting: None,
            is_deaf: false,
        }
    }

    /// Hands hyper what is judged already, and judges what has come; at most one head at a time.
    fn hand_over(&mut self, to: &mut ReadBuf<'_>) {
        if self.plain.is_empty() {
            self.judge();
        }
        give(&mut self.plain, usize::MAX, to);
        if !self.plain.is_empty() {
            return;
        }
        match &mut self.stage {
            Stage::Sized(left) => {
                *left -= give(&mut self.wire, usize::try_from(*left).unwrap_or(usize::MAX), to) as u64;
                if *left == 0 {
                    self.await_head();
                }
            }
            Stage::Chunked(scan) => {
                let here = self.wire.len().min(to.remaining());
                let (followed, used, ended) = {
                    let mut scan = scan.lock().unwrap_or_else(PoisonError::into_inner);
                    let before = scan.followed();
                    (scan.follow(&self.wire[..here]), scan.followed() - before, scan.ended())
                };
                // What came before a fault is kept.
                give(&mut self.wire, usize::try_from(used).unwrap_or(0), to);
                match followed {
                    Ok(_) if ended => self.await_head(),
                    Ok(_) => {}
                    Err(fault) => {
                        let of = Malformed::Chunk(Arc::clone(scan));
                        self.stage = Stage::Rest(Box::new(Rest::new(of, fault)));
                    }
                }
            }
            Stage::Two(frames) => {
                frames.follow(&mut self.wire, &mut self.plain, self.read_at);
                give(&mut self.plain, usize::MAX, to);
            }
            Stage::Opening | Stage::Head(_) | Stage::Rest(_) | Stage::Broken | Stage::Refused => {}
        }
    }

    /// Reads the next head, if it is whole.
    fn judge(&mut self) {
        if let Stage::Opening = self.stage {
            let common = self.wire.len().min(PREFACE.len());
            if self.wire[..common] != PREFACE[..common] {
                self.stage = Stage::Head(HeadScan::default());
            } else if common == PREFACE.len() {
                let frames = Frames::new(Arc::clone(&self.limits), self.arrivals.clone());
                self.stage = Stage::Two(Box::new(frames));
            }
        }
        let Stage::Head(scan) = &mut self.stage else { return };
        if self.wire.is_empty() {
            return;
        }
        let (start, end) = match scan.look(&self.wire, &self.limits) {
            Ok(Some(bounds)) => bounds,
            Ok(None) => return,
            Err(fault) => return self.refuse(fault),
        };
        let raw = self.wire.split_to(end).freeze();
        match Head::read(&raw.slice(start..), &self.limits) {
            Ok((mut head, framing)) => {
                head.raw = Some(raw);
                let body = self.whole_body(framing);
                let framing = if body.is_some() { Framing::Sized(0) } else { framing };
                head.write_plain(framing, &mut self.plain);
                let chunks = (framing == Framing::Chunked).then(Arc::default);
                self.arrivals.push(Ok(Arrival {
                    head,
                    since: self.since,
                    head_end: self.read_at,
                    chunks: chunks.clone(),
                    body,
                    stream: None,
                    fault: None,
                }));
                match (framing, chunks) {
                    (_, Some(scan)) => self.stage = Stage::Chunked(scan),
                    (Framing::Sized(length), _) if length > 0 => self.stage = Stage::Sized(length),
                    _ => self.await_head(),
                }
            }
            Err(fault) => {
                self.wire = BytesMut::from(&[&raw[..], &self.wire].concat()[..]);
                self.refuse(fault);
            }
        }
    }

    /// The body of the head that was just read, where all of it is here already.
    fn whole_body(&mut self, framing: Framing) -> Option<Bytes> {
        let Framing::Sized(length) = framing else { return None };
        let length = usize::try_from(length).ok().filter(|length| *length <= self.wire.len())?;
        Some(self.wire.split_to(length).freeze())
    }

    fn await_head(&mut self) {
        self.stage = Stage::Head(HeadScan::default());
        // Of what has come already the next head is the beginning.
        self.since = self.read_at;
        self.asked = None;
    }

    /// Refuses what has come and is not judged yet, with what comes behind it.
    fn refuse(&mut self, fault: Fault) {
        self.stage = Stage::Rest(Box::new(Rest::new(Malformed::Head(self.since), fault)));
    }

    /// Reads what comes behind something malformed, and refuses it.
    fn read_rest(&mut self, mut rest: Box<Rest>, context: &mut Context<'_>) {
        let has_ended = loop {
            if !rest.is_wanted(self.wire.len(), &self.room) {
                break true;
            }
            match self.fill(context) {
                Poll::Ready(Ok(0) | Err(_)) => break true,
                Poll::Ready(Ok(_)) => {}
                Poll::Pending => {
                    let until = rest.until(self.read_at, &self.limits);
                    break self.reading.is_over(context, until);
                }
            }
        };
        if !has_ended {
            self.stage = Stage::Rest(rest);
            return;
        }
        let (raw, fault) = (self.wire.split().freeze(), rest.fault.clone());
        match &rest.of {
            Malformed::Head(since) => {
                self.arrivals.push(Err(Refused { fault, what: Refusing::Raw(raw), since: *since }));
                self.plain.extend_from_slice(REFUSED);
                self.stage = Stage::Refused;
            }
            Malformed::Chunk(scan) => {
                scan.lock().unwrap_or_else(PoisonError::into_inner).keep_rest(&raw);
                self.arrivals.break_body(fault);
                self.stage = Stage::Broken;
            }
        }
        self.kept = rest.into_room();
    }

    /// Reads more from the socket; gives how much came, none at its end.
    fn fill(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.wire.reserve(READ_AHEAD);
        let was_idle = self.wire.is_empty();
        // The future of a read holds nothing between polls: making it anew each time loses nothing.
        let read = pin!(self.stream.read_buf(&mut self.wire)).poll(context);
        if matches!(read, Poll::Ready(Ok(1..))) {
            self.read_at = Instant::now();
            if was_idle && matches!(self.stage, Stage::Opening | Stage::Head(_)) {
                self.since = self.read_at;
            }
        }
        read
    }

    /// What happens when the socket has nothing: heads have a deadline, and so have idle connections.
    fn wait(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let in_head = match self.stage {
            Stage::Opening => true,
            Stage::Head(_) => !self.wire.is_empty(),
            // Bodies are timed by the handler, which also does so for HTTP/2.
            _ => return Poll::Pending,
        };
        let patience = if in_head { self.limits.head_time } else { self.limits.idle };
        // An answer may take longer than anybody has to wait for a head.
        let asked = *self.asked.get_or_insert_with(Instant::now);
        let since = if in_head { self.since.max(asked) } else { asked };
        if !self.reading.is_over(context, since + patience) {
            return Poll::Pending;
        }
        if !self.wire.is_empty() {
            self.refuse(Fault::HeadTooSlow(self.limits.head_time.as_millis()));
        }
        Poll::Ready(Ok(()))
    }

    /// Lets a body that needs no judging go from the socket to hyper without a stop here.
    fn read_through(&mut self, context: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = to.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, to))?;
        if let Stage::Sized(left) = &mut self.stage {
            let came = to.filled().len() - before;
            let ours = usize::try_from(*left).unwrap_or(usize::MAX).min(came);
            self.read_at = Instant::now();
            self.wire.extend_from_slice(&to.filled()[before + ours..]);
            to.set_filled(before + ours);
            *left -= ours as u64;
            if *left == 0 {
                self.await_head();
            }
        }
        Poll::Ready(Ok(()))
    }

    fn end_frames(&mut self) {
        if let Stage::Two(frames) = &mut self.stage {
            frames.end(&self.wire);
        }
    }

    /// Whether part of a head has come, and not just empty lines.
    fn is_in_head(&self) -> bool {
        matches!(self.stage, Stage::Opening | Stage::Head(_))
            && self.wire.iter().any(|byte| !b"\r\n".contains(byte))
    }
}

fn give(from: &mut BytesMut, most: usize, to: &mut ReadBuf<'_>) -> usize {
    let length = from.len().min(most).min(to.remaining());
    to.put_slice(&from[..length]);
    from.advance(length);
    length
}

impl AsyncRead for Gate {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let gate = self.get_mut();
        let before = to.filled().len();
        loop {
            gate.hand_over(to);
            if to.filled().len() > before || to.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            match gate.stage {
                Stage::Sized(_) => return gate.read_through(context, to),
                Stage::Broken => return Poll::Ready(Err(io::ErrorKind::InvalidData.into())),
                // hyper was told that the connection closes after this answer and asks for nothing more.
                Stage::Refused => return Poll::Pending,
                Stage::Rest(_) => {
                    if let Stage::Rest(rest) = std::mem::replace(&mut gate.stage, Stage::Refused) {
                        gate.read_rest(rest, context);
                    }
                    if matches!(gate.stage, Stage::Rest(_)) {
                        return Poll::Pending;
                    }
                    continue;
                }
                Stage::Two(ref mut frames) => {
                    if frames.rests() {
                        context.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                }
                Stage::Opening | Stage::Head(_) | Stage::Chunked(_) => {}
            }
            match gate.fill(context) {
                // Whoever has ended in the middle of a head may still read why it is none.
                Poll::Ready(Ok(0) | Err(_)) if gate.is_in_head() => gate.refuse(Fault::HeadBrokenOff),
                Poll::Ready(Ok(0)) => {
                    gate.end_frames();
                    return Poll::Ready(Ok(()));
                }
                Poll::Ready(Ok(_)) => gate.note_listening(),
                Poll::Ready(Err(error)) => {
                    gate.end_frames();
                    return Poll::Ready(Err(error));
                }
                Poll::Pending => {
                    gate.note_listening();
                    ready!(gate.wait(context))?;
                    if !matches!(gate.stage, Stage::Rest(_)) {
                        return Poll::Ready(Ok(()));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
