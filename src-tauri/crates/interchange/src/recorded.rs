//! What was recorded of a captured request besides what it says itself, as our own forms carry it: how it came in, how
//! it stood on the wire, what was wrong with it, what answered it.
//!
//! What is read comes from strangers: what does not fit the request beside which it stands is left out.

use bytes::Bytes;
use hookbench_model::{
    AnsweredBy, ArrivalFacts, BrokenHead, ChunkRecord, ChunkRun, Colour, HeaderPairs, RequestFault, TlsFacts,
    WireRecord, trailer_pairs,
};
use serde::{Deserialize, Serialize};

use crate::headers::is_chunked;
use crate::{Bounds, Message, text};

/// The longest word, name and sentence that is taken over, in bytes.
const LONGEST_WORD: usize = 200;
const LONGEST_SENTENCE: usize = 2_000;

/// Each field stands there only where there is something to say.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Recorded {
    #[serde(skip_serializing_if = "Option::is_none")]
    colour: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    handshake: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answered_by: Option<Answer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<Wrong>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wire: Option<Wire>,
}

/// The rule that answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Answer {
    rule: String,
    name: String,
    fault: Option<String>,
    shows_status: bool,
}

/// What is wrong with a request that is not whole or not well formed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Wrong {
    code: String,
    message: String,
    at: Option<u64>,
}

/// How it came over the wire.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Wire {
    #[serde(skip_serializing_if = "Option::is_none")]
    arrival: Option<Arrival>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<TlsFacts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    head: Option<Octets>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chunks: Option<Chunks>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trailers: Option<Octets>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Arrival {
    connection: u64,
    request_on_it: u32,
    head_us: Option<u32>,
    body_us: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Chunks {
    runs: Vec<Run>,
    count: u64,
    complete: bool,
    ended: bool,
    closed: bool,
    #[serde(default, skip_serializing_if = "Octets::is_empty")]
    tail: Octets,
}

/// Chunks of one size, one after the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Run {
    size: u64,
    times: u64,
    /// The line of the size, where it was not the size alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    line: Option<Octets>,
}

/// Bytes: text, or base64 where they are none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Octets {
    Text(String),
    Base64 { base64: String },
}

impl Default for Octets {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl Octets {
    fn of(bytes: &Bytes) -> Self {
        match text::of(bytes) {
            Some(text) => Self::Text(text.to_owned()),
            None => Self::Base64 { base64: data_encoding::BASE64.encode(bytes) },
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }

    /// `None` where the base64 is none.
    fn bytes(self) -> Option<Bytes> {
        match self {
            Self::Text(text) => Some(Bytes::from(text)),
            Self::Base64 { base64 } => data_encoding::BASE64.decode(base64.as_bytes()).ok().map(Bytes::from),
        }
    }
}

impl Recorded {
    /// What is recorded of a request.
    pub(crate) fn of(message: &Message) -> Self {
        let answer = |by: &AnsweredBy| Answer {
            rule: by.rule.to_string(),
            name: by.name.clone(),
            fault: by.fault.map(|kind| kind.as_str().to_owned()),
            shows_status: by.shows_status,
        };
        let wrong = |RequestFault { code, message, at, .. }: RequestFault| Wrong { code, message, at };
        let wire = Wire::of(message);
        Self {
            colour: message.colour.map(|colour| colour.as_str().to_owned()),
            handshake: message.handshake.clone(),
            answered_by: message.answered_by.as_ref().map(answer),
            fault: message.fault.clone().map(wrong),
            wire: (wire != Wire::default()).then_some(wire),
        }
    }

    /// Puts it beside the request of which it is.
    pub(crate) fn put(self, message: &mut Message) {
        let Self { colour, handshake, answered_by, fault, wire } = self;
        message.colour = colour.as_deref().and_then(Colour::named);
        message.handshake = handshake;
        message.answered_by = answered_by.and_then(|Answer { rule, name, fault, shows_status }| {
            let fault = fault.map(|word| word.parse()).transpose().ok()?;
            Some(AnsweredBy { rule: rule.parse().ok()?, name, fault, shows_status })
        });
        // Whether its sender was told is the status's to say.
        message.fault =
            fault.map(|Wrong { code, message, at }| RequestFault { code, message, at, told: true });
        if let Some(wire) = wire {
            wire.put(message);
        }
    }
}

impl Wire {
    fn of(Message { came, wire, .. }: &Message) -> Self {
        let arrival = |came: &ArrivalFacts| Arrival {
            connection: came.connection,
            request_on_it: came.turn,
            head_us: came.head_us,
            body_us: came.body_us,
        };
        Self {
            arrival: came.as_ref().map(arrival),
            tls: wire.tls.clone(),
            head: wire.head.as_ref().map(Octets::of),
            chunks: wire.chunks.as_ref().map(Chunks::of),
            trailers: (!wire.trailers.is_empty()).then(|| Octets::of(&wire.trailers)),
        }
    }

    fn put(self, message: &mut Message) {
        let Self { arrival, tls, head, chunks, trailers } = self;
        message.came = arrival.map(|arrival| ArrivalFacts {
            connection: arrival.connection,
            turn: arrival.request_on_it,
            head_us: arrival.head_us,
            body_us: arrival.body_us,
        });
        message.wire = WireRecord {
            head: head.and_then(Octets::bytes),
            chunks: chunks.and_then(Chunks::record),
            trailers: trailers.and_then(Octets::bytes).unwrap_or_default(),
            tls,
            shown: None,
        };
    }
}

impl Chunks {
    fn of(record: &ChunkRecord) -> Self {
        let run = |run: &ChunkRun| Run {
            size: run.size,
            times: run.times,
            line: run.spelt.as_ref().map(Octets::of),
        };
        Self {
            runs: record.runs.iter().map(run).collect(),
            count: record.count,
            complete: record.complete,
            ended: record.ended,
            closed: record.closed,
            tail: Octets::of(&record.tail),
        }
    }

    fn record(self) -> Option<ChunkRecord> {
        let run = |Run { size, times, line }: Run| {
            let spelt = line.map(|line| line.bytes().ok_or(())).transpose().ok()?;
            Some(ChunkRun { size, times, spelt })
        };
        Some(ChunkRecord {
            runs: self.runs.into_iter().map(run).collect::<Option<_>>()?,
            count: self.count,
            complete: self.complete,
            ended: self.ended,
            closed: self.closed,
            tail: self.tail.bytes()?,
        })
    }
}

/// Leaves out what is told of a request and is not of it, or larger than it may be.
pub(crate) fn tidy(message: &mut Message, bounds: &Bounds) {
    let is_word = |word: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        !word.is_empty() && word.len() <= LONGEST_WORD && word.bytes().all(fits)
    };
    let is_said = |said: &str, most: usize| said.len() <= most && !said.chars().any(char::is_control);
    let wrong = |fault: &RequestFault| {
        is_word(&fault.code) && is_said(&fault.message, LONGEST_SENTENCE) && fault.at.is_none_or(is_signed)
    };
    message.fault = message.fault.take().filter(wrong);
    message.handshake = message.handshake.take().filter(|word| is_word(word));
    message.answered_by = message.answered_by.take().filter(|by| is_said(&by.name, LONGEST_SENTENCE));
    for said in [&mut message.event_type, &mut message.provider_event_id] {
        *said = said.take().filter(|said| is_said(said, LONGEST_WORD));
    }
    message.came = message.came.filter(|came| is_signed(came.connection));
    let is_tls = |tls: &TlsFacts| {
        let words =
            [Some(&tls.version), Some(&tls.cipher_suite), tls.server_name.as_ref(), tls.alpn.as_ref()];
        words.into_iter().flatten().all(|word| is_said(word, LONGEST_SENTENCE))
    };
    message.wire.tls = message.wire.tls.take().filter(is_tls);
    tidy_bytes(message, bounds);
}

/// Whether the store can keep a number.
fn is_signed(number: u64) -> bool {
    i64::try_from(number).is_ok()
}

/// The bytes that are kept beside the request's own have to be its own too: what is hidden of the one is looked for in
/// the other.
fn tidy_bytes(message: &mut Message, bounds: &Bounds) {
    let head = message.wire.head.take();
    let most = if message.fault.is_some() { bounds.broken_head() } else { bounds.head };
    message.wire.head = head.filter(|head| head.len() <= most && is_head_of(head, message));
    let trailers = std::mem::take(&mut message.wire.trailers);
    if trailers.len() <= bounds.head && are_trailers(&trailers) {
        message.wire.trailers = trailers;
    }
    let chunks = message.wire.chunks.take().filter(|_| is_chunked(&message.headers));
    message.wire.chunks = chunks.filter(|chunks| are_chunks_of(chunks, message.body.len() as u64, bounds));
    message.wire.shown = None;
}

fn is_head_of(head: &[u8], message: &Message) -> bool {
    let read = BrokenHead::read(head);
    let target = message.path_and_query();
    let headers: &HeaderPairs = &read.headers;
    (message.fault.is_some() || read.length == head.len())
        && read.target.ends_with(&target)
        && *headers == message.headers
}

fn are_trailers(trailers: &Bytes) -> bool {
    // Each as it is read, so that nothing stands there that is not looked at.
    let pairs = trailer_pairs(trailers);
    let lines = trailers.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
    (trailers.is_empty() || trailers.ends_with(b"\r\n")) && pairs.len() == lines
}

fn are_chunks_of(chunks: &ChunkRecord, body: u64, bounds: &Bounds) -> bool {
    let told: usize = chunks.runs.iter().filter_map(|run| run.spelt.as_ref()).map(Bytes::len).sum();
    let total = chunks.runs.iter().try_fold(0_u64, |total, run| {
        total.checked_add(run.size.checked_mul(run.times).filter(|_| is_signed(run.size))?)
    });
    let Some(total) = total else { return false };
    let last = chunks.runs.last().map_or(0, |run| run.size);
    let fits = match (chunks.complete, chunks.ended) {
        (true, true) => total == body,
        // The last of them may be cut.
        (true, false) => total >= body && total - body <= last,
        (false, _) => total <= body,
    };
    fits && is_signed(chunks.count) && told.saturating_add(chunks.tail.len()) <= bounds.head
}
