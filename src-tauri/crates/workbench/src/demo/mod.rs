//! A believable day of traffic for a throw-away workspace.

use crate::Workbench;
use crate::error::Result;

/// Fills a workspace.
pub async fn seed(workbench: &Workbench) -> Result<()> {
    let _ = workbench;
    Ok(())
}
