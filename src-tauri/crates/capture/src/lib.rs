//! The capture receiver: whatever arrives at an inbox, to the byte.
//!
//! [`Receiver`] listens on a port of its own. A request is read under [`Limits`], addressed to an inbox,
//! verified, stored, and only then answered; a bad signature is data to show, never a reason to lose a
//! request. [`Relay`] sends what was captured on to somebody's own handler.
//!
//! This crate writes no SQL, and knows nothing of the API.

mod body;
mod check;
mod error;
mod fault;
pub mod faults;
#[doc(hidden)]
pub mod fuzz;
mod handshake;
mod inboxes;
mod limits;
mod receive;
mod receiver;
mod relay;
mod reply;
mod serve;
mod wire;

pub use error::CaptureError;
pub use limits::Limits;
pub use receiver::{Receiver, ReceiverParts, bind};
pub use relay::{Relay, RelayError, RelayOptions, Relayed, RelayedRequest};
