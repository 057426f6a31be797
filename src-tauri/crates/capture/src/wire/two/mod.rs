//! HTTP/2 as it stands on the wire.
//!
//! hyper's library for it refuses what RFC 9113 forbids (capital letters in names, a body of another length than was
//! said) before anybody sees the request, sorts headers by their names, and tells no times. So frames are followed, and
//! heads read here, as those of HTTP/1 are; the library is handed heads of our own writing in their place, with the
//! stream's number for a path, and keeps what it does well: streams, windows, settings.

mod field;
mod frames;
mod hpack;
mod huffman;
mod outgoing;
mod stream;

pub(super) use frames::Frames;
pub(crate) use frames::{as_text, broken_as_text};
pub(super) use outgoing::{Outgoing, name_of};
pub(crate) use stream::Stream;
