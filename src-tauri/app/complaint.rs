//! Saying why the window cannot be.

use std::error::Error;
use std::io::{self, IsTerminal as _, Write as _};

use hookbench_workbench::WorkbenchError;

use crate::display::NoDisplay;

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Complaint {
    #[error(transparent)]
    Display(#[from] NoDisplay),
    #[error("the program's threads could not be started")]
    Threads(#[from] io::Error),
    #[error(transparent)]
    Workspace(#[from] WorkbenchError),
    #[error("the workspace's opening broke off")]
    Broken(#[from] tokio::task::JoinError),
    #[error("the window could not be made")]
    Window(#[from] tauri::Error),
}

impl Complaint {
    /// The error and what lies under it, in one line.
    pub(crate) fn in_full(&self) -> String {
        let mut text = self.to_string();
        let mut source = self.source();
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        text
    }
}

/// Tells it on standard error.
pub(crate) fn tell(complaint: &Complaint) {
    // With standard error closed there is nobody to tell.
    let _ = writeln!(io::stderr(), "hookbench-desktop: {}", complaint.in_full());
}

/// Whether the person who started the program would not see standard error, and is there to press OK.
pub(crate) fn needs_dialog() -> bool {
    !io::stderr().is_terminal() && std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_none()
}
