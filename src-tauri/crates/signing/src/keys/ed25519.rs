//! Ed25519.

use ed25519_dalek::ed25519::signature::{MultipartSigner, MultipartVerifier};
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use super::Half;
use super::written::{self, Written};
use crate::algorithm::Encoding;
use crate::secret::{Secret, SecretForm, SecretMalformed, WHPK, WHSK};

pub(crate) type Key = Half<Box<SigningKey>, VerifyingKey>;

/// Reads a key. Bare bytes are known by their number: 32 are a public key, 64 a private one with its public
/// half behind it, as other libraries write it; where a prefix says private, 32 are the seed alone.
pub(crate) fn read(secret: &Secret, form: SecretForm) -> Result<Key, SecretMalformed> {
    let key = match written::read(secret, form) {
        Some(Written::PrivateDer(der)) => private_der(&der),
        Some(Written::PublicDer(der)) => public_der(&der),
        Some(Written::Bytes { bytes, marked_private }) => from_bytes(&bytes, marked_private),
        None => None,
    };
    key.ok_or(SecretMalformed { wanted: wanted(form) })
}

fn from_bytes(bytes: &[u8], marked_private: bool) -> Option<Key> {
    if let Ok(pair) = <&[u8; 64]>::try_from(bytes) {
        return SigningKey::from_keypair_bytes(pair).ok().map(|key| Half::Private(Box::new(key)));
    }
    if let Ok(bytes) = <&[u8; 32]>::try_from(bytes) {
        if marked_private {
            return Some(Half::Private(Box::new(SigningKey::from_bytes(bytes))));
        }
        return VerifyingKey::from_bytes(bytes).ok().and_then(strong);
    }
    public_der(bytes).or_else(|| private_der(bytes))
}

fn private_der(der: &[u8]) -> Option<Key> {
    SigningKey::from_pkcs8_der(der).ok().map(|key| Half::Private(Box::new(key)))
}

fn public_der(der: &[u8]) -> Option<Key> {
    VerifyingKey::from_public_key_der(der).ok().and_then(strong)
}

/// Under a weak key one signature fits many messages: anybody could sign.
fn strong(key: VerifyingKey) -> Option<Key> {
    (!key.is_weak()).then_some(Half::Public(key))
}

pub(crate) fn sign(key: &Key, pieces: &[&[u8]]) -> Option<Vec<u8>> {
    match key {
        Half::Private(key) => {
            key.try_multipart_sign(pieces).ok().map(|signature| signature.to_bytes().to_vec())
        }
        Half::Public(_) => None,
    }
}

pub(crate) fn verify(key: &Key, pieces: &[&[u8]], signature: &[u8]) -> bool {
    let key = match key {
        Half::Private(key) => &key.verifying_key(),
        Half::Public(key) => key,
    };
    Signature::from_slice(signature).is_ok_and(|signature| key.multipart_verify(pieces, &signature).is_ok())
}

/// A new private key in the form's own spelling.
pub(crate) fn generate(form: SecretForm, random: &mut dyn FnMut(&mut [u8])) -> Secret {
    let mut seed = Zeroizing::new([0; 32]);
    random(seed.as_mut_slice());
    let key = SigningKey::from_bytes(&seed);
    let pair = Zeroizing::new(key.to_keypair_bytes());
    if let Some((prefix, _, encoding)) = spelling(form) {
        return Secret::spell(prefix, encoding, pair.as_slice());
    }
    #[expect(clippy::expect_used, reason = "a key of fixed length always fits its container")]
    let pem = key.to_pkcs8_pem(LineEnding::LF).expect("an Ed25519 key has a PKCS #8 form");
    Secret::from(pem.as_str())
}

/// The public half, in the form's own spelling.
pub(crate) fn public_half(key: &Key, form: SecretForm) -> Option<Secret> {
    let key = match key {
        Half::Private(key) => &key.verifying_key(),
        Half::Public(key) => key,
    };
    match spelling(form) {
        Some((_, prefix, encoding)) => Some(Secret::spell(prefix, encoding, key.as_bytes())),
        None => key.to_public_key_pem(LineEnding::LF).ok().map(|pem| Secret::from(pem.as_str())),
    }
}

/// Prefix of a private key, prefix of a public one, encoding; `None` for PEM.
fn spelling(form: SecretForm) -> Option<(&'static str, &'static str, Encoding)> {
    match form {
        SecretForm::WhskB64 => Some((WHSK, WHPK, Encoding::Base64)),
        SecretForm::Hex => Some(("", "", Encoding::Hex)),
        SecretForm::Base64Url => Some(("", "", Encoding::Base64Url)),
        SecretForm::Raw | SecretForm::WhsecB64 | SecretForm::Base64 => Some(("", "", Encoding::Base64)),
        SecretForm::Pem => None,
    }
}

/// What to ask for.
pub(crate) fn wanted(form: SecretForm) -> &'static str {
    match form {
        SecretForm::WhskB64 => "an Ed25519 key: whpk_ and base64 (public), or whsk_ and base64 (private)",
        SecretForm::Hex => "an Ed25519 key: 64 hex digits (public) or 128 (private with its public half)",
        SecretForm::Pem => "an Ed25519 key in PEM",
        _ => "an Ed25519 key: base64 of 32 bytes (public) or 64 (private with its public half)",
    }
}
