//! Where the key that encrypts the secrets is kept: in the system's keychain, or in a file.
//!
//! The file `key` of the data folder says which. It holds either the 32 bytes of the key or the words
//! `keychain:` and the name of the entry, so a folder is opened by what stands in it, whatever is wished for
//! new ones.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use rand::TryRngCore as _;
use rand::rngs::OsRng;
use zeroize::Zeroizing;

use crate::keychain::{self, KeychainError};
use crate::{KeyProblem, Result, StoreError};

pub(crate) const KEY_BYTES: usize = 32;
/// What stands before the name of a keychain entry.
const IN_KEYCHAIN: &[u8] = b"keychain:";
/// More than either form takes.
const LONGEST: u64 = 200;

/// Where the key of a new workspace is kept. An older one stays where it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeySource {
    /// In a file of the data folder that only its owner may read.
    #[default]
    File,
    /// In the system's keychain where there is one that answers, else in the file.
    KeychainOrFile,
}

impl KeySource {
    /// Its name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::KeychainOrFile => "keychain",
        }
    }
}

/// Why a text names no place for keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("keys are kept in the `keychain` or in a `file`")]
pub struct KeySourceError;

impl FromStr for KeySource {
    type Err = KeySourceError;

    fn from_str(text: &str) -> std::result::Result<Self, KeySourceError> {
        [Self::File, Self::KeychainOrFile].into_iter().find(|one| one.as_str() == text).ok_or(KeySourceError)
    }
}

/// A key, and the file that holds it or names its entry.
pub(crate) struct Kept {
    pub(crate) key: Zeroizing<Vec<u8>>,
    pub(crate) path: PathBuf,
}

/// The file in which a folder's key is, or is named.
pub(crate) fn path(folder: &Path) -> PathBuf {
    folder.join("key")
}

/// The folder's key; `None` where it has none yet.
pub(crate) fn load(folder: &Path) -> Result<Option<Kept>> {
    let path = path(folder);
    let mut file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(path, error)),
    };
    keep_private(&file, &path)?;
    let mut bytes = Zeroizing::new(Vec::new());
    Read::take(&mut file, LONGEST).read_to_end(&mut bytes).map_err(|error| StoreError::io(&path, error))?;
    let key = match bytes.strip_prefix(IN_KEYCHAIN) {
        Some(name) => from_keychain(name, &path)?,
        None => bytes,
    };
    if key.len() == KEY_BYTES {
        Ok(Some(Kept { key, path }))
    } else {
        Err(StoreError::Key { path, problem: KeyProblem::Malformed })
    }
}

/// A key file that we may not read, or not close to others, is somebody else's.
fn unreadable(path: impl Into<PathBuf>, error: io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            StoreError::Key { path: path.into(), problem: KeyProblem::Foreign }
        }
        _ => StoreError::io(path, error),
    }
}

/// A new key, kept from now on.
pub(crate) fn make(folder: &Path, source: KeySource) -> Result<Kept> {
    let path = path(folder);
    let mut key = Zeroizing::new(vec![0; KEY_BYTES]);
    random(&mut key, &path)?;
    let reference = match source {
        KeySource::File => None,
        KeySource::KeychainOrFile => into_keychain(&key, &path)?,
    };
    let content = reference.as_deref().unwrap_or(&key);
    write_private(&path, content).map_err(|error| StoreError::io(&path, error))?;
    Ok(Kept { key, path })
}

/// Fills with random bytes of the system.
pub(crate) fn random(bytes: &mut [u8], path: &Path) -> Result<()> {
    OsRng.try_fill_bytes(bytes).map_err(|error| StoreError::io(path, io::Error::other(error)))
}

fn from_keychain(name: &[u8], path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let problem = |problem| StoreError::Key { path: path.to_owned(), problem };
    let name = std::str::from_utf8(name.trim_ascii()).map_err(|_| problem(KeyProblem::Malformed))?;
    match keychain::read(name) {
        Ok(Some(key)) => Ok(key),
        Ok(None) => Err(problem(KeyProblem::NotInKeychain)),
        Err(error) => {
            tracing::warn!(error = told(&error), "the key cannot be had from the system's keychain");
            Err(problem(KeyProblem::KeychainShut))
        }
    }
}

/// Puts the key into the keychain and gives what the file says of it; `None` where there is no keychain.
fn into_keychain(key: &[u8], path: &Path) -> Result<Option<Vec<u8>>> {
    let mut name = [0; 8];
    random(&mut name, path)?;
    let name = format!("workspace {:016x}", u64::from_be_bytes(name));
    match keychain::keep(&name, key) {
        Ok(()) => Ok(Some([IN_KEYCHAIN, name.as_bytes(), b"\n"].concat())),
        Err(error) => {
            tracing::info!(
                error = told(&error),
                "the secrets' key goes into a file of the data folder: the system's keychain did not take it"
            );
            Ok(None)
        }
    }
}

/// An error and what caused it, in one line.
fn told(error: &KeychainError) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
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
        file.set_permissions(fs::Permissions::from_mode(0o600)).map_err(|error| unreadable(path, error))?;
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
    fn the_key_is_kept_and_a_broken_one_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(load(folder.path()).unwrap().is_none());
        let made = make(folder.path(), KeySource::File).unwrap();
        assert_eq!(load(folder.path()).unwrap().unwrap().key, made.key);
        for length in [0, 31, 33, 100] {
            fs::write(path(folder.path()), vec![7; length]).unwrap();
            let error = load(folder.path()).err().unwrap();
            assert!(matches!(error, StoreError::Key { problem: KeyProblem::Malformed, .. }), "{length}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_the_key() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = path(folder.path());
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        make(folder.path(), KeySource::File).unwrap();
        assert_eq!(mode(), 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        load(folder.path()).unwrap();
        assert_eq!(mode(), 0o600);
    }
}
