//! What the window can be told when it is started.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;

/// Hookbench in a window: send webhooks the way real providers do, capture what others send, replay either.
#[derive(Debug, Clone, Parser)]
#[command(name = "hookbench-desktop", version)]
pub(crate) struct Arguments {
    /// The workspace's folder; the platform's data folder without.
    #[arg(long, value_name = "DIR", env = "HOOKBENCH_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// Where inboxes listen; port 0 picks a free one. 127.0.0.1:4800 without.
    #[arg(long, value_name = "ADDR", env = "HOOKBENCH_CAPTURE")]
    pub(crate) capture: Option<SocketAddr>,
    /// A throw-away workspace filled with a believable day of traffic.
    #[arg(long, conflicts_with = "data")]
    pub(crate) demo: bool,
}
