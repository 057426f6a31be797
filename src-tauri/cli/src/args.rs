//! The command line, as clap reads it.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use hookbench_workbench::KeySource;

use crate::commands::{
    certificate, clock, deliveries, endpoints, events, export, faults, filters, import, inboxes, listen,
    providers, requests, retry, schedule, schemes, send, settings, shapes, signatures,
};

/// Send webhooks as real providers do, capture those that others send, replay either.
#[derive(Parser)]
#[command(name = "hookbench", version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Args)]
pub(crate) struct Common {
    /// The data folder; the platform's data folder where not given
    #[arg(long, global = true, value_name = "DIR", env = "HOOKBENCH_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// Where the key of a new workspace's secrets is kept: in the system's `keychain`, where there is one, or
    /// in a `file` of the data folder
    #[arg(long, global = true, value_name = "PLACE", env = "HOOKBENCH_KEYS", default_value = "keychain")]
    pub(crate) keys: KeySource,
    /// Print JSON: one value, or one a line for lists
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run the workspace without a window: API and UI, capture, delivery
    Serve(ServeArgs),
    /// Send an event
    Send(send::SendArgs),
    /// Capture what arrives and print it; forward it where wanted
    Listen(listen::ListenArgs),
    /// Where events are delivered to
    Endpoints {
        #[command(subcommand)]
        verb: endpoints::Verb,
    },
    /// What happened
    Events {
        #[command(subcommand)]
        verb: events::Verb,
    },
    /// Events on their way, and how each attempt went
    Deliveries {
        #[command(subcommand)]
        verb: deliveries::Verb,
    },
    /// Retry deliveries: by id, or all that a filter matches
    Retry(retry::RetryArgs),
    /// How time goes; in a demo workspace, pause it, hasten it or jump
    Clock(clock::ClockArgs),
    /// Local URLs that fail as they are told to, to try a policy out
    Faults {
        #[command(subcommand)]
        verb: faults::Verb,
    },
    /// Local URLs that capture
    Inboxes {
        #[command(subcommand)]
        verb: inboxes::Verb,
    },
    /// What inboxes captured
    Requests {
        #[command(subcommand)]
        verb: requests::Verb,
    },
    /// Filters for captured requests that have names: `hookbench requests list --saved NAME` uses one
    Filters {
        #[command(subcommand)]
        verb: Option<filters::Verb>,
    },
    /// Read requests from a file of another tool into an inbox
    Import(import::ImportArgs),
    /// Write captured requests to a file
    Export(Box<export::ExportArgs>),
    /// Sign a message by a scheme
    Sign(signatures::SignArgs),
    /// Verify a signature, and say why it fails
    Verify(signatures::VerifyArgs),
    /// The provider profiles
    Providers {
        #[command(subcommand)]
        verb: Option<providers::Verb>,
    },
    /// The certificate that inboxes show over TLS: what it says, how it comes to be trusted, one's own
    Certificate {
        #[command(subcommand)]
        verb: Option<certificate::Verb>,
    },
    /// The workspace's settings; with an option, change them
    Settings(settings::SettingsArgs),
    /// Draw a plan: when a delivery would be attempted, if every attempt failed at once
    Schedule(Box<schedule::ScheduleArgs>),
    /// The signature schemes, and receivers that verify them
    Schemes {
        #[command(subcommand)]
        verb: Option<schemes::Verb>,
    },
    /// What bodies look like, and which captured requests differ from that
    Shapes {
        #[command(subcommand)]
        verb: Option<shapes::Verb>,
    },
    /// Print the completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the OpenAPI document of the contract
    #[command(hide = true)]
    Openapi,
}

/// What `serve` takes.
#[derive(Args)]
pub(crate) struct ServeArgs {
    /// Where API and UI listen; port 0 picks one
    #[arg(long, value_name = "ADDR", env = "HOOKBENCH_API", default_value = "127.0.0.1:4700")]
    pub(crate) api: SocketAddr,
    /// Where inboxes listen; port 0 picks one
    #[arg(long, value_name = "ADDR", env = "HOOKBENCH_CAPTURE", default_value = "127.0.0.1:4800")]
    pub(crate) capture: SocketAddr,
    /// Use a workspace filled with a day of traffic, whose time can be paused, hastened and moved; it is thrown away at
    /// the end unless `--data` names a folder of its own
    #[arg(long)]
    pub(crate) demo: bool,
    /// A name or address by which the API may be called, as `hooks.lan` or `hooks.lan:8080`, besides where it listens;
    /// may be given again
    #[arg(long = "host", value_name = "HOST", value_parser = host)]
    pub(crate) hosts: Vec<String>,
    /// How the log on standard error is written: for people, or as one JSON object a line
    #[arg(long, value_name = "FORMAT", env = "HOOKBENCH_LOG_FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,
}

/// What a `Host` header may say.
fn host(text: &str) -> Result<String, String> {
    let authority: http::uri::Authority = text.parse().map_err(|error| format!("{error}"))?;
    if authority.as_str().contains('@') || authority.host().is_empty() {
        return Err("write a name or an address, with a port or without".to_owned());
    }
    Ok(text.to_ascii_lowercase())
}

/// How a log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// How much of a list.
#[derive(Args, Clone, Debug)]
pub(crate) struct Limit {
    /// How many rows at most, newest first
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
}

impl Limit {
    pub(crate) fn rows(&self) -> usize {
        usize::try_from(self.limit).unwrap_or(usize::MAX)
    }
}

/// When: a time, or so long ago.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Span {
    /// At or after this time: RFC 3339, or so long ago (`90s`, `15m`, `2h`, `7d`)
    #[arg(long, value_name = "TIME", value_parser = crate::span::parse)]
    pub(crate) since: Option<crate::span::When>,
    /// Before this time, likewise
    #[arg(long, value_name = "TIME", value_parser = crate::span::parse)]
    pub(crate) until: Option<crate::span::When>,
}
