//! Webhook signature schemes: sign a message, verify what arrived, say why it fails.
//!
//! Pure: bytes and a time in, a verdict out. This crate does no I/O, reads no clock and knows nothing of
//! endpoints, inboxes or HTTP libraries. Bodies and header values are bytes everywhere; a body that is not
//! UTF-8 signs and verifies like any other.
//!
//! A [`Scheme`] is one recipe: where the signature stands, what it is computed over, with which algorithm,
//! encoding and kind of secret, and how old it may be. The recipes that are known by heart live in
//! `schemes.json` and are reached through [`SchemeCatalog::builtin`]; a new one is an entry of data. What no
//! recipe can say (signatures inside the body, hashes in the URL, lists of headers, tokens) is code of a
//! [`Kind`] behind the same calls.
//!
//! A [`Secret`] is what its owner wrote: a shared secret, a private key, or a public key or certificate that
//! only verifies. [`sign`] may answer with another URL or body to send; [`verify`] never fails, whatever is
//! wrong is its verdict.

mod algorithm;
mod body;
mod case;
mod catalog;
mod check;
mod coded;
mod content;
mod diagnose;
#[doc(hidden)]
pub mod fuzz;
mod json;
mod keyed;
mod keys;
mod proof;
mod read;
mod recognise;
mod scheme;
mod secret;
mod sign;
mod spec;
pub mod template;
mod time;
mod unpacked;
mod verdict;
mod verify;

pub use algorithm::{Algorithm, Encoding};
pub use body::BodyFault;
pub use catalog::{CatalogError, SchemeCatalog};
pub use check::SchemeError;
pub use coded::{CodedSpec, Kind};
pub use diagnose::{Budget, Candidate, Cause, CauseCode, Diagnosis, Report, Topic, diagnose};
pub use keys::SecretUse;
pub use recognise::{Recognised, recognise};
pub use scheme::Scheme;
pub use secret::{Secret, SecretForm, SecretMalformed};
pub use sign::{Message, SignError, Signed, sign};
pub use spec::{SchemeSpec, Several, Spelling, TimestampSpec, Tolerance};
pub use time::TimestampUnit;
pub use unpacked::{Coding, Ending, Unpacked, unpacked};
pub use verdict::{Reason, Verification, VerificationStatus};
pub use verify::{Received, verify};
