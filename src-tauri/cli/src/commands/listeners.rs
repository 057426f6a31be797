//! Who listens just now: each listener holds a file of the data folder locked for as long as it lives, and however it
//! ends the lock goes with it. What one that was killed has left behind is known by that.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::CliError;

/// The folder of the listeners' files, in the data folder.
const FOLDER: &str = "listeners";
/// The file that is locked by whoever changes a relay.
const CHANGES: &str = "changes";

/// The listeners of a workspace.
pub(super) struct Listeners {
    folder: PathBuf,
}

/// A listener that runs: this one. Dropped, it listens no more.
pub(super) struct Listener {
    name: String,
    path: PathBuf,
    // Locked.
    _file: File,
}

impl Listeners {
    /// Those of the workspace in this data folder.
    pub(super) fn of(data_dir: &Path) -> Self {
        Self { folder: data_dir.join(FOLDER) }
    }

    /// Waits until no other listener changes a relay, and holds the others off while what it gives is held.
    pub(super) async fn alone(&self) -> Result<File, CliError> {
        let path = self.path(CHANGES);
        let fault = file_error(&path);
        let locked = tokio::task::spawn_blocking(move || {
            let file = open(&path)?;
            file.lock()?;
            Ok(file)
        });
        locked.await.map_err(io::Error::other).flatten().map_err(fault)
    }

    /// Becomes a listener. Its name is of the process; those of another system that shares the folder may be the same.
    pub(super) fn enter(&self) -> Result<Listener, CliError> {
        let id = std::process::id();
        let mut number = 0_u32;
        loop {
            let name = if number == 0 { id.to_string() } else { format!("{id}-{number}") };
            let path = self.path(&name);
            let file = open(&path).map_err(file_error(&path))?;
            match file.try_lock() {
                Ok(()) => return Ok(Listener { name, path, _file: file }),
                Err(TryLockError::WouldBlock) => number += 1,
                Err(TryLockError::Error(source)) => return Err(file_error(&path)(source)),
            }
        }
    }

    /// Whether the listener of this name runs. What cannot be told is taken to.
    pub(super) fn is_there(&self, name: &str) -> bool {
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        if !is_name {
            return false;
        }
        match File::open(self.path(name)) {
            Ok(file) => file.try_lock_shared().is_err(),
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        }
    }

    /// Removes the files of those that run no more; to be called where no other changes a relay.
    pub(super) fn tidy(&self) {
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            if name.to_str().is_some_and(|name| name != CHANGES && !self.is_there(name)) {
                // It is of no use to anybody, and of no harm where it stays.
                drop(fs::remove_file(entry.path()));
            }
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

impl Listener {
    /// What its targets are marked with.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.path));
    }
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)
}

fn file_error(path: &Path) -> impl FnOnce(io::Error) -> CliError + use<> {
    let path = path.to_owned();
    |source| CliError::Written { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_is_there_until_it_ends_and_what_it_leaves_is_tidied() {
        let data = tempfile::tempdir().unwrap();
        let listeners = Listeners::of(data.path());
        let (one, two) = (listeners.enter().unwrap(), listeners.enter().unwrap());
        assert_ne!(one.name(), two.name());
        assert!(listeners.is_there(one.name()) && listeners.is_there(two.name()));
        let (first, second) = (one.name().to_owned(), two.name().to_owned());
        drop(one);
        assert!(!listeners.is_there(&first) && listeners.is_there(&second));
        // As one that was killed leaves it: the file, and nobody who holds it.
        let left = open(&listeners.path(&first)).unwrap();
        drop(left);
        assert!(!listeners.is_there(&first));
        listeners.tidy();
        assert!(!listeners.path(&first).exists() && listeners.path(&second).exists());
        for odd in ["", "../1", "changes", "1x"] {
            assert!(!listeners.is_there(odd), "{odd}");
        }
    }
}
