//! Keys as schemes of the keyed family compute with them.

pub(crate) mod ed25519;
pub(crate) mod p256;
pub(crate) mod rsa;
mod written;

use crate::algorithm::{Algorithm, Encoding};
use crate::proof::Proof;
use crate::secret::{Secret, SecretForm, SecretMalformed};
use subtle::Choice;
use zeroize::Zeroizing;

/// What a secret is good for under an asymmetric scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretUse {
    /// It signs and verifies: a shared secret, or a private key.
    SignsAndVerifies,
    /// It only verifies: a public key or a certificate.
    OnlyVerifies,
}

/// One half of a pair of keys.
pub(crate) enum Half<Private, Public> {
    Private(Private),
    Public(Public),
}

impl<Private, Public> Half<Private, Public> {
    pub(crate) fn usable(&self) -> SecretUse {
        match self {
            Self::Private(_) => SecretUse::SignsAndVerifies,
            Self::Public(_) => SecretUse::OnlyVerifies,
        }
    }
}

/// A key, read from a secret.
pub(crate) enum Key {
    Shared(Algorithm, Zeroizing<Vec<u8>>),
    Ed25519(ed25519::Key),
    P256(p256::Key),
}

impl Key {
    pub(crate) fn read(
        secret: &Secret,
        form: SecretForm,
        algorithm: Algorithm,
    ) -> Result<Self, SecretMalformed> {
        match algorithm {
            Algorithm::Ed25519 => ed25519::read(secret, form).map(Self::Ed25519),
            Algorithm::EcdsaP256 => p256::read(secret, form).map(Self::P256),
            shared => secret.key(form).map(|key| Self::Shared(shared, key)),
        }
    }

    pub(crate) fn usable(&self) -> SecretUse {
        match self {
            Self::Shared(..) => SecretUse::SignsAndVerifies,
            Self::Ed25519(key) => key.usable(),
            Self::P256(key) => key.usable(),
        }
    }

    /// What stands in the place of `{secret}` in the content. The content of asymmetric schemes has no such
    /// place.
    pub(crate) fn in_content(&self) -> &[u8] {
        match self {
            Self::Shared(_, key) => key,
            Self::Ed25519(_) | Self::P256(_) => &[],
        }
    }

    /// The signature over the pieces, as it is written; `None` from a public key.
    pub(crate) fn sign(&self, pieces: &[&[u8]], encoding: Encoding) -> Option<Proof> {
        let signature = match self {
            Self::Shared(algorithm, key) => algorithm.digest(key, pieces),
            Self::Ed25519(key) => ed25519::sign(key, pieces),
            Self::P256(key) => p256::sign(key, pieces),
        }?;
        Some(Proof::new(encoding.encode(&signature)))
    }

    /// True where the public half finds the signature right. Shared keys have none: they compare what
    /// [`Key::sign`] gives.
    pub(crate) fn checks(&self, pieces: &[&[u8]], encoding: Encoding, written: &str) -> Choice {
        let right = encoding.decode(written).is_some_and(|signature| self.checks_bytes(pieces, &signature));
        Choice::from(u8::from(right))
    }

    /// As [`Key::checks`], for a signature that has been decoded.
    pub(crate) fn checks_bytes(&self, pieces: &[&[u8]], signature: &[u8]) -> bool {
        match self {
            Self::Shared(..) => false,
            Self::Ed25519(key) => ed25519::verify(key, pieces, signature),
            Self::P256(key) => p256::verify(key, pieces, signature),
        }
    }

    /// True for private and public keys, whose signatures are checked and not compared.
    pub(crate) fn is_asymmetric(&self) -> bool {
        !matches!(self, Self::Shared(..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::marker::PhantomData;
    use zeroize::ZeroizeOnDrop;

    /// Holds only for types that wipe themselves.
    fn is_wiped<T: ZeroizeOnDrop>(_: PhantomData<T>) -> bool {
        true
    }

    #[test]
    fn private_keys_are_wiped_inside_their_libraries_too() {
        assert!(is_wiped(PhantomData::<ed25519_dalek::SigningKey>));
        assert!(is_wiped(PhantomData::<::p256::ecdsa::SigningKey>));
        assert!(is_wiped(PhantomData::<::p256::SecretKey>));
        assert!(is_wiped(PhantomData::<::rsa::RsaPrivateKey>));
        assert!(is_wiped(PhantomData::<Zeroizing<Vec<u8>>>));
    }

    #[test]
    fn a_public_key_signs_nothing_and_a_shared_one_checks_nothing() {
        let public = Secret::from("whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=");
        let key = Key::read(&public, SecretForm::WhskB64, Algorithm::Ed25519).unwrap();
        assert_eq!(key.usable(), SecretUse::OnlyVerifies);
        assert!(key.sign(&[b""], Encoding::Base64).is_none());
        let shared = Key::read(&Secret::from("k"), SecretForm::Raw, Algorithm::HmacSha256).unwrap();
        let signature = shared.sign(&[b""], Encoding::Hex).unwrap().to_text();
        assert!(!bool::from(shared.checks(&[b""], Encoding::Hex, &signature)));
    }
}
