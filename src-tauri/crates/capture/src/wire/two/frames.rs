use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::{BufMut as _, Bytes, BytesMut};
use hookbench_model::HeaderPairs;
use tokio::time::Instant;

use super::field::{Known, head_of, wrong_with_trailers};
use super::hpack::Unpacker;
use super::stream::Stream;
use crate::Limits;
use crate::fault::Fault;
use crate::wire::{Arrival, Arrivals, Head, PREFACE, Refused, Refusing};

const FRAME_HEAD: usize = 9;
/// The largest frame that may be sent here: what is said by saying nothing, in bytes.
const LARGEST_FRAME: usize = 16 << 10;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 0x1;
const END_HEADERS: u8 = 0x4;
const PADDED: u8 = 0x8;
const PRIORITY: u8 = 0x20;

/// The most streams that are followed; the library allows fewer at once, and refuses the rest.
const MOST_STREAMS: usize = 1024;
/// A block that nobody can read: its field has no number. The library ends a connection by it.
const UNREADABLE: &[u8] = &[0x80];

/// Follows the frames that come in on a connection.
#[derive(Debug)]
pub(in crate::wire) struct Frames {
    at: At,
    limits: Arc<Limits>,
    arrivals: Arrivals,
    unpacker: Unpacker,
    /// The head that is coming in.
    block: Option<Block>,
    /// When the first byte of the present frame came.
    since: Option<Instant>,
    /// The stream that was begun last.
    last: u32,
    streams: BTreeMap<u32, Arc<Stream>>,
    /// Whether a head has just been handed over. The library is let go on then before it sees more: it would forget
    /// that request where the connection ends at once.
    rests: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// In what the connection begins with, with so many bytes to come.
    Preface(usize),
    /// At the beginning of a frame.
    Frame,
    /// In what is let through, with so many bytes to come.
    Payload(usize, Then),
    /// Behind what breaks the rules: the library sees it all, and ends the connection.
    Through,
}

/// What is known once a frame has been let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Nothing,
    /// So many bytes of a body came on a stream; whether it ended with them.
    Data(u32, u64, bool),
    Reset(u32),
}

/// A head in its frames.
#[derive(Debug)]
struct Block {
    stream: u32,
    ends_stream: bool,
    since: Instant,
    bytes: BytesMut,
}

/// The beginning of a frame.
#[derive(Clone, Copy, Debug)]
struct Frame {
    length: usize,
    kind: u8,
    flags: u8,
    stream: u32,
}

impl Frame {
    fn read(bytes: &[u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk::<3>()?;
        let ([kind, flags], rest) = rest.split_first_chunk::<2>()?;
        let stream = rest.first_chunk::<4>()?;
        Some(Self {
            length: length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)),
            kind: *kind,
            flags: *flags,
            stream: u32::from_be_bytes(*stream) & 0x7fff_ffff,
        })
    }

    const fn has(self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

impl Frames {
    pub(in crate::wire) fn new(limits: Arc<Limits>, arrivals: Arrivals) -> Self {
        Self {
            at: At::Preface(PREFACE.len()),
            limits,
            arrivals,
            unpacker: Unpacker::default(),
            block: None,
            since: None,
            last: 0,
            streams: BTreeMap::new(),
            rests: false,
        }
    }

    /// Whether the library is to be let go on first; said once for each head.
    pub(in crate::wire) fn rests(&mut self) -> bool {
        std::mem::take(&mut self.rests)
    }

    /// Takes from `wire` what can be judged, the newest of which was read at that time, and puts into `plain` what the
    /// library is to read; one head at most.
    pub(in crate::wire) fn follow(&mut self, wire: &mut BytesMut, plain: &mut BytesMut, read_at: Instant) {
        while !self.rests && !wire.is_empty() {
            match self.at {
                At::Preface(left) => {
                    let here = left.min(wire.len());
                    plain.put(wire.split_to(here));
                    self.at = if here == left { At::Frame } else { At::Preface(left - here) };
                }
                At::Payload(left, then) => {
                    let here = left.min(wire.len());
                    plain.put(wire.split_to(here));
                    if here == left {
                        self.then(then, read_at);
                    } else {
                        self.at = At::Payload(left - here, then);
                    }
                }
                At::Through => plain.put(wire.split()),
                At::Frame => {
                    self.since.get_or_insert(read_at);
                    if !self.frame(wire, plain, read_at) {
                        return;
                    }
                    if self.at == At::Frame {
                        self.since = None;
                    }
                }
            }
        }
    }

    /// The end of what comes: a head that is not whole will never be.
    pub(in crate::wire) fn end(&mut self, wire: &[u8]) {
        let begins = self.at == At::Frame && wire.get(3) == Some(&HEADERS);
        if self.block.take().is_some() || begins {
            let since = self.since.unwrap_or_else(Instant::now);
            self.lose(Fault::HeadBrokenOff, since);
        }
    }

    /// Begins with the next frame; gives whether enough of it is there.
    fn frame(&mut self, wire: &mut BytesMut, plain: &mut BytesMut, read_at: Instant) -> bool {
        let Some(frame) = Frame::read(wire) else { return false };
        let continues = self.block.as_ref().map(|block| block.stream);
        let is_next = frame.kind == CONTINUATION && continues == Some(frame.stream);
        if frame.length > LARGEST_FRAME || (continues.is_some() || frame.kind == CONTINUATION) && !is_next {
            self.give_up(plain);
            return true;
        }
        if matches!(frame.kind, HEADERS | CONTINUATION) {
            if wire.len() < FRAME_HEAD + frame.length {
                return false;
            }
            let payload = wire.split_to(FRAME_HEAD + frame.length).split_off(FRAME_HEAD);
            self.head(frame, payload, plain, read_at);
            return true;
        }
        // How much of it fills it up is said by its first byte.
        let is_padded = frame.kind == DATA && frame.has(PADDED) && frame.length > 0;
        if is_padded && wire.len() == FRAME_HEAD {
            return false;
        }
        let filling = if is_padded { 1 + usize::from(wire[FRAME_HEAD]) } else { 0 };
        let then = match frame.kind {
            DATA => {
                let body = frame.length.saturating_sub(filling) as u64;
                Then::Data(frame.stream, body, frame.has(END_STREAM))
            }
            RESET => Then::Reset(frame.stream),
            _ => Then::Nothing,
        };
        plain.put(wire.split_to(FRAME_HEAD));
        if frame.length == 0 {
            self.then(then, read_at);
        } else {
            self.at = At::Payload(frame.length, then);
        }
        true
    }

    fn then(&mut self, then: Then, read_at: Instant) {
        (self.at, self.since) = (At::Frame, None);
        match then {
            Then::Nothing => {}
            Then::Data(number, body, ends) => {
                if let Some(stream) = self.streams.get(&number) {
                    stream.body_came(body);
                    if ends {
                        stream.ended(read_at);
                        self.streams.remove(&number);
                    }
                }
            }
            Then::Reset(number) => {
                if let Some(stream) = self.streams.remove(&number) {
                    stream.reset();
                }
            }
        }
    }

    /// A frame with part of a head.
    fn head(&mut self, frame: Frame, mut payload: BytesMut, plain: &mut BytesMut, read_at: Instant) {
        if frame.kind == HEADERS {
            let Some(start) = unfilled(frame, &mut payload) else { return self.give_up(plain) };
            let since = self.since.unwrap_or(read_at);
            let ends_stream = frame.has(END_STREAM);
            self.block = Some(Block { stream: frame.stream, ends_stream, since, bytes: start });
        } else if let Some(block) = &mut self.block {
            block.bytes.put(payload);
        }
        let Some(block) = self.block.take() else { return };
        if block.bytes.len() > self.limits.head_bytes + LARGEST_FRAME {
            self.lose(Fault::HeadTooLarge(self.limits.head_bytes), block.since);
            return self.poison(block.stream, plain);
        }
        if frame.has(END_HEADERS) {
            self.whole(block, plain, read_at);
        } else {
            self.block = Some(block);
        }
    }

    /// A head that is whole.
    fn whole(&mut self, block: Block, plain: &mut BytesMut, read_at: Instant) {
        let Block { stream: number, ends_stream, since, bytes } = block;
        let Ok(fields) = self.unpacker.read(&bytes, self.limits.head_bytes) else {
            self.lose(Fault::HeadPacked, since);
            return self.poison(number, plain);
        };
        let flags = if ends_stream { END_STREAM | END_HEADERS } else { END_HEADERS };
        if number <= self.last {
            if let Some(stream) = self.streams.get(&number) {
                stream.trailers_came(&fields.all, wrong_with_trailers(&fields));
                if ends_stream {
                    stream.ended(read_at);
                    self.streams.remove(&number);
                }
            }
            return put_frame(plain, HEADERS, flags, number, &[]);
        }
        self.last = number;
        let stream = Arc::<Stream>::default();
        let (request, is_head) = match head_of(&fields, &self.limits) {
            Known::Head(head, fault) => {
                let is_head = head.method == "HEAD";
                let (head, chunks) = (*head, None);
                let body = ends_stream.then(Bytes::new);
                let stream = Some(Arc::clone(&stream));
                (Ok(Arrival { head, since, head_end: read_at, chunks, body, stream, fault }), is_head)
            }
            Known::Broken(broken, fault) => {
                (Err(Refused { fault, what: Refusing::Two(Box::new(broken)), since }), false)
            }
        };
        self.arrivals.begin(number, request);
        if ends_stream {
            stream.ended(read_at);
        } else {
            self.streams.insert(number, stream);
            if self.streams.len() > MOST_STREAMS {
                self.streams.pop_first();
            }
        }
        put_frame(plain, HEADERS, flags, number, &our_head(number, is_head));
        self.rests = true;
    }

    /// Notes a head that nobody is asked about.
    fn lose(&self, fault: Fault, since: Instant) {
        self.arrivals.lose(Refused { fault, what: Refusing::Nothing, since });
    }

    /// Has the library see for itself what breaks the rules; a head that has begun is begun for it too.
    fn give_up(&mut self, plain: &mut BytesMut) {
        if let Some(block) = self.block.take() {
            put_frame(plain, HEADERS, 0, block.stream, &[]);
        }
        self.at = At::Through;
    }

    /// Has the library end the connection.
    fn poison(&mut self, number: u32, plain: &mut BytesMut) {
        put_frame(plain, HEADERS, END_HEADERS, number, UNREADABLE);
        self.at = At::Through;
    }
}

/// What of a frame is head: without what fills it up, and without what is said of its stream's priority; `None` where
/// there is less than that.
fn unfilled(frame: Frame, payload: &mut BytesMut) -> Option<BytesMut> {
    let filling = if frame.has(PADDED) { usize::from(*payload.first()?) } else { 0 };
    let before = usize::from(frame.has(PADDED)) + if frame.has(PRIORITY) { 5 } else { 0 };
    if payload.len() < before + filling {
        return None;
    }
    payload.truncate(payload.len() - filling);
    Some(payload.split_off(before))
}

/// The head that the library is given: the number of its stream for a path, and no field that it could refuse.
fn our_head(number: u32, is_head: bool) -> Vec<u8> {
    // `:scheme: http` by its number, and `:method: POST`.
    let mut block = vec![0x86];
    if is_head {
        block.extend_from_slice(b"\x02\x04HEAD");
    } else {
        block.push(0x83);
    }
    let path = format!("/{number}");
    block.push(0x04);
    block.push(u8::try_from(path.len()).unwrap_or_default());
    block.extend_from_slice(path.as_bytes());
    block
}

fn put_frame(plain: &mut BytesMut, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
    let length = u32::try_from(payload.len()).unwrap_or_default();
    plain.put_slice(&length.to_be_bytes()[1..]);
    plain.put_slice(&[kind, flags]);
    plain.put_u32(stream);
    plain.put_slice(payload);
}

/// As a text, the way HTTP/1 would write it, for where nothing else is shown of it.
pub(crate) fn as_text(head: &Head) -> Vec<u8> {
    let target = head.target.path_and_query();
    let line = format!("{} {target} {}", head.method, head.version.as_str());
    text_of(&line, &head.headers)
}

/// The same of a head that does not say whom it is for.
pub(crate) fn broken_as_text(head: &hookbench_model::BrokenHead) -> Vec<u8> {
    let line = format!("{} {} {}", head.method, head.target, head.version);
    text_of(&line, &head.headers)
}

fn text_of(line: &str, headers: &HeaderPairs) -> Vec<u8> {
    let mut text = on_one_line(line.as_bytes());
    text.extend_from_slice(b"\r\n");
    // The line says the first of these.
    let mut said = vec![":method", ":path"];
    for (name, value) in headers.iter() {
        if let Some(at) = said.iter().position(|known| *known == name) {
            said.remove(at);
            continue;
        }
        text.extend(on_one_line(name.as_bytes()));
        text.extend_from_slice(b": ");
        text.extend(on_one_line(value.as_bytes()));
        text.extend_from_slice(b"\r\n");
    }
    text.extend_from_slice(b"\r\n");
    text
}

/// A line end within a field would make another of what follows it.
pub(super) fn on_one_line(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| if b"\r\n\0".contains(byte) { b' ' } else { *byte }).collect()
}
