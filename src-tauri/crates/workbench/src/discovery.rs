//! How other programs find a running workspace: a file in its data folder, readable by its owner only.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Result, WorkbenchError};

const FILE: &str = "running.json";

/// Where a running workspace answers.
#[derive(Clone, Serialize, Deserialize)]
pub struct Running {
    /// The API's origin (`http://127.0.0.1:4700`), or `unix:` and the path of a socket in the data folder, which
    /// wants no token.
    pub api: String,
    /// The capture receiver's origin.
    pub capture: String,
    /// What the API wants to see.
    pub token: String,
    /// The data folder.
    pub data_dir: PathBuf,
    /// The process.
    pub pid: u32,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("api", &self.api).field("pid", &self.pid).finish_non_exhaustive()
    }
}

impl Running {
    /// Says so in the data folder; a stale file of a process that died is replaced.
    pub fn announce(&self) -> Result<()> {
        let path = self.data_dir.join(FILE);
        let new = self.data_dir.join(format!("{FILE}.{}", self.pid));
        let failed = |source| WorkbenchError::File { path: path.clone(), source };
        let text = serde_json::to_vec_pretty(self).map_err(|source| failed(source.into()))?;
        // Written beside and moved into place, so that nobody reads half of it.
        let _ = std::fs::remove_file(&new);
        private(&new).and_then(|mut file| file.write_all(&text)).map_err(failed)?;
        std::fs::rename(&new, &path).map_err(failed)
    }

    /// Takes it back. Nothing happens where the file is another process's.
    pub fn withdraw(&self) -> Result<()> {
        let path = self.data_dir.join(FILE);
        match Self::read(&self.data_dir) {
            Some(found) if found.pid == self.pid => {
                std::fs::remove_file(&path).map_err(|source| WorkbenchError::File { path, source })
            }
            _ => Ok(()),
        }
    }

    /// What a data folder says; `None` where nobody says anything readable, and where no process has the folder
    /// open: who said it has died then, and somebody else may answer at its address, who must not be shown the
    /// token.
    pub fn find(data_dir: &Path) -> Option<Self> {
        Self::read(data_dir).filter(|_| hookbench_store::is_open(data_dir))
    }

    fn read(data_dir: &Path) -> Option<Self> {
        let text = std::fs::read(data_dir.join(FILE)).ok()?;
        serde_json::from_slice(&text).ok()
    }
}

#[cfg(unix)]
fn private(path: &Path) -> std::io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Elsewhere the folder itself is its owner's alone.
#[cfg(not(unix))]
fn private(path: &Path) -> std::io::Result<std::fs::File> {
    std::fs::OpenOptions::new().write(true).create_new(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(data_dir: &Path, pid: u32) -> Running {
        Running {
            api: "http://127.0.0.1:4700".to_owned(),
            capture: "http://127.0.0.1:4800".to_owned(),
            token: "secret-token".to_owned(),
            data_dir: data_dir.to_owned(),
            pid,
        }
    }

    #[test]
    fn what_is_announced_is_found_and_withdrawn_by_its_own_process_only() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Running::read(folder.path()).is_none());
        running(folder.path(), 7).announce().unwrap();
        let found = Running::read(folder.path()).unwrap();
        assert_eq!((found.token.as_str(), found.pid), ("secret-token", 7));
        running(folder.path(), 8).withdraw().unwrap();
        assert!(Running::read(folder.path()).is_some());
        running(folder.path(), 7).withdraw().unwrap();
        assert!(Running::read(folder.path()).is_none());
    }

    #[tokio::test]
    async fn what_a_dead_process_said_is_not_found() {
        let folder = tempfile::tempdir().unwrap();
        let now = hookbench_model::Timestamp::from_unix_ms(0);
        let store = hookbench_store::Store::open(folder.path(), now, hookbench_store::OpenOptions::default());
        let store = store.await.unwrap();
        running(folder.path(), 7).announce().unwrap();
        assert!(Running::find(folder.path()).is_some(), "the folder is open");
        store.shutdown().await;
        assert!(Running::find(folder.path()).is_none(), "nobody has the folder open any more");
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_read_the_token() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        running(folder.path(), 7).announce().unwrap();
        let mode = std::fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(!format!("{:?}", running(folder.path(), 7)).contains("secret-token"));
    }
}
