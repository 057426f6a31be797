//! Hashes and encodings that signatures are made with.

use data_encoding::{BASE64, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// How the signed content becomes a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// HMAC with SHA-1, as older providers sign.
    HmacSha1,
    /// HMAC with SHA-256, as nearly everybody signs.
    HmacSha256,
    /// HMAC with SHA-384.
    HmacSha384,
    /// HMAC with SHA-512.
    HmacSha512,
    /// Plain SHA-1; the secret is part of the content.
    Sha1,
    /// Plain SHA-256; the secret is part of the content.
    Sha256,
    /// Plain SHA-512; the secret is part of the content.
    Sha512,
}

/// How a digest is written in a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// Lower-case hexadecimal.
    Hex,
    /// Standard base64 with padding.
    Base64,
}

impl Algorithm {
    /// True where the key enters as an HMAC key, false where only the content can carry it.
    pub fn is_keyed(self) -> bool {
        matches!(self, Self::HmacSha1 | Self::HmacSha256 | Self::HmacSha384 | Self::HmacSha512)
    }

    /// The digest of the pieces one after the other; they are never joined in memory.
    pub(crate) fn digest(self, key: &[u8], pieces: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::HmacSha1 => mac::<Hmac<Sha1>>(key, pieces),
            Self::HmacSha256 => mac::<Hmac<Sha256>>(key, pieces),
            Self::HmacSha384 => mac::<Hmac<Sha384>>(key, pieces),
            Self::HmacSha512 => mac::<Hmac<Sha512>>(key, pieces),
            Self::Sha1 => hash::<Sha1>(pieces),
            Self::Sha256 => hash::<Sha256>(pieces),
            Self::Sha512 => hash::<Sha512>(pieces),
        }
    }
}

impl Encoding {
    pub(crate) fn encode(self, digest: &[u8]) -> String {
        match self {
            Self::Hex => HEXLOWER.encode(digest),
            Self::Base64 => BASE64.encode(digest),
        }
    }
}

fn mac<M: Mac + KeyInit>(key: &[u8], pieces: &[&[u8]]) -> Vec<u8> {
    #[expect(clippy::expect_used, reason = "HMAC is defined for keys of any length")]
    let mut mac = <M as KeyInit>::new_from_slice(key).expect("HMAC takes any key");
    for piece in pieces {
        mac.update(piece);
    }
    mac.finalize().into_bytes().to_vec()
}

fn hash<D: Digest>(pieces: &[&[u8]]) -> Vec<u8> {
    let mut hash = D::new();
    for piece in pieces {
        hash.update(piece);
    }
    hash.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_sha256_gives_the_published_value() {
        // RFC 4231, test case 2.
        let digest = Algorithm::HmacSha256.digest(b"Jefe", &[b"what do ya want ", b"for nothing?"]);
        assert_eq!(
            Encoding::Hex.encode(&digest),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn the_other_hmacs_give_the_published_values() {
        let sha1 = Algorithm::HmacSha1.digest(b"Jefe", &[b"what do ya want for nothing?"]);
        assert_eq!(Encoding::Hex.encode(&sha1), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        let sha512 = Algorithm::HmacSha512.digest(b"Jefe", &[b"what do ya want for nothing?"]);
        assert!(Encoding::Hex.encode(&sha512).starts_with("164b7a7bfcf819e2e395fbe73b56e0a3"));
        let sha384 = Algorithm::HmacSha384.digest(b"Jefe", &[b"what do ya want for nothing?"]);
        assert!(Encoding::Hex.encode(&sha384).starts_with("af45d2e376484031617f78d2b58a6b1b"));
    }

    #[test]
    fn plain_hashes_ignore_the_key() {
        let hex = Encoding::Hex.encode(&Algorithm::Sha1.digest(b"ignored", &[b"abc"]));
        assert_eq!(hex, "a9993e364706816aba3e25717850c26c9cd0d89d");
    }
}
