//! Captured requests in the formats of other tools.
//!
//! [`read`] takes what another tool wrote (HAR, a cURL command, HTTP as it stands on the wire, a Postman
//! collection, JSON Lines) and gives [`Message`]s; [`Writer`] writes them; [`Redaction`] takes out what is not to
//! be handed on; [`copy_as`] makes the code that sends one again.
//!
//! Pure: no I/O, no clock. What is read comes from strangers, so every reader is bounded in bytes, in depth and in
//! number, and says of what it leaves out which one that is and why.

mod bounds;
mod copy;
mod csv_file;
mod curl;
mod fault;
mod format;
mod har;
mod headers;
mod jsonl;
mod message;
mod pieces;
mod postman;
mod raw;
mod read;
mod recorded;
mod redact;
mod redact_form;
mod redact_json;
mod redact_lines;
mod redact_names;
mod redact_tokens;
mod redact_urls;
mod redact_xml;
mod rewrite;
mod said;
mod target;
mod text;
mod writer;

pub use bounds::Bounds;
pub use copy::{Checks, Script, Signer, Signing, Tool, copy_as, save_as_test};
pub use fault::{Fault, LeftOut, Place, ReadError};
pub use format::{ReadFormat, WriteFormat};
pub use har::LatePages;
pub use message::{Facts, Message, Outgoing};
pub use pieces::{Pieces, START, format_of};
pub use read::{Import, read};
pub use redact::{BadPath, REDACTED, Redaction};
pub use writer::Writer;
