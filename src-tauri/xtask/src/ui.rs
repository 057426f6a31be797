//! The interface's packages and its build.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use crate::console::say;
use crate::error::Error;
use crate::process;
use crate::project::{self, Project};

/// Where the lock file that `node_modules` was installed from is remembered.
const INSTALLED_FROM: &str = "node_modules/.installed-from.json";

/// Folders under `ui` that a build neither reads nor depends on.
const NOT_SOURCES: &[&str] = &["node_modules", "dist", "test-results"];

/// npm in the UI's folder.
pub(crate) fn npm(project: &Project) -> Command {
    let mut npm = process::program(if cfg!(windows) { "npm.cmd" } else { "npm" }, &project.ui());
    npm.args(["--no-fund", "--no-audit", "--no-update-notifier"]);
    npm
}

/// Runs one of the scripts in `package.json`.
pub(crate) fn script(project: &Project, name: &str) -> Result<(), Error> {
    process::run(npm(project).args(["run", "--silent", name]))
}

/// Installs the packages from the lock file, unless they came from this very lock file already.
pub(crate) fn install(project: &Project) -> Result<(), Error> {
    let ui = project.ui();
    let lock = project::read(&ui.join("package-lock.json"))?;
    let stamp = ui.join(INSTALLED_FROM);
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    say("Installing the UI's packages from the lock file");
    process::run(npm(project).arg("ci"))?;
    project::write(&stamp, &lock)
}

/// Builds the UI when a source is younger than what was built last.
pub(crate) fn build(project: &Project) -> Result<(), Error> {
    if is_fresh(&project.ui()) {
        return Ok(());
    }
    say("Building the UI");
    script(project, "build")
}

fn is_fresh(ui: &Path) -> bool {
    let Some(built) = changed(&ui.join("dist/index.html")) else { return false };
    newest_source(ui).is_some_and(|newest| newest <= built)
}

/// The latest change among the sources. Folders count too: a file that went leaves its mark there.
fn newest_source(ui: &Path) -> Option<SystemTime> {
    let mut newest = None;
    let mut folders = vec![ui.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).ok()?.flatten() {
            if folder == ui && NOT_SOURCES.iter().any(|name| entry.file_name() == *name) {
                continue;
            }
            let path = entry.path();
            newest = newest.max(changed(&path));
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    newest
}

fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|data| data.modified()).ok()
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::Duration;

    use super::*;

    /// A UI whose sources all changed at `source` and whose build is from `built`.
    fn ui(source: u64, built: u64) -> tempfile::TempDir {
        let ui = tempfile::tempdir().unwrap();
        for (path, at) in
            [("src/app.ts", source), ("node_modules/x.js", built + 9), ("dist/index.html", built)]
        {
            let path = ui.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            set(&File::create(&path).unwrap(), at);
        }
        set(&File::open(ui.path().join("src")).unwrap(), source);
        ui
    }

    fn set(file: &File, seconds: u64) {
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
    }

    #[test]
    fn a_build_younger_than_its_sources_is_kept() {
        assert!(is_fresh(ui(100, 200).path()));
    }

    #[test]
    fn an_edited_source_makes_the_build_stale() {
        assert!(!is_fresh(ui(300, 200).path()));
    }

    #[test]
    fn a_removed_source_makes_the_build_stale() {
        let ui = ui(100, 200);
        fs::remove_file(ui.path().join("src/app.ts")).unwrap();
        assert!(!is_fresh(ui.path()), "removing a file changes its folder's time");
    }

    #[test]
    fn without_a_build_there_is_nothing_fresh() {
        let ui = ui(100, 200);
        fs::remove_dir_all(ui.path().join("dist")).unwrap();
        assert!(!is_fresh(ui.path()));
    }
}
