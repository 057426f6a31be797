//! HTTP/1 as it stands on the wire.
//!
//! hyper's header map keeps neither the case of names nor their order, and its reader forgives what
//! RFC 9112 forbids (bare line feeds, a missing Host). So every HTTP/1 head is read here, once and
//! strictly, by the [`Gate`] between socket and hyper; hyper is handed a head of our own writing with
//! the same framing and nothing else. Two parsers that disagree about where a request ends cannot
//! exist then: only one of them ever sees what the sender wrote.

mod arrivals;
mod blame;
mod chunks;
mod framing;
mod gate;
mod head;
mod patience;
mod rest;
mod scan;
mod target;
mod two;
mod waited;

pub(crate) use arrivals::{Arrival, Arrivals, Left, Refused, Refusing};
pub(crate) use blame::blame;
pub(crate) use chunks::{ChunkScan, ChunksSeen};
pub(crate) use framing::Framing;
pub(crate) use gate::Gate;
pub(crate) use head::{Head, Version};
pub(crate) use scan::HeadScan;
pub(crate) use target::Target;
pub(crate) use two::{Stream, as_text, broken_as_text};

/// How HTTP/2 begins when both sides know it, RFC 9113 section 3.4.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
