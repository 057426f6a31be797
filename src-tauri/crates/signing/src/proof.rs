//! What one side holds against what the other side sent.

use sha2::{Digest, Sha256};
use std::fmt;
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

/// A signature or a token as this side knows it.
///
/// It has no `==`: the only comparison is [`Proof::matches`], whose time tells nothing of where two differ.
pub(crate) struct Proof(Zeroizing<Vec<u8>>);

impl Proof {
    pub(crate) fn new(known: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(known.into()))
    }

    /// True where the other side sent exactly this.
    pub(crate) fn matches(&self, sent: &[u8]) -> Choice {
        self.0.as_slice().ct_eq(sent)
    }

    /// As [`Proof::matches`], for what is secret itself: not even a difference in length shows in the time,
    /// as the digests of both are compared.
    pub(crate) fn matches_hidden(&self, sent: &[u8]) -> Choice {
        Sha256::digest(self.0.as_slice()).as_slice().ct_eq(Sha256::digest(sent).as_slice())
    }

    /// A signature as text; signatures are written in ASCII.
    pub(crate) fn to_text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proof(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_bytes_match() {
        let proof = Proof::new("v1=abc");
        for compare in [Proof::matches, Proof::matches_hidden] {
            assert!(bool::from(compare(&proof, b"v1=abc")));
            for other in [&b"v1=abd"[..], b"v1=ab", b"v1=abcd", b"", b"V1=ABC"] {
                assert!(!bool::from(compare(&proof, other)));
            }
        }
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Proof::new("hush")), "Proof(…)");
    }
}
