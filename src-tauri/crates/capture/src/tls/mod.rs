//! TLS at the receiver's port: what it shows, how a handshake goes, and what it makes of one that fails.

mod handshake;
mod hello;
mod identity;
mod made;
mod transport;

pub use identity::{Identity, IdentityError};
pub use made::{
    MadeAuthority, MadeCertificate, MakeError, Permitted, make_authority, make_certificate, names_for,
};

pub(crate) use handshake::{Handshake, Opened};
pub(crate) use transport::Transport;
