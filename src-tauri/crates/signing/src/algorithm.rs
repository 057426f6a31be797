//! Hashes and encodings that signatures are made with.

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
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
    /// Ed25519: signed with a private key, checked with its public half.
    Ed25519,
    /// ECDSA on the curve P-256 over SHA-256, the signature in DER.
    EcdsaP256,
}

/// How a digest is written in a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// Lower-case hexadecimal.
    Hex,
    /// Standard base64 with padding.
    Base64,
    /// Base64 in the alphabet for URLs, without padding.
    #[serde(rename = "base64url")]
    Base64Url,
}

impl Algorithm {
    /// True where the key enters as an HMAC key, false where only the content can carry it.
    pub fn is_keyed(self) -> bool {
        matches!(self, Self::HmacSha1 | Self::HmacSha256 | Self::HmacSha384 | Self::HmacSha512)
    }

    /// True where the sender holds a private key and the receiver its public half.
    pub fn is_asymmetric(self) -> bool {
        matches!(self, Self::Ed25519 | Self::EcdsaP256)
    }

    /// The digest of the pieces one after the other; they are never joined in memory. `None` where a private
    /// key signs instead.
    pub(crate) fn digest(self, key: &[u8], pieces: &[&[u8]]) -> Option<Vec<u8>> {
        Some(match self {
            Self::HmacSha1 => mac::<Hmac<Sha1>>(key, pieces),
            Self::HmacSha256 => mac::<Hmac<Sha256>>(key, pieces),
            Self::HmacSha384 => mac::<Hmac<Sha384>>(key, pieces),
            Self::HmacSha512 => mac::<Hmac<Sha512>>(key, pieces),
            Self::Sha1 => hash::<Sha1>(pieces),
            Self::Sha256 => hash::<Sha256>(pieces),
            Self::Sha512 => hash::<Sha512>(pieces),
            Self::Ed25519 | Self::EcdsaP256 => return None,
        })
    }
}

impl Encoding {
    pub(crate) fn encode(self, digest: &[u8]) -> String {
        match self {
            Self::Hex => HEXLOWER.encode(digest),
            Self::Base64 => BASE64.encode(digest),
            Self::Base64Url => BASE64URL_NOPAD.encode(digest),
        }
    }

    /// The bytes that were written so; `None` for any other spelling.
    pub(crate) fn decode(self, text: &str) -> Option<Vec<u8>> {
        let encoding = match self {
            Self::Hex => HEXLOWER,
            Self::Base64 => BASE64,
            Self::Base64Url => BASE64URL_NOPAD,
        };
        encoding.decode(text.as_bytes()).ok()
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
        let digest = Algorithm::HmacSha256.digest(b"Jefe", &[b"what do ya want ", b"for nothing?"]).unwrap();
        assert_eq!(
            Encoding::Hex.encode(&digest),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn the_other_hmacs_give_the_published_values() {
        let sha1 = Algorithm::HmacSha1.digest(b"Jefe", &[b"what do ya want for nothing?"]).unwrap();
        assert_eq!(Encoding::Hex.encode(&sha1), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        let sha512 = Algorithm::HmacSha512.digest(b"Jefe", &[b"what do ya want for nothing?"]).unwrap();
        assert!(Encoding::Hex.encode(&sha512).starts_with("164b7a7bfcf819e2e395fbe73b56e0a3"));
        let sha384 = Algorithm::HmacSha384.digest(b"Jefe", &[b"what do ya want for nothing?"]).unwrap();
        assert!(Encoding::Hex.encode(&sha384).starts_with("af45d2e376484031617f78d2b58a6b1b"));
    }

    #[test]
    fn plain_hashes_ignore_the_key() {
        let hex = Encoding::Hex.encode(&Algorithm::Sha1.digest(b"ignored", &[b"abc"]).unwrap());
        assert_eq!(hex, "a9993e364706816aba3e25717850c26c9cd0d89d");
    }
}
