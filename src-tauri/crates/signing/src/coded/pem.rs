//! What schemes with an RSA key share.

use crate::algorithm::Encoding;
use crate::case::{Case, Fault};
use crate::keys::rsa::{self, Key, RsaHash};
use crate::secret::{Secret, SecretMalformed};
use crate::verdict::Verification;

/// An RSA key or a certificate in PEM.
pub(super) fn key(pem: &str, wanted: &'static str) -> Result<Key, SecretMalformed> {
    rsa::read(pem).ok_or(SecretMalformed { wanted })
}

/// The text of a secret, which PEM is.
pub(super) fn text<'a>(secret: &'a Secret, wanted: &'static str) -> Result<&'a str, SecretMalformed> {
    secret.expose_text().ok_or(SecretMalformed { wanted })
}

/// The signature in base64; `None` from a public key.
pub(super) fn sign(key: &Key, hash: RsaHash, content: &[u8]) -> Option<String> {
    rsa::sign(key, hash, content).map(|signature| Encoding::Base64.encode(&signature))
}

/// Something that was signed with RSA, as it arrived.
pub(super) struct Claimed<'a> {
    pub(super) hash: RsaHash,
    pub(super) content: &'a [u8],
    /// In base64.
    pub(super) signature: &'a str,
}

impl Claimed<'_> {
    /// Checks the signature under each of the keys and notes what was found.
    pub(super) fn judge(&self, keys: &[(usize, Key)], found: &mut Verification) -> Result<(), Fault> {
        for (at, key) in keys {
            self.check(*at, key, found);
        }
        match found.secret {
            Some(_) => Ok(()),
            None => Err(Case::mismatch(1, keys.len())),
        }
    }

    pub(super) fn check(&self, at: usize, key: &Key, found: &mut Verification) {
        let signature = Encoding::Base64.decode(self.signature);
        if signature.is_some_and(|signature| rsa::verify(key, self.hash, self.content, &signature)) {
            found.secret.get_or_insert(at);
        }
        if found.expected.is_none() {
            found.expected = sign(key, self.hash, self.content);
        }
    }
}
