//! Where a demo lives: in a folder that goes with it, or in one that was named, and then stays.
//!
//! A demo's times are made, so its folder is marked: it is never opened as an ordinary workspace, and an ordinary
//! one never becomes a demo.

use std::fs::File;
use std::path::{Path, PathBuf};

use hookbench_store::holds_a_workspace;

use crate::error::{Result, WorkbenchError};

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

/// What a folder is opened as; refused where it is something else.
pub(crate) fn standing(folder: &Path, demo: bool) -> Result<Standing> {
    let marked = mark(folder).exists();
    match demo {
        true if marked => Ok(Standing::Demo),
        true if holds_a_workspace(folder) => Err(WorkbenchError::NoDemo { folder: folder.to_owned() }),
        true => Ok(Standing::NewDemo),
        false if marked => Err(WorkbenchError::IsDemo { folder: folder.to_owned() }),
        false => Ok(Standing::Ordinary),
    }
}

/// Marks the folder as a demo's. Only whoever has the folder's lock may, before anything is written into the workspace.
pub(crate) fn set_mark(folder: &Path) -> Result<()> {
    let path = mark(folder);
    File::create(&path).map(drop).map_err(|source| WorkbenchError::File { path, source })
}

fn mark(folder: &Path) -> PathBuf {
    folder.join("demo")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_a_demos_or_an_ordinary_one_and_stays_that() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        assert_eq!(standing(folder, false).unwrap(), Standing::Ordinary);
        assert_eq!(standing(folder, true).unwrap(), Standing::NewDemo);

        std::fs::write(folder.join("hookbench.db"), "").unwrap();
        assert!(matches!(standing(folder, true), Err(WorkbenchError::NoDemo { .. })));
        assert_eq!(standing(folder, false).unwrap(), Standing::Ordinary);

        set_mark(folder).unwrap();
        assert_eq!(standing(folder, true).unwrap(), Standing::Demo);
        assert!(matches!(standing(folder, false), Err(WorkbenchError::IsDemo { .. })));
    }
}
