//! Secrets at rest: `ChaCha20-Poly1305` under one key per data folder.

use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _};
use zeroize::Zeroizing;

use crate::key::{self, Kept};
use crate::{KeyProblem, KeySource, Result, StoreError};

const NONCE_BYTES: usize = 12;
/// The first byte of what is sealed: how.
const FORM: u8 = 1;

/// What encrypts and decrypts the secrets.
pub(crate) struct Vault {
    cipher: ChaCha20Poly1305,
    path: PathBuf,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").finish_non_exhaustive()
    }
}

impl Vault {
    /// With the folder's key; `None` where it has none yet.
    pub(crate) fn load(folder: &Path) -> Result<Option<Self>> {
        key::load(folder)?.map(Self::new).transpose()
    }

    /// With a new key, which is kept from now on.
    pub(crate) fn make(folder: &Path, source: KeySource) -> Result<Self> {
        Self::new(key::make(folder, source)?)
    }

    fn new(Kept { key, path }: Kept) -> Result<Self> {
        match ChaCha20Poly1305::new_from_slice(&key) {
            Ok(cipher) => Ok(Self { cipher, path }),
            Err(_) => Err(StoreError::Key { path, problem: KeyProblem::Malformed }),
        }
    }

    /// Encrypts for one place (a row's id): elsewhere it does not open.
    pub(crate) fn seal(&self, place: &[u8], secret: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE_BYTES];
        key::random(&mut nonce, &self.path)?;
        let sealed = self
            .cipher
            .encrypt(&nonce.into(), Payload { msg: secret, aad: place })
            .map_err(|_| StoreError::corrupt("a secret too long to encrypt"))?;
        let mut bytes = Vec::with_capacity(1 + NONCE_BYTES + sealed.len());
        bytes.push(FORM);
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&sealed);
        Ok(bytes)
    }

    /// Decrypts what was sealed for that place.
    pub(crate) fn open(&self, place: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let wrong = || StoreError::Key { path: self.path.clone(), problem: KeyProblem::Wrong };
        let (nonce, sealed) = sealed
            .strip_prefix(&[FORM])
            .and_then(|rest| rest.split_first_chunk::<NONCE_BYTES>())
            .ok_or_else(|| StoreError::corrupt("a secret in an unknown form"))?;
        let opened = self.cipher.decrypt(nonce.into(), Payload { msg: sealed, aad: place });
        opened.map(Zeroizing::new).map_err(|_| wrong())
    }
}

/// The error for a workspace that has secrets and no key.
pub(crate) fn missing(folder: &Path) -> StoreError {
    StoreError::Key { path: key::path(folder), problem: KeyProblem::Missing }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_in_its_place_only_and_not_when_touched() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::make(folder.path(), KeySource::File).unwrap();
        let sealed = vault.seal(b"here", b"secret").unwrap();
        assert_eq!(vault.open(b"here", &sealed).unwrap().as_slice(), b"secret");
        assert!(vault.open(b"there", &sealed).is_err());
        for index in 0..sealed.len() {
            let mut touched = sealed.clone();
            touched[index] ^= 1;
            assert!(vault.open(b"here", &touched).is_err(), "byte {index}");
        }
        assert_ne!(sealed, vault.seal(b"here", b"secret").unwrap(), "another nonce each time");
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
    }
}
