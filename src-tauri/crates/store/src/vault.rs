//! Secrets at rest: `ChaCha20-Poly1305` under one key per data folder.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _};
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use zeroize::Zeroizing;

use crate::{KeyProblem, KeySource, Result, StoreError};

const KEY_BYTES: usize = 32;
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
    /// With the key that the source keeps; `None` where it keeps none yet.
    pub(crate) fn load(folder: &Path, source: KeySource) -> Result<Option<Self>> {
        let KeySource::File = source;
        let path = folder.join("key");
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::io(path, error)),
        };
        keep_private(&file, &path)?;
        let mut key = Zeroizing::new(Vec::with_capacity(KEY_BYTES + 1));
        Read::take(&mut file, KEY_BYTES as u64 + 1)
            .read_to_end(&mut key)
            .map_err(|error| StoreError::io(&path, error))?;
        Self::new(&key, path).map(Some)
    }

    /// With a new key, which the source keeps from now on.
    pub(crate) fn make(folder: &Path, source: KeySource) -> Result<Self> {
        let KeySource::File = source;
        let path = folder.join("key");
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        random(&mut *key, &path)?;
        write_private(&path, &*key).map_err(|error| StoreError::io(&path, error))?;
        Self::new(&*key, path)
    }

    fn new(key: &[u8], path: PathBuf) -> Result<Self> {
        match ChaCha20Poly1305::new_from_slice(key) {
            Ok(cipher) => Ok(Self { cipher, path }),
            Err(_) => Err(StoreError::Key { path, problem: KeyProblem::Malformed }),
        }
    }

    /// Encrypts for one place (a row's id): elsewhere it does not open.
    pub(crate) fn seal(&self, place: &[u8], secret: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE_BYTES];
        random(&mut nonce, &self.path)?;
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
    StoreError::Key { path: folder.join("key"), problem: KeyProblem::Missing }
}

fn random(bytes: &mut [u8], path: &Path) -> Result<()> {
    OsRng.try_fill_bytes(bytes).map_err(|error| StoreError::io(path, io::Error::other(error)))
}

#[cfg(unix)]
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    // The name must be on disk too before any secret relies on it.
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(not(unix))]
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Takes away what others may do with the key file, should a copy or a restore have allowed it.
#[cfg(unix)]
fn keep_private(file: &File, path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = file.metadata().map_err(|error| StoreError::io(path, error))?.permissions().mode();
    if mode & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "the key file was open to others; closing it");
        file.set_permissions(fs::Permissions::from_mode(0o600))
            .map_err(|error| StoreError::io(path, error))?;
    }
    Ok(())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
fn keep_private(_: &File, _: &Path) -> Result<()> {
    Ok(())
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

    #[test]
    fn the_key_is_kept_and_a_broken_one_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Vault::load(folder.path(), KeySource::File).unwrap().is_none());
        let sealed = Vault::make(folder.path(), KeySource::File).unwrap().seal(b"x", b"secret").unwrap();
        let again = Vault::load(folder.path(), KeySource::File).unwrap().unwrap();
        assert_eq!(again.open(b"x", &sealed).unwrap().as_slice(), b"secret");
        for length in [0, 31, 33, 100] {
            fs::write(folder.path().join("key"), vec![7; length]).unwrap();
            let error = Vault::load(folder.path(), KeySource::File).unwrap_err();
            assert!(matches!(error, StoreError::Key { problem: KeyProblem::Malformed, .. }), "{length}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_the_key() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        Vault::make(folder.path(), KeySource::File).unwrap();
        assert_eq!(mode(), 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        Vault::load(folder.path(), KeySource::File).unwrap();
        assert_eq!(mode(), 0o600);
    }
}
