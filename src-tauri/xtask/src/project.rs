//! Where things are in the source tree.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::process;

/// The source tree this program was built from.
#[derive(Debug)]
pub(crate) struct Project {
    root: PathBuf,
}

impl Project {
    pub(crate) fn locate() -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self { root: here.ancestors().nth(2).unwrap_or(here).to_path_buf() }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The interface: Svelte, TypeScript, Vite.
    pub(crate) fn ui(&self) -> PathBuf {
        self.root.join("ui")
    }

    /// What cargo builds into.
    pub(crate) fn target(&self) -> PathBuf {
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.root.join("target"), PathBuf::from)
    }

    /// A folder for what the tasks make in passing, emptied first.
    pub(crate) fn scratch(&self, name: &str) -> Result<PathBuf, Error> {
        let path = self.target().join("xtask").join(name);
        if path.exists() {
            fs::remove_dir_all(&path).map_err(|source| Error::File { path: path.clone(), source })?;
        }
        self.folder(path)
    }

    /// The folder, made when it is not there.
    pub(crate) fn folder(&self, path: PathBuf) -> Result<PathBuf, Error> {
        let path = if path.is_absolute() { path } else { self.root.join(path) };
        fs::create_dir_all(&path).map_err(|source| Error::File { path: path.clone(), source })?;
        Ok(path)
    }

    /// A binary that cargo has built.
    pub(crate) fn binary(&self, name: &str, release: bool) -> PathBuf {
        let profile = if release { "release" } else { "debug" };
        self.target().join(profile).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// The cargo that runs us, at the root.
    pub(crate) fn cargo(&self) -> Command {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
        process::program(&cargo, &self.root)
    }
}

/// The bytes of a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| Error::File { path: path.to_path_buf(), source })
}

/// Writes a file, only when it would change: an untouched time of change keeps builds quick.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    fs::write(path, bytes).map_err(|source| Error::File { path: path.to_path_buf(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_the_workspace() {
        let root = Project::locate();
        assert!(root.root().join("tauri.conf.json").is_file(), "{}", root.root().display());
    }
}
