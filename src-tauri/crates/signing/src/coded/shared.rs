//! What schemes with a shared key share.

use super::CodedSpec;
use crate::algorithm::{Algorithm, Encoding};
use crate::proof::Proof;
use crate::secret::{Secret, SecretForm, SecretMalformed};
use crate::sign::SignError;
use zeroize::Zeroizing;

/// The key of the newest secret, to sign with.
pub(super) fn signing_key(
    spec: &CodedSpec,
    secrets: &[&Secret],
    form: SecretForm,
) -> Result<Zeroizing<Vec<u8>>, SignError> {
    let secret = secrets.first().ok_or(SignError::NoSecret)?;
    secret
        .key(form)
        .map_err(|source: SecretMalformed| SignError::SecretMalformed { scheme: spec.id.clone(), source })
}

/// The HMAC of the content, as it is written.
pub(super) fn hmac(algorithm: Algorithm, encoding: Encoding, key: &[u8], pieces: &[&[u8]]) -> Proof {
    Proof::new(encoding.encode(&algorithm.digest(key, pieces).unwrap_or_default()))
}
