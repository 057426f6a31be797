use serde::Serialize;
use utoipa::ToSchema;

/// That Hookbench lives, and where.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`.
    pub(crate) status: &'static str,
    /// Hookbench's version.
    pub(crate) version: &'static str,
    /// The origin under which inboxes are: `http://127.0.0.1:4800`.
    pub(crate) capture_origin: String,
    /// The folder that holds the workspace.
    pub(crate) data_dir: String,
    /// Whether the workspace is a demo, thrown away at the end.
    pub(crate) demo: bool,
    /// Names this run of the program; another one means that the change feed began anew.
    pub(crate) boot: String,
    /// The time by the workspace's clock.
    pub(crate) now: super::Time,
}
