//! What is signed, in parts: for those who look for another way in which a request may have been signed.

use crate::algorithm::{Algorithm, Encoding};
use crate::keys::rsa::{Key, RsaHash};
use crate::secret::SecretForm;

/// Everything that a request claims under a scheme.
pub(crate) struct InParts {
    pub(crate) maker: Maker,
    /// What stands between two parts.
    pub(crate) between: &'static str,
    /// What stands behind the last.
    pub(crate) behind: &'static str,
    /// Each with a signature of its own.
    pub(crate) claims: Vec<Claimed>,
}

/// How a signature is made of the whole.
pub(crate) enum Maker {
    /// With a shared key.
    Shared { algorithm: Algorithm, encoding: Encoding, secret: SecretForm },
    /// With a private key, and written in base64.
    Rsa { hash: RsaHash, key: Key },
}

/// A signature, and what it should be over.
pub(crate) struct Claimed {
    /// As it came.
    pub(crate) signature: String,
    pub(crate) parts: Vec<Part>,
}

/// A part of what is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// What it is called where the content is described.
    pub(crate) name: &'static str,
    pub(crate) role: Role,
    /// Nothing for the body, which the request has.
    pub(crate) bytes: Vec<u8>,
}

/// What a part is, as far as senders are known to leave it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Time,
    Id,
    Method,
    Body,
    Other,
}

impl Part {
    pub(crate) fn new(name: &'static str, role: Role, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name, role, bytes: bytes.into() }
    }
}
