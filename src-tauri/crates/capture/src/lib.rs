//! The capture receiver: whatever arrives at an inbox, to the byte.
//!
//! [`Receiver`] listens on a port of its own. A request is read under [`Limits`], addressed to an inbox,
//! verified, stored, and only then answered; a bad signature is data to show, never a reason to lose a
//! request. Where its inbox says so, somebody's own handler is asked for the answer.
//!
//! This crate writes no SQL, and knows nothing of the API.

mod access;
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
mod lan;
mod limits;
mod passing;
mod receive;
mod receiver;
mod record;
mod relay;
mod relay_head;
mod reply;
mod room;
mod serve;
mod strays;
mod tls;
mod waiting;
mod wire;

pub use error::CaptureError;
pub use judge::{Arrived, Judge};
pub use limits::Limits;
pub use receiver::{LanListener, Receiver, ReceiverParts, bind};
pub use relay::{AskTarget, Asked, NotAnswered, RelayOptions, RelayedRequest, TargetAnswer};
pub use strays::Stray;
pub use tls::{
    Identity, IdentityError, MadeAuthority, MadeCertificate, MakeError, Permitted, make_authority,
    make_certificate, names_for,
};
