//! One command, one file.

pub(crate) mod certificate;
pub(crate) mod clock;
pub(crate) mod deliveries;
pub(crate) mod endpoints;
pub(crate) mod events;
pub(crate) mod export;
pub(crate) mod faults;
pub(crate) mod filters;
pub(crate) mod import;
mod inbox_access;
mod inbox_edit;
mod inbox_rules;
pub(crate) mod inboxes;
pub(crate) mod listen;
mod listen_relay;
mod listeners;
mod policy;
mod policy_words;
pub(crate) mod providers;
mod relay_args;
pub(crate) mod requests;
mod retries;
pub(crate) mod retry;
pub(crate) mod schedule;
pub(crate) mod schemes;
pub(crate) mod secrets;
pub(crate) mod send;
pub(crate) mod serve;
pub(crate) mod settings;
pub(crate) mod shapes;
mod signals;
pub(crate) mod signatures;

use std::path::PathBuf;

use crate::client::Client;
use crate::output::Form;

/// What a command works with.
pub(crate) struct Context {
    /// The way to the workspace.
    pub(crate) client: Client,
    /// The workspace's data folder.
    pub(crate) data_dir: PathBuf,
    /// How to print.
    pub(crate) form: Form,
    /// The time, for ages on the command line.
    pub(crate) now: chrono::DateTime<chrono::Utc>,
}
