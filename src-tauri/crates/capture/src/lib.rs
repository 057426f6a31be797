//! The capture receiver: whatever arrives at an inbox, to the byte.
//!
//! [`Receiver`] listens on a port of its own. A request is read under [`Limits`], addressed to an inbox,
//! verified, stored, and only then answered; a bad signature is data to show, never a reason to lose a
//! request. [`Relay`] sends what was captured on to somebody's own handler.
//!
//! This crate writes no SQL, and knows nothing of the API.

pub mod answers;
mod body;
mod broken;
mod by_hand;
mod check;
mod error;
mod fault;
pub mod faults;
#[doc(hidden)]
pub mod fuzz;
mod handshake;
mod inboxes;
mod judge;
mod limits;
mod receive;
mod receiver;
mod record;
mod relay;
mod reply;
mod serve;
mod strays;
mod wire;

pub use error::CaptureError;
pub use judge::{Arrived, Judge};
pub use limits::Limits;
pub use receiver::{Receiver, ReceiverParts, bind};
pub use relay::{Relay, RelayError, RelayOptions, Relayed, RelayedRequest};
pub use strays::Stray;
