//! ECDSA on P-256 over SHA-256.

use p256::ecdsa::signature::{MultipartSigner, MultipartVerifier};
use p256::ecdsa::{DerSignature, SigningKey, VerifyingKey};
use p256::elliptic_curve::zeroize::Zeroizing;
use p256::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey, LineEnding};
use p256::{PublicKey, SecretKey};

use super::Half;
use super::written::{self, Written};
use crate::algorithm::Encoding;
use crate::secret::{Secret, SecretForm, SecretMalformed};

pub(crate) type Key = Half<Box<SigningKey>, Box<VerifyingKey>>;

/// Reads a key: DER says of itself what it is; of bare bytes, 32 are a private key and a point is a public
/// one.
pub(crate) fn read(secret: &Secret, form: SecretForm) -> Result<Key, SecretMalformed> {
    let key = match written::read(secret, form) {
        Some(Written::PrivateDer(der)) => private_der(&der),
        Some(Written::PublicDer(der)) => public_der(&der),
        Some(Written::Bytes { bytes, .. }) => from_bytes(&bytes),
        None => None,
    };
    key.ok_or(SecretMalformed { wanted: wanted(form) })
}

fn from_bytes(bytes: &[u8]) -> Option<Key> {
    public_der(bytes)
        .or_else(|| private_der(bytes))
        .or_else(|| SecretKey::from_slice(bytes).ok().map(private))
        .or_else(|| VerifyingKey::from_sec1_bytes(bytes).ok().map(|key| Half::Public(Box::new(key))))
}

fn private_der(der: &[u8]) -> Option<Key> {
    SecretKey::from_pkcs8_der(der).ok().or_else(|| SecretKey::from_sec1_der(der).ok()).map(private)
}

fn private(key: SecretKey) -> Key {
    Half::Private(Box::new(SigningKey::from(key)))
}

fn public_der(der: &[u8]) -> Option<Key> {
    PublicKey::from_public_key_der(der).ok().map(|key| Half::Public(Box::new(VerifyingKey::from(key))))
}

/// The signature in DER. The nonce follows from key and message, so the same message gives the same
/// signature.
pub(crate) fn sign(key: &Key, pieces: &[&[u8]]) -> Option<Vec<u8>> {
    let Half::Private(key) = key else { return None };
    let signature: p256::ecdsa::Signature = key.try_multipart_sign(pieces).ok()?;
    Some(signature.to_der().as_bytes().to_vec())
}

pub(crate) fn verify(key: &Key, pieces: &[&[u8]], signature: &[u8]) -> bool {
    let key = match key {
        Half::Private(key) => key.verifying_key(),
        Half::Public(key) => key,
    };
    DerSignature::from_bytes(signature)
        .is_ok_and(|signature| key.multipart_verify(pieces, &signature).is_ok())
}

/// A new private key: PKCS #8 in the form's spelling.
pub(crate) fn generate(form: SecretForm, random: &mut dyn FnMut(&mut [u8])) -> Secret {
    let mut bytes = Zeroizing::new([0; 32]);
    let key = loop {
        random(bytes.as_mut_slice());
        // All but one in four thousand million numbers of 32 bytes are keys.
        if let Ok(key) = SecretKey::from_slice(bytes.as_slice()) {
            break key;
        }
    };
    #[expect(clippy::expect_used, reason = "a key of fixed length always fits its container")]
    let (der, pem) = (
        key.to_pkcs8_der().expect("a P-256 key has a PKCS #8 form"),
        key.to_pkcs8_pem(LineEnding::LF).expect("a P-256 key has a PKCS #8 form"),
    );
    match spelling(form) {
        Some(encoding) => Secret::spell("", encoding, der.as_bytes()),
        None => Secret::from(pem.as_str()),
    }
}

/// The public half: `SubjectPublicKeyInfo` in the form's spelling.
pub(crate) fn public_half(key: &Key, form: SecretForm) -> Option<Secret> {
    let key = match key {
        Half::Private(key) => key.verifying_key(),
        Half::Public(key) => key,
    };
    match spelling(form) {
        Some(encoding) => Some(Secret::spell("", encoding, key.to_public_key_der().ok()?.as_bytes())),
        None => key.to_public_key_pem(LineEnding::LF).ok().map(|pem| Secret::from(pem.as_str())),
    }
}

fn spelling(form: SecretForm) -> Option<Encoding> {
    match form {
        SecretForm::Hex => Some(Encoding::Hex),
        SecretForm::Base64Url => Some(Encoding::Base64Url),
        SecretForm::Pem => None,
        SecretForm::Raw | SecretForm::WhsecB64 | SecretForm::WhskB64 | SecretForm::Base64 => {
            Some(Encoding::Base64)
        }
    }
}

/// What to ask for.
pub(crate) fn wanted(form: SecretForm) -> &'static str {
    match form {
        SecretForm::Pem => "a P-256 key in PEM, public or private",
        SecretForm::Hex => "a P-256 key in hexadecimal, public or private",
        _ => "a P-256 key in base64 (DER, public or private)",
    }
}
