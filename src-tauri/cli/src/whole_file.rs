//! A file that is written whole or not at all: beside the one whose place it takes, until it is done.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::error::CliError;

/// A file in the making.
pub(crate) struct WholeFile {
    /// As it was named.
    named: PathBuf,
    file: File,
    /// Where it stands until it is done, and where it goes then; nothing where it stands in its place.
    moves: Option<(PathBuf, PathBuf)>,
}

impl WholeFile {
    /// Begins it. What is no file, as a pipe, is written to as it is, and so is a file in a folder where nothing may be made.
    pub(crate) fn create(named: &Path) -> Result<Self, CliError> {
        let place = fs::canonicalize(named).unwrap_or_else(|_| named.to_owned());
        let known = fs::metadata(&place).ok();
        if known.as_ref().is_none_or(fs::Metadata::is_file)
            && let Some(beside) = beside(&place)
            && let Ok(file) = OpenOptions::new().write(true).create_new(true).open(&beside)
        {
            let made = Self { named: named.to_owned(), file, moves: Some((beside, place)) };
            if let Some(known) = known {
                // Who could not read the one cannot read the other.
                made.file.set_permissions(known.permissions()).map_err(|source| made.fault(source))?;
            }
            return Ok(made);
        }
        let made = File::create(named);
        let file = made.map_err(|source| CliError::Written { path: named.to_owned(), source })?;
        Ok(Self { named: named.to_owned(), file, moves: None })
    }

    /// Writes on.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), CliError> {
        self.file.write_all(bytes).map_err(|source| self.fault(source))
    }

    /// Has it take its place.
    pub(crate) fn done(mut self) -> Result<(), CliError> {
        self.file.flush().map_err(|source| self.fault(source))?;
        if let Some((beside, place)) = &self.moves {
            fs::rename(beside, place).map_err(|source| self.fault(source))?;
        }
        self.moves = None;
        Ok(())
    }

    fn fault(&self, source: std::io::Error) -> CliError {
        CliError::Written { path: self.named.clone(), source }
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if let Some((beside, _)) = self.moves.take() {
            // Nobody is helped by half of it, and nobody is harmed where it stays.
            drop(fs::remove_file(beside));
        }
    }
}

/// A place in the same folder that is nobody else's.
fn beside(place: &Path) -> Option<PathBuf> {
    let name = place.file_name()?.to_string_lossy();
    Some(place.with_file_name(format!(".{name}.{}.part", std::process::id())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stood_there_stays_until_the_file_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("all.har");
        let names = || -> Vec<_> {
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect()
        };
        fs::write(&path, "before").unwrap();
        let mut broken = WholeFile::create(&path).unwrap();
        broken.write(b"half").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"before");
        drop(broken);
        assert_eq!((fs::read(&path).unwrap(), names().len()), (b"before".to_vec(), 1));
        let mut whole = WholeFile::create(&path).unwrap();
        whole.write(b"all ").unwrap();
        whole.write(b"of it").unwrap();
        whole.done().unwrap();
        assert_eq!((fs::read(&path).unwrap(), names().len()), (b"all of it".to_vec(), 1));
        let missing = WholeFile::create(&folder.path().join("no/such")).err().unwrap().to_string();
        assert!(missing.ends_with("no/such could not be written"), "{missing}");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_of_ones_own_and_a_link_stay_what_they_are() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("own"), folder.path().join("link"));
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let mut whole = WholeFile::create(&link).unwrap();
        whole.write(b"a").unwrap();
        whole.done().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&path).unwrap(), b"a");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
