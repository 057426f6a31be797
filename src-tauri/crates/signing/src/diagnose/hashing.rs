//! Hash states that can be forked: the body is hashed once, and each ending costs a few blocks more.

use crate::algorithm::Algorithm;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// The hashes that signatures are made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

/// A hash or an HMAC under way.
#[derive(Clone)]
pub(super) enum State {
    Sha1(Sha1),
    Sha256(Sha256),
    Sha384(Box<Sha384>),
    Sha512(Box<Sha512>),
    HmacSha1(Box<Hmac<Sha1>>),
    HmacSha256(Box<Hmac<Sha256>>),
    HmacSha384(Box<Hmac<Sha384>>),
    HmacSha512(Box<Hmac<Sha512>>),
}

impl Hash {
    pub(super) const ALL: [Self; 4] = [Self::Sha256, Self::Sha1, Self::Sha512, Self::Sha384];

    /// The hash inside an algorithm, and whether a key enters it. `None` for what is no hash.
    pub(super) fn of(algorithm: Algorithm) -> Option<(Self, bool)> {
        Some(match algorithm {
            Algorithm::HmacSha1 => (Self::Sha1, true),
            Algorithm::HmacSha256 => (Self::Sha256, true),
            Algorithm::HmacSha384 => (Self::Sha384, true),
            Algorithm::HmacSha512 => (Self::Sha512, true),
            Algorithm::Sha1 => (Self::Sha1, false),
            Algorithm::Sha256 => (Self::Sha256, false),
            Algorithm::Sha512 => (Self::Sha512, false),
            Algorithm::Ed25519 | Algorithm::EcdsaP256 => return None,
        })
    }

    /// Bytes of its digest.
    pub(super) fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// Its name for people.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    pub(super) fn plain(self) -> State {
        match self {
            Self::Sha1 => State::Sha1(Sha1::new()),
            Self::Sha256 => State::Sha256(Sha256::new()),
            Self::Sha384 => State::Sha384(Box::default()),
            Self::Sha512 => State::Sha512(Box::default()),
        }
    }

    pub(super) fn keyed(self, key: &[u8]) -> State {
        match self {
            Self::Sha1 => State::HmacSha1(Box::new(mac(key))),
            Self::Sha256 => State::HmacSha256(Box::new(mac(key))),
            Self::Sha384 => State::HmacSha384(Box::new(mac(key))),
            Self::Sha512 => State::HmacSha512(Box::new(mac(key))),
        }
    }
}

impl State {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(state) => Digest::update(state, bytes),
            Self::Sha256(state) => Digest::update(state, bytes),
            Self::Sha384(state) => Digest::update(state.as_mut(), bytes),
            Self::Sha512(state) => Digest::update(state.as_mut(), bytes),
            Self::HmacSha1(state) => state.update(bytes),
            Self::HmacSha256(state) => state.update(bytes),
            Self::HmacSha384(state) => state.update(bytes),
            Self::HmacSha512(state) => state.update(bytes),
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        match self {
            Self::Sha1(state) => state.finalize().to_vec(),
            Self::Sha256(state) => state.finalize().to_vec(),
            Self::Sha384(state) => state.finalize().to_vec(),
            Self::Sha512(state) => state.finalize().to_vec(),
            Self::HmacSha1(state) => state.finalize().into_bytes().to_vec(),
            Self::HmacSha256(state) => state.finalize().into_bytes().to_vec(),
            Self::HmacSha384(state) => state.finalize().into_bytes().to_vec(),
            Self::HmacSha512(state) => state.finalize().into_bytes().to_vec(),
        }
    }
}

fn mac<M: Mac + KeyInit>(key: &[u8]) -> M {
    #[expect(clippy::expect_used, reason = "HMAC is defined for keys of any length")]
    <M as KeyInit>::new_from_slice(key).expect("HMAC takes any key")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forked_state_gives_what_the_algorithm_gives() {
        for algorithm in [
            Algorithm::HmacSha1,
            Algorithm::HmacSha256,
            Algorithm::HmacSha384,
            Algorithm::HmacSha512,
            Algorithm::Sha1,
            Algorithm::Sha256,
            Algorithm::Sha512,
        ] {
            let (hash, keyed) = Hash::of(algorithm).unwrap();
            let mut state = if keyed { hash.keyed(b"key") } else { hash.plain() };
            state.update(b"con");
            let mut forked = state.clone();
            forked.update(b"tent");
            let digest = forked.finish();
            assert_eq!(digest, algorithm.digest(b"key", &[b"content"]).unwrap());
            assert_eq!(digest.len(), hash.length());
            state.update(b"tinue");
            assert_eq!(state.finish(), algorithm.digest(b"key", &[b"continue"]).unwrap());
        }
    }
}
