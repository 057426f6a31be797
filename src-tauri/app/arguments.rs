//! What the window can be told when it is started.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{CommandFactory as _, FromArgMatches as _, Parser};
use hookbench_workbench::KeySource;

/// Hookbench in a window: send webhooks the way real providers do, capture what others send, replay either.
#[derive(Debug, Clone, Parser)]
#[command(name = "hookbench-desktop", version)]
pub(crate) struct Arguments {
    /// The workspace's folder; the platform's data folder without.
    #[arg(long, value_name = "DIR", env = "HOOKBENCH_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// Where the key of a new workspace's secrets is kept: in the system's `keychain`, where there is one, or
    /// in a `file` of the data folder
    #[arg(long, value_name = "PLACE", env = "HOOKBENCH_KEYS", default_value = "keychain")]
    pub(crate) keys: KeySource,
    /// Where inboxes listen; port 0 picks a free one. 127.0.0.1:4800 without.
    #[arg(long, value_name = "ADDR", env = "HOOKBENCH_CAPTURE")]
    pub(crate) capture: Option<SocketAddr>,
    /// A workspace filled with a believable day of traffic, thrown away at the end unless `--data` names a folder
    /// of its own.
    #[arg(long)]
    pub(crate) demo: bool,
}

impl Arguments {
    /// As they were typed. `HOOKBENCH_DATA`, which names the usual workspace, says nothing about a demo.
    pub(crate) fn typed() -> Self {
        let matches = Self::command().get_matches();
        let mut arguments = Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        if arguments.demo && matches.value_source("data") != Some(ValueSource::CommandLine) {
            arguments.data = None;
        }
        arguments
    }
}
