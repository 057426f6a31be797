//! How a captured request stood on the wire, as far as its own fields do not say it.

mod chunks;
mod head;

use bytes::Bytes;

use crate::TlsFacts;

pub use chunks::{ChunkRecord, ChunkRun};
pub use head::{BrokenHead, shown_head, trailer_pairs};

/// How a captured request came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArrivalFacts {
    /// Which connection it came on, counted from 1 since the receiver began to listen.
    pub connection: u64,
    /// Which request on that connection it was, from 1.
    pub turn: u32,
    /// How long its head took from the first byte to the last, in microseconds; `None` where that was not seen.
    pub head_us: Option<u32>,
    /// How long its body took from the head's end on, in microseconds.
    pub body_us: u32,
}

/// What went wrong with a captured request that is not whole, or not well formed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestFault {
    /// What it was, as a stable code: `body_broken_off`.
    pub code: String,
    /// The same as a sentence.
    pub message: String,
    /// At which byte of the request, its head included, that showed; `None` where no byte is to blame.
    pub at: Option<u64>,
    /// Whether its sender was still there to be told, as far as that is known.
    pub told: bool,
}

/// How a captured request's bytes differ from what is written anew of its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WireRecord {
    /// The head as it stood, its closing empty line included; `None` where [`CapturedRequest::written_head`] gives
    /// the same bytes.
    ///
    /// [`CapturedRequest::written_head`]: crate::CapturedRequest::written_head
    pub head: Option<Bytes>,
    /// How the body was cut into chunks; `None` where it was not.
    pub chunks: Option<ChunkRecord>,
    /// The trailers after the body, as they stood, each with the CR LF at its end; over HTTP/2 as they would be written.
    pub trailers: Bytes,
    /// What was agreed on over TLS; `None` for what came in clear.
    pub tls: Option<TlsFacts>,
    /// Head and trailers as they are shown, where a secret of the inbox stands in them.
    pub shown: Option<ShownWire>,
}

/// A head and trailers as they are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShownWire {
    /// The head; `None` where it is the one that is written anew.
    pub head: Option<Bytes>,
    /// The trailers.
    pub trailers: Bytes,
}

impl WireRecord {
    /// Whether it says nothing that the request's own fields do not say.
    pub fn is_plain(&self) -> bool {
        self.head.is_none() && self.chunks.is_none() && self.trailers.is_empty() && self.tls.is_none()
    }

    /// The record without the secrets that it holds.
    #[must_use]
    pub fn veiled(mut self) -> Self {
        if let Some(ShownWire { head, trailers }) = self.shown.clone() {
            (self.head, self.trailers) = (head, trailers);
        }
        self
    }
}
