//! Where a demo lives: in a folder that goes with it, or in one that was named, and then stays.
//!
//! A demo's times are made, so its folder is marked: it is never opened as an ordinary workspace, and an ordinary
//! one never becomes a demo. The mark is there before the workspace is, and says so until the day has been filled in:
//! what was left half made is made anew.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use hookbench_store::Folder;

use crate::error::{Result, WorkbenchError};

/// What the mark says of a demo that has yet to be filled. Whatever else it says, and earlier versions let it say nothing,
/// the demo is filled.
const UNFILLED: &str = "unfilled";
const FILLED: &str = "filled";

/// What is to be made of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// An ordinary workspace, new or not.
    Ordinary,
    /// A demo that has yet to be filled.
    NewDemo,
    /// A demo that goes on.
    Demo,
}

/// What a folder is opened as; refused where it is something else. A new demo is marked as one, and begins with no
/// workspace.
pub(crate) fn prepare(folder: &Folder, demo: bool) -> Result<Standing> {
    let refused = folder.path().to_owned();
    match (demo, mark(folder.path())?) {
        (false, Mark::None) => Ok(Standing::Ordinary),
        (false, _) => Err(WorkbenchError::IsDemo { folder: refused }),
        (true, Mark::None) if folder.holds_a_workspace() => Err(WorkbenchError::NoDemo { folder: refused }),
        (true, Mark::Filled) if folder.holds_a_workspace() => Ok(Standing::Demo),
        (true, Mark::Unfilled) => {
            folder.remove_workspace()?;
            Ok(Standing::NewDemo)
        }
        (true, Mark::None | Mark::Filled) => {
            set_mark(folder.path(), UNFILLED)?;
            Ok(Standing::NewDemo)
        }
    }
}

/// Marks the folder of a new demo as filled. Only whoever has its lock may.
pub(crate) fn filled(folder: &Path) -> Result<()> {
    set_mark(folder, FILLED)
}

/// What a folder is marked as.
enum Mark {
    None,
    Unfilled,
    Filled,
}

fn mark(folder: &Path) -> Result<Mark> {
    let path = path(folder);
    match fs::read(&path) {
        Ok(said) if said.trim_ascii() == UNFILLED.as_bytes() => Ok(Mark::Unfilled),
        Ok(_) => Ok(Mark::Filled),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Mark::None),
        Err(source) => Err(WorkbenchError::File { path, source }),
    }
}

/// A start that comes after a power cut reads it too.
fn set_mark(folder: &Path, says: &str) -> Result<()> {
    let path = path(folder);
    let write = || {
        let mut file = File::create(&path)?;
        writeln!(file, "{says}")?;
        file.sync_all()
    };
    write().map_err(|source| WorkbenchError::File { path: path.clone(), source })
}

fn path(folder: &Path) -> PathBuf {
    folder.join("demo")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_a_demos_or_an_ordinary_one_and_stays_that() {
        let made = tempfile::tempdir().unwrap();
        let folder = Folder::open(made.path()).unwrap();
        assert_eq!(prepare(&folder, false).unwrap(), Standing::Ordinary);
        let database = made.path().join("hookbench.db");
        fs::write(&database, "ordinary").unwrap();
        assert!(matches!(prepare(&folder, true), Err(WorkbenchError::NoDemo { .. })));
        assert_eq!(prepare(&folder, false).unwrap(), Standing::Ordinary);
        assert_eq!(fs::read(&database).unwrap(), b"ordinary");

        fs::remove_file(&database).unwrap();
        assert_eq!(prepare(&folder, true).unwrap(), Standing::NewDemo);
        assert!(matches!(prepare(&folder, false), Err(WorkbenchError::IsDemo { .. })));
        filled(made.path()).unwrap();
        fs::write(&database, "a demo").unwrap();
        assert_eq!(prepare(&folder, true).unwrap(), Standing::Demo);
        assert!(matches!(prepare(&folder, false), Err(WorkbenchError::IsDemo { .. })));
        assert_eq!(fs::read(&database).unwrap(), b"a demo");
    }

    #[test]
    fn what_was_left_half_made_is_made_anew_and_nothing_else_goes() {
        let made = tempfile::tempdir().unwrap();
        let folder = Folder::open(made.path()).unwrap();
        assert_eq!(prepare(&folder, true).unwrap(), Standing::NewDemo);
        let file = |name: &str| made.path().join(name);
        let (database, others) =
            (["hookbench.db", "hookbench.db-wal", "hookbench.db-shm"], ["key", "a-note.txt"]);
        for name in database.iter().chain(&others) {
            fs::write(file(name), "half").unwrap();
        }
        assert_eq!(prepare(&folder, true).unwrap(), Standing::NewDemo, "it is not filled yet");
        assert!(!database.iter().any(|name| file(name).exists()));
        assert!(others.iter().all(|name| file(name).exists()));
        assert!(matches!(prepare(&folder, false), Err(WorkbenchError::IsDemo { .. })));
    }

    #[test]
    fn a_mark_of_an_earlier_version_says_filled_and_one_without_a_workspace_new() {
        let made = tempfile::tempdir().unwrap();
        let folder = Folder::open(made.path()).unwrap();
        fs::write(made.path().join("demo"), "").unwrap();
        assert_eq!(prepare(&folder, true).unwrap(), Standing::NewDemo, "there is nothing in it");
        fs::write(made.path().join("demo"), "").unwrap();
        fs::write(made.path().join("hookbench.db"), "a day").unwrap();
        assert_eq!(prepare(&folder, true).unwrap(), Standing::Demo);
        assert!(made.path().join("hookbench.db").exists());
    }
}
