use std::path::{Path, PathBuf};

use crate::{Result, StoreError};

/// Where the database's file was when it was opened. What is written to a file that has been removed, or moved away
/// with its folder, is found by nobody, or found again by surprise after it was refused.
#[derive(Debug)]
pub(crate) struct Place {
    database: PathBuf,
    opened: Identity,
}

/// Which file it is, whatever it is called.
#[cfg(unix)]
type Identity = (u64, u64);

/// A file that is open is neither removed nor moved.
#[cfg(not(unix))]
type Identity = ();

#[cfg(unix)]
fn identity(path: &Path) -> std::io::Result<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    let found = std::fs::metadata(path)?;
    Ok((found.dev(), found.ino()))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
fn identity(_: &Path) -> std::io::Result<Identity> {
    Ok(())
}

impl Place {
    /// Takes note of the file that is there.
    pub(crate) fn of(database: PathBuf) -> Result<Self> {
        match identity(&database) {
            Ok(opened) => Ok(Self { database, opened }),
            Err(error) => Err(StoreError::io(database, error)),
        }
    }

    /// Fails where another file is there by now, or none. Asking takes a microsecond or two.
    pub(crate) fn check(&self) -> Result<()> {
        match identity(&self.database) {
            Ok(found) if found == self.opened => Ok(()),
            Ok(_) => Err(self.gone()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(self.gone()),
            Err(error) => Err(StoreError::io(&self.database, error)),
        }
    }

    /// That it is there no more.
    pub(crate) fn gone(&self) -> StoreError {
        StoreError::Gone { folder: self.database.parent().unwrap_or(&self.database).to_owned() }
    }
}
