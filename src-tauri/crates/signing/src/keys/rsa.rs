//! RSA with PKCS #1 v1.5 padding, as AWS SNS and PayPal sign.

use rsa::pkcs1::{DecodeRsaPrivateKey, DecodeRsaPublicKey};
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey, LineEnding};
use rsa::rand_core::{Infallible, TryCryptoRng, TryRng};
use rsa::{Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::Half;
use super::written::{self, Written};
use crate::secret::Secret;

pub(crate) type Key = Half<Box<RsaPrivateKey>, Box<RsaPublicKey>>;

/// The length of new keys, in bits.
const NEW_KEY_BITS: usize = 2048;

/// What is hashed before it is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RsaHash {
    Sha1,
    Sha256,
}

/// Reads a key or a certificate in PEM.
pub(crate) fn read(pem: &str) -> Option<Key> {
    match written::pem(pem)? {
        Written::PrivateDer(der) => RsaPrivateKey::from_pkcs8_der(&der)
            .ok()
            .or_else(|| RsaPrivateKey::from_pkcs1_der(&der).ok())
            .map(|key| Half::Private(Box::new(key))),
        Written::PublicDer(der) => RsaPublicKey::from_public_key_der(&der)
            .ok()
            .or_else(|| RsaPublicKey::from_pkcs1_der(&der).ok())
            .map(|key| Half::Public(Box::new(key))),
        Written::Bytes { .. } => None,
    }
}

pub(crate) fn sign(key: &Key, hash: RsaHash, content: &[u8]) -> Option<Vec<u8>> {
    let Half::Private(key) = key else { return None };
    let (padding, digest) = hash.digest(content);
    key.sign(padding, &digest).ok()
}

pub(crate) fn verify(key: &Key, hash: RsaHash, content: &[u8], signature: &[u8]) -> bool {
    let (padding, digest) = hash.digest(content);
    match key {
        Half::Private(key) => key.as_public_key().verify(padding, &digest, signature),
        Half::Public(key) => key.verify(padding, &digest, signature),
    }
    .is_ok()
}

/// A new private key in PEM.
pub(crate) fn generate(random: &mut dyn FnMut(&mut [u8])) -> Secret {
    #[expect(clippy::expect_used, reason = "the length is one that RSA has keys of")]
    let key = RsaPrivateKey::new(&mut Given(random), NEW_KEY_BITS).expect("there are keys of this length");
    #[expect(clippy::expect_used, reason = "every RSA key can be written")]
    let pem = key.to_pkcs8_pem(LineEnding::LF).expect("an RSA key has a PKCS #8 form");
    Secret::from(pem.as_str())
}

/// The public half, in PEM.
pub(crate) fn public_half(key: &Key) -> Option<String> {
    match key {
        Half::Private(key) => key.to_public_key().to_public_key_pem(LineEnding::LF).ok(),
        Half::Public(key) => key.to_public_key_pem(LineEnding::LF).ok(),
    }
}

impl RsaHash {
    /// The one that it is not.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Sha1 => Self::Sha256,
            Self::Sha256 => Self::Sha1,
        }
    }

    /// Its name for people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
        }
    }

    fn digest(self, content: &[u8]) -> (Pkcs1v15Sign, Vec<u8>) {
        match self {
            Self::Sha1 => (Pkcs1v15Sign::new::<Sha1>(), Sha1::digest(content).to_vec()),
            Self::Sha256 => (Pkcs1v15Sign::new::<Sha256>(), Sha256::digest(content).to_vec()),
        }
    }
}

/// The random bytes that were given, as the library wants them.
struct Given<'a>(&'a mut dyn FnMut(&mut [u8]));

impl TryRng for Given<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        (self.0)(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        (self.0)(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        (self.0)(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Given<'_> {}
