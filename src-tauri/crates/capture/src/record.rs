//! How a request stood on the wire, as far as what is kept of it anyway does not say it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use hookbench_model::{
    ArrivalFacts, CapturedRequest, ChunkRecord, ShownWire, TlsFacts, WireRecord, shown_head, trailer_pairs,
};

use crate::fault::Fault;
use crate::inboxes::Known;
use crate::wire::{ChunkScan, ChunksSeen, Head, Stream};

/// Whose request it is, and which of theirs.
#[derive(Clone, Debug)]
pub(crate) struct Who {
    /// Address and port.
    pub(crate) remote: std::sync::Arc<str>,
    /// The address alone.
    pub(crate) ip: std::net::IpAddr,
    /// What was agreed on over TLS; `None` in clear.
    pub(crate) tls: Option<std::sync::Arc<TlsFacts>>,
    /// Which connection it came on, and which request on that it is.
    pub(crate) connection: u64,
    pub(crate) turn: u32,
}

impl Who {
    /// How a request of theirs came in; `head` is `None` where the beginning of it was not seen.
    pub(crate) fn came(&self, head: Option<Duration>, body: Duration) -> ArrivalFacts {
        let us = |took: Duration| u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
        ArrivalFacts {
            connection: self.connection,
            turn: self.turn,
            head_us: head.map(us),
            body_us: us(body),
        }
    }
}

/// The bytes of a request that its fields do not hold.
#[derive(Debug, Default)]
pub(crate) struct Bared {
    /// The head; `None` over HTTP/2.
    pub(crate) head: Option<Bytes>,
    pub(crate) chunks: Option<ChunkRecord>,
    pub(crate) trailers: Bytes,
    /// How many bytes the body took on the wire, where it had chunks.
    pub(crate) followed: u64,
}

impl Bared {
    /// Of a request whose body was followed by `scan`, or came on that stream.
    pub(crate) fn of(head: Option<Bytes>, scan: Option<&Mutex<ChunkScan>>, stream: Option<&Stream>) -> Self {
        let Some(scan) = scan else {
            let trailers = stream.map(|stream| stream.seen().trailers).unwrap_or_default();
            return Self { head, trailers, ..Self::default() };
        };
        let ChunksSeen { chunks, trailers, followed } =
            scan.lock().unwrap_or_else(PoisonError::into_inner).seen();
        Self { head, chunks: Some(chunks), trailers, followed }
    }

    /// What is said of a body that has another end than its own, and at which byte of the request that showed; `body`
    /// is what came of it.
    pub(crate) fn what_came_of(&self, fault: &Fault, head: &Head, body: &Bytes) -> (String, Option<u64>) {
        let came = body.len();
        let said = match (fault, head.announced) {
            // A larger number is read as this one.
            (Fault::BodyTooLarge(_), Some(u64::MAX)) => {
                format!(" {} or more were announced, and {came} were read.", u64::MAX)
            }
            (Fault::BodyTooLarge(_), Some(announced)) => {
                format!(" {announced} were announced, and {came} were read.")
            }
            _ if !fault.is_of_body() => String::new(),
            (_, Some(announced)) => format!(" {came} of {announced} bytes came."),
            (_, None) => format!(" {came} bytes of it came."),
        };
        let head_size = self.head.as_ref().map(|head| head.len() as u64);
        let at = head_size.map(|head| head + if self.chunks.is_some() { self.followed } else { came as u64 });
        (fault.sentence() + &said, at)
    }

    /// What of it is to be kept with the request.
    pub(crate) fn record(self, known: &Known, request: &CapturedRequest, who: &Who) -> WireRecord {
        self.record_over(known, request, who.tls.as_deref().cloned())
    }

    /// The same of what came over TLS, or in clear.
    pub(crate) fn record_over(
        self,
        known: &Known,
        request: &CapturedRequest,
        tls: Option<TlsFacts>,
    ) -> WireRecord {
        let head = self.head.filter(|head| !request.is_written_as(head));
        let chunks = self.chunks.map(|chunks| known.without_secrets(chunks));
        let mut record = WireRecord { head, chunks, trailers: self.trailers, tls, shown: None };
        if record.head.is_none() && record.trailers.is_empty() {
            return record;
        }
        let head = record.head.as_deref().and_then(|head| shown(request, head)).map(Bytes::from);
        let trailers = known.shown_trailers(&record.trailers);
        if head.is_some() || trailers.is_some() {
            record.shown = Some(ShownWire {
                head: head.or_else(|| record.head.clone()),
                trailers: trailers.map_or_else(|| record.trailers.clone(), Bytes::from),
            });
        }
        record
    }
}

/// A head without what is hidden of its request; `None` where nothing is.
fn shown(request: &CapturedRequest, head: &[u8]) -> Option<Vec<u8>> {
    let shown = request.shown.as_ref()?;
    let arrived = (&request.headers, request.query.as_deref());
    let made = shown_head(head, arrived, (&shown.headers, shown.query.as_deref()));
    // It may stand in it once more, where no header is.
    Some(request.within().map_or_else(|| made.clone(), |within| within.taken_out_of(&made).into_owned()))
}

/// Stands for a request line where trailers are read like the headers behind one.
const LINE: &[u8] = b"-\r\n";

impl Known {
    /// Chunks without the secrets of the inbox: in an extension, or in trailers that broke off. Nothing is kept apart
    /// for those, so it is left out for good.
    fn without_secrets(&self, mut chunks: ChunkRecord) -> ChunkRecord {
        self.hiding(|hidden| {
            let spelt = chunks.runs.iter_mut().filter_map(|run| run.spelt.as_mut());
            for bytes in spelt.chain([&mut chunks.tail]) {
                if let Some(without) = hidden.taken_out_of(bytes) {
                    *bytes = Bytes::from(without);
                }
            }
        });
        chunks
    }

    /// Trailers without the secrets of the inbox that stand in them; `None` where there are none.
    fn shown_trailers(&self, trailers: &Bytes) -> Option<Vec<u8>> {
        if trailers.is_empty() {
            return None;
        }
        let pairs = trailer_pairs(trailers);
        let shown = self.hiding(|hidden| hookbench_model::Shown::of(&pairs, None, hidden))?;
        // They begin where the lines behind a request line do.
        let head = [LINE, trailers].concat();
        let made = shown_head(&head, (&pairs, None), (&shown.headers, None));
        Some(made[LINE.len()..].to_vec())
    }
}
