//! What can go wrong in a task.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{program} could not be started{}", hint(.program))]
    Start { program: String, source: io::Error },
    #[error("`{command}` ended with {status}")]
    Failed { command: String, status: ExitStatus },
    #[error("{}", .path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{what} is not the JSON it should be")]
    Json { what: String, source: serde_json::Error },
    #[error("{path} is not what the code generates; run `cargo xtask generate` and commit the result")]
    Stale { path: &'static str },
    #[error("{needs} has to succeed first")]
    Blocked { needs: &'static str },
    #[error("failed: {}", .stages.join(", "))]
    Stages { stages: Vec<&'static str> },
    #[error("no benchmark is called {name}; there are: {}", .known.join(", "))]
    UnknownBench { name: String, known: Vec<String> },
    #[error("{bench} printed no result")]
    NoResult { bench: String },
}

/// Where a missing program comes from, for those that no package of ours brings.
fn hint(program: &str) -> &'static str {
    match program {
        "npm" | "npm.cmd" | "node" => ": install Node.js 20 or newer (https://nodejs.org)",
        "cargo" => ": install Rust (https://rustup.rs)",
        "sudo" => ": run this as root, or install the packages named above by hand",
        _ => "",
    }
}
