use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::{Result, StoreError};

/// The file that is locked.
const LOCK: &str = "lock";
const DATABASE: &str = "hookbench.db";

/// A data folder that this process, and no other, has open: until this is dropped, or the store that was opened in it
/// is shut down.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    lock: Mutex<Option<File>>,
}

impl Folder {
    /// Makes the folder where it is missing, private to its owner, and locks it.
    pub fn open(path: &Path) -> Result<Self> {
        make_private(path)?;
        let lock_path = path.join(LOCK);
        let lock = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&lock_path)
            .map_err(|error| StoreError::io(&lock_path, error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder =
                    fs::read_to_string(pid_path(path)).ok().and_then(|text| text.trim().parse().ok());
                return Err(StoreError::Locked { folder: path.to_owned(), holder });
            }
            Err(TryLockError::Error(error)) => return Err(StoreError::io(lock_path, error)),
        }
        // In a file of its own: Windows lets nobody read a locked one.
        let pid_path = pid_path(path);
        fs::write(&pid_path, std::process::id().to_string())
            .map_err(|error| StoreError::io(pid_path, error))?;
        Ok(Self { path: path.to_owned(), lock: Mutex::new(Some(lock)) })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is a workspace in it.
    pub fn holds_a_workspace(&self) -> bool {
        self.database().exists()
    }

    /// Removes the workspace's database and its logs, and nothing else. No store may be open in the folder.
    pub fn remove_workspace(&self) -> Result<()> {
        let entries = fs::read_dir(&self.path).map_err(|error| StoreError::io(&self.path, error))?;
        for entry in entries {
            let entry = entry.map_err(|error| StoreError::io(&self.path, error))?;
            if entry.file_name().to_string_lossy().starts_with(DATABASE) {
                fs::remove_file(entry.path()).map_err(|error| StoreError::io(entry.path(), error))?;
            }
        }
        Ok(())
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// Lets another process open the folder.
    pub(crate) fn release(&self) {
        if let Some(lock) = self.lock.lock().unwrap_or_else(PoisonError::into_inner).take() {
            if let Err(error) = fs::remove_file(pid_path(&self.path)) {
                tracing::debug!(%error, "the process file could not be removed");
            }
            drop(lock);
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.release();
    }
}

/// Whether a process, this one or another, has a data folder open. What it says may be over when it is read.
pub fn is_open(path: &Path) -> bool {
    // The system frees the lock of a process that died, whatever it left lying about.
    File::open(path.join(LOCK))
        .is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Removes a data folder that was left behind: one that no process has open, and in which there is a database. True
/// where it did. A folder that somebody is about to open for the first time has none yet, and stays.
pub fn remove_abandoned(path: &Path) -> io::Result<bool> {
    // What a link leads to is somebody else's.
    if !fs::symlink_metadata(path)?.is_dir() {
        return Ok(false);
    }
    let Ok(lock) = File::options().read(true).write(true).open(path.join(LOCK)) else { return Ok(false) };
    if lock.try_lock().is_err() || !path.join(DATABASE).is_file() {
        return Ok(false);
    }
    // While the lock is held nobody opens what goes away. On some systems what is open cannot be removed: it goes last.
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_name() == LOCK {
            continue;
        }
        let removed = if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())
        } else {
            fs::remove_file(entry.path())
        };
        removed?;
    }
    drop(lock);
    fs::remove_dir_all(path).map(|()| true)
}

fn pid_path(folder: &Path) -> PathBuf {
    folder.join("lock.pid")
}

/// A folder that is there already was somebody's choice and keeps its mode; the files in it are private
/// whatever it is.
#[cfg(unix)]
fn make_private(path: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| StoreError::io(path, error))
}

#[cfg(not(unix))]
fn make_private(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|error| StoreError::io(path, error))
}

/// Makes an empty file that only its owner may read, unless it is there: `SQLite` gives the files that it
/// makes beside a database the mode of the database.
pub(crate) fn touch_private(path: &Path) -> Result<()> {
    let mut options = File::options();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path).map(drop).map_err(|error| StoreError::io(path, error))
}
