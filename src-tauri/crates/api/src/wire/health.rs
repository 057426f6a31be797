use hookbench_workbench::{Reached, Trouble};
use serde::Serialize;
use utoipa::ToSchema;

use super::ReceiverTls;
use crate::problem::trouble_in_words;

/// That Hookbench lives, and where.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`.
    pub(crate) status: &'static str,
    /// Hookbench's version.
    pub(crate) version: &'static str,
    /// The origin under which inboxes are: `http://127.0.0.1:4800`.
    pub(crate) capture_origin: String,
    /// From where inboxes are reached now.
    pub(crate) reach: HealthReach,
    /// The folder that holds the workspace.
    pub(crate) data_dir: String,
    /// Whether the workspace is a demo: thrown away at the end unless its folder was named.
    pub(crate) demo: bool,
    /// Names this run of the program; another one means that the change feed began anew.
    pub(crate) boot: String,
    /// The time by the workspace's clock.
    pub(crate) now: super::Time,
    /// How many captured requests the index of texts does not have yet: they are found all the same, by looking through
    /// each. Null where the data folder does not say in time.
    #[schema(required)]
    pub(crate) text_backlog: Option<u64>,
    /// What keeps Hookbench from writing to its data folder; null while nothing does. What it cannot write down it
    /// refuses, and it goes on by itself once it can.
    #[schema(required)]
    pub(crate) trouble: Option<HealthTrouble>,
}

/// From where inboxes are reached now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HealthReach {
    /// Whether other machines reach them, by the setting or by the address that Hookbench was started with.
    exposed: bool,
    /// Every origin under which they are, in clear and over TLS, those of this machine first.
    origins: Vec<String>,
    /// Whose certificate is shown over TLS.
    tls: ReceiverTls,
    /// Where the settings want something that could not be done, why, as a sentence; Hookbench tries again by itself.
    #[schema(required)]
    problem: Option<String>,
}

impl From<Reached> for HealthReach {
    fn from(Reached { exposed, origins, tls, problem }: Reached) -> Self {
        Self { exposed, origins, tls: tls.into(), problem }
    }
}

/// What keeps Hookbench from writing to its data folder.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HealthTrouble {
    /// Which trouble it is.
    kind: TroubleKind,
    /// The same as sentences, with what mends it.
    message: &'static str,
    /// Attempts that have ended and wait to be written down; meanwhile nothing else is sent.
    unrecorded: usize,
}

/// Kinds of trouble with the data folder.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TroubleKind {
    /// The disk is full.
    DiskFull,
    /// The folder or its files cannot be written to.
    ReadOnly,
    /// Another program keeps the database locked.
    DatabaseLocked,
    /// The folder has been moved or removed.
    FolderGone,
    /// The disk fails.
    DiskFailed,
    /// No more files can be opened.
    TooManyOpenFiles,
}

impl HealthTrouble {
    pub(crate) fn new(trouble: Trouble, unrecorded: usize) -> Self {
        let kind = match trouble {
            Trouble::Full => TroubleKind::DiskFull,
            Trouble::ReadOnly => TroubleKind::ReadOnly,
            Trouble::Busy => TroubleKind::DatabaseLocked,
            Trouble::Gone => TroubleKind::FolderGone,
            Trouble::Disk => TroubleKind::DiskFailed,
            Trouble::NoFiles => TroubleKind::TooManyOpenFiles,
        };
        Self { kind, message: trouble_in_words(trouble), unrecorded }
    }
}
