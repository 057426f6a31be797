//! The real headless server, started for a task and stopped with it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::error::Error;
use crate::process;
use crate::project::Project;

/// A running `hookbench serve` on ports of its own.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// Where API and UI are, as an origin (`http://127.0.0.1:49152`).
    pub(crate) api: String,
    /// What the API wants to see.
    pub(crate) token: String,
}

/// What the server keeps and shows.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Workspace<'a> {
    /// A day of believable traffic, thrown away at the end.
    Demo,
    /// This folder, empty or not.
    In(&'a Path),
}

impl Server {
    /// Starts the debug build of the server and waits for its first line.
    pub(crate) fn start(project: &Project, workspace: Workspace<'_>) -> Result<Self, Error> {
        let binary = project.binary("hookbench", false);
        let mut command = process::program(&binary.to_string_lossy(), project.root());
        command.args(["serve", "--json", "--api", "127.0.0.1:0", "--capture", "127.0.0.1:0"]);
        match workspace {
            Workspace::Demo => command.arg("--demo"),
            Workspace::In(folder) => command.arg("--data").arg(folder),
        };
        let mut child = process::spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            // An unreadable first line is the same as none.
            let _ = BufReader::new(stdout).read_line(&mut line);
        }
        if line.trim().is_empty() {
            let _ = child.kill();
            let _ = child.wait();
            return Err(Error::ServerSilent);
        }
        let said: Value = serde_json::from_str(&line)
            .map_err(|source| Error::Json { what: "the headless server's first line".into(), source })?;
        let field = |field: &'static str| {
            said[field]
                .as_str()
                .map(str::to_owned)
                .ok_or_else(|| Error::ServerLine { field, line: line.clone() })
        };
        Ok(Self { api: origin(&field("api")?), token: field("token")?, child })
    }
}

/// The address as an origin, whether it was said with a scheme or without.
fn origin(address: &str) -> String {
    if address.contains("://") {
        address.trim_end_matches('/').to_owned()
    } else {
        format!("http://{address}")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked first, so that it drains and removes what is throw-away; `kill` is on every Unix.
        #[cfg(unix)]
        let asked = process::succeeds(
            process::program("kill", Path::new("/")).args(["-TERM", &self.child.id().to_string()]),
        );
        #[cfg(not(unix))]
        let asked = false;
        if !asked {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_becomes_an_origin() {
        assert_eq!(origin("127.0.0.1:4700"), "http://127.0.0.1:4700");
        assert_eq!(origin("http://127.0.0.1:4700/"), "http://127.0.0.1:4700");
    }
}
