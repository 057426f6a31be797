//! Running other programs.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::error::Error;

/// A program to be run in `folder`, with our own standard streams unless told otherwise.
pub(crate) fn program(name: &str, folder: &Path) -> Command {
    let mut command = Command::new(name);
    command.current_dir(folder);
    command
}

/// Runs to the end; anything but success is an error.
pub(crate) fn run(command: &mut Command) -> Result<(), Error> {
    let status = command.status().map_err(|source| cannot_start(command, source))?;
    if status.success() { Ok(()) } else { Err(Error::Failed { command: spelled(command), status }) }
}

/// Runs to the end and gives what it printed to standard output.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>, Error> {
    let output = command.stderr(Stdio::inherit()).output().map_err(|source| cannot_start(command, source))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(Error::Failed { command: spelled(command), status: output.status })
    }
}

/// Whether the program can be started and says so with success; its output is dropped.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}

/// Runs to the end, passes standard error through line by line, and keeps the lines that `keep` picks.
/// The kept lines come back also when the program fails.
pub(crate) fn run_and_keep(
    command: &mut Command,
    keep: impl Fn(&str) -> bool,
) -> (Vec<String>, Result<(), Error>) {
    let mut kept = Vec::new();
    let result = (|| {
        let mut child = spawn(command.stderr(Stdio::piped()))?;
        if let Some(stderr) = child.stderr.take() {
            let mut ours = std::io::stderr().lock();
            for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
                let _ = ours.write_all(&line).and_then(|()| ours.write_all(b"\n"));
                let line = String::from_utf8_lossy(&line).into_owned();
                if keep(&line) {
                    kept.push(line);
                }
            }
        }
        let status = child.wait().map_err(|source| cannot_start(command, source))?;
        if status.success() { Ok(()) } else { Err(Error::Failed { command: spelled(command), status }) }
    })();
    (kept, result)
}

/// Starts the program and leaves it running.
pub(crate) fn spawn(command: &mut Command) -> Result<Child, Error> {
    command.spawn().map_err(|source| cannot_start(command, source))
}

/// Becomes the program, so that Ctrl-C reaches it alone and it can stop in its own time.
#[cfg(unix)]
pub(crate) fn become_program(command: &mut Command) -> Result<(), Error> {
    use std::os::unix::process::CommandExt as _;
    let source = command.exec();
    Err(cannot_start(command, source))
}

/// Runs the program to its end: replacing a process is Unix's alone.
#[cfg(not(unix))]
pub(crate) fn become_program(command: &mut Command) -> Result<(), Error> {
    run(command)
}

/// Whether somebody is watching, and colour is welcome.
pub(crate) fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

fn cannot_start(command: &Command, source: std::io::Error) -> Error {
    Error::Start { program: command.get_program().to_string_lossy().into_owned(), source }
}

/// The command as one would type it.
fn spelled(command: &Command) -> String {
    let program = Path::new(command.get_program());
    std::iter::once(program.file_stem().unwrap_or(program.as_os_str()))
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = program("sh", Path::new("/"));
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_failure_names_the_command() {
        let error = run(&mut shell("exit 3")).expect_err("exit 3 is a failure");
        assert!(error.to_string().starts_with("`sh -c exit 3` ended with"), "{error}");
    }

    #[test]
    fn kept_lines_survive_a_failure() {
        let (kept, result) = run_and_keep(&mut shell("echo a >&2; echo Summary b >&2; exit 1"), |line| {
            line.contains("Summary")
        });
        assert_eq!(kept, ["Summary b"]);
        assert!(result.is_err());
    }

    #[test]
    fn a_missing_program_says_where_to_get_it() {
        let error = Error::Start { program: "npm".into(), source: std::io::ErrorKind::NotFound.into() };
        assert!(error.to_string().contains("nodejs.org"), "{error}");
    }
}
