//! The providers' own libraries, from npm and PyPI, that judge our signatures in `tests/vectors`; and the
//! Python that tests run.

use std::path::{Path, PathBuf};

use crate::console::say;
use crate::error::Error;
use crate::process;
use crate::project::{self, Project};
use crate::ui;

/// Installs both sets as they are pinned, unless they came from these very pins already.
pub(crate) fn install(project: &Project) -> Result<(), Error> {
    let folder = project.root().join("tests/vectors");
    let modules = folder.join("node_modules");
    once(&folder.join("package-lock.json"), &modules.join(".installed-from.json"), || {
        say("Installing the providers' libraries for Node.js");
        process::run(ui::npm(project).current_dir(&folder).args(["ci", "--loglevel=error"]))
    })?;
    let home = project.target().join("python");
    once(&folder.join("requirements.txt"), &home.join("installed-from.txt"), || {
        say("Installing the providers' libraries for Python");
        let mut venv = process::program(if cfg!(windows) { "python" } else { "python3" }, &folder);
        process::run(venv.args(["-m", "venv", "--clear"]).arg(&home))?;
        let mut pip = process::program(&python(project).to_string_lossy(), &folder);
        process::run(
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]).args([
                "--require-hashes",
                "--requirement",
                "requirements.txt",
            ]),
        )
    })
}

/// The Python that has them.
pub(crate) fn python(project: &Project) -> PathBuf {
    project.target().join(if cfg!(windows) { "python/Scripts/python.exe" } else { "python/bin/python" })
}

/// Does `work` when `pins` differs from what `stamp` remembers.
fn once(pins: &Path, stamp: &Path, work: impl FnOnce() -> Result<(), Error>) -> Result<(), Error> {
    let wanted = project::read(pins)?;
    if std::fs::read(stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    work()?;
    project::write(stamp, &wanted)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::fs;

    use super::*;

    #[test]
    fn other_pins_are_installed_and_the_same_ones_once() {
        let folder = tempfile::tempdir().unwrap();
        let (pins, stamp) = (folder.path().join("pins"), folder.path().join("stamp"));
        let times = Cell::new(0);
        let install = || {
            once(&pins, &stamp, || {
                times.set(times.get() + 1);
                Ok(())
            })
        };
        for (text, wanted) in [("a==1", 1), ("a==1", 1), ("a==2", 2)] {
            fs::write(&pins, text).unwrap();
            install().unwrap();
            assert_eq!(times.get(), wanted);
        }
    }

    #[test]
    fn what_failed_is_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let (pins, stamp) = (folder.path().join("pins"), folder.path().join("stamp"));
        fs::write(&pins, "a==1").unwrap();
        let failed = once(&pins, &stamp, || Err(Error::Blocked { needs: "a network" }));
        assert!(failed.is_err() && !stamp.exists());
    }
}
