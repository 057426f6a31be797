//! The folders of demos, which go with them.

use std::fs;
use std::io;
use std::path::Path;

use hookbench_store::remove_abandoned;
use tempfile::TempDir;

use crate::error::{Result, WorkbenchError};

const PREFIX: &str = "hookbench-demo-";

/// A folder for a demo. Those are removed that others left behind: one that was told a second time to stop, or was
/// killed, could not.
pub(crate) fn folder() -> Result<TempDir> {
    let parent = std::env::temp_dir();
    let made = make(&parent).map_err(|source| WorkbenchError::File { path: parent.clone(), source })?;
    match sweep(&parent, made.path()) {
        Ok(0) => {}
        Ok(folders) => tracing::info!(folders, "what earlier demos left behind was removed"),
        // It is in nobody's way.
        Err(error) => tracing::debug!(%error, "what earlier demos left behind could not be looked for"),
    }
    Ok(made)
}

fn make(parent: &Path) -> io::Result<TempDir> {
    tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)
}

/// Removes what demos of the same user left behind in a folder; gives how many that were.
fn sweep(parent: &Path, mine: &Path) -> io::Result<usize> {
    let mut removed = 0;
    for entry in fs::read_dir(parent)?.flatten() {
        let path = entry.path();
        let is_demo = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        if !is_demo || path == mine || !is_of_same_user(&path, mine) {
            continue;
        }
        match remove_abandoned(&path) {
            Ok(done) => removed += usize::from(done),
            Err(error) => tracing::debug!(%error, "what an earlier demo left behind could not be removed"),
        }
    }
    Ok(removed)
}

/// Many share the folder for what is temporary.
#[cfg(unix)]
fn is_of_same_user(path: &Path, mine: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    let owner = |path: &Path| fs::symlink_metadata(path).ok().map(|known| known.uid());
    owner(mine).is_some_and(|me| owner(path) == Some(me))
}

#[cfg(not(unix))]
fn is_of_same_user(_: &Path, _: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use hookbench_model::Timestamp;
    use hookbench_store::{KeySource, OpenOptions, Store};

    use super::*;

    async fn opened(folder: &Path) -> Store {
        let options = OpenOptions { key: KeySource::File, ..OpenOptions::default() };
        Store::open(folder, Timestamp::from_unix_ms(1_795_235_700_000), options).await.unwrap()
    }

    #[tokio::test]
    async fn what_a_demo_left_behind_is_removed_and_nothing_else() {
        let parent = tempfile::tempdir().unwrap();
        let named = |name: &str| parent.path().join(format!("{PREFIX}{name}"));
        opened(&named("left")).await.shutdown().await;
        let runs = opened(&named("runs")).await;
        fs::create_dir(named("begins")).unwrap();
        let real = parent.path().join("workspace");
        opened(&real).await.shutdown().await;
        #[cfg(unix)]
        std::os::unix::fs::symlink(&real, named("link")).unwrap();
        let mine = make(parent.path()).unwrap();

        assert_eq!(sweep(parent.path(), mine.path()).unwrap(), 1);
        assert!(!named("left").exists());
        for stays in [named("runs"), named("begins"), real.clone(), mine.path().to_owned()] {
            assert!(stays.exists(), "{}", stays.display());
        }
        assert!(real.join("hookbench.db").exists());
        // It goes once it runs no more.
        runs.shutdown().await;
        assert_eq!(sweep(parent.path(), mine.path()).unwrap(), 1);
        assert!(!named("runs").exists());
    }
}
