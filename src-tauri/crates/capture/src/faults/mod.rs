//! Fault receivers: servers of our own that fail as they are told to, on the wire itself.
//!
//! A [`FaultReceiver`] listens on loopback at a port of its own, in clear and over TLS at the same one, and treats
//! each request by its [`Dial`]: so many answers of these statuses, late, or none, or one that breaks off. Nothing
//! of it is on disk, and nothing of what it receives is kept but a few lines about the newest requests.

mod answer;
mod certificates;
mod connection;
mod dial;
mod read;
mod received;
mod receiver;

pub use certificates::{CertificateError, Certificates};
pub use dial::{BadCertificate, Dial, FaultKind, Turn};
pub use hookbench_model::{RetryAfterForm, RetryAfterSent};
pub use received::Received;
pub use receiver::{FaultReceiver, FaultReceiverParts};
