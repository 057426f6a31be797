//! A believable day of traffic for a throw-away workspace.
//!
//! The day is played, not painted: events are composed by the profiles, attempts are built and signed by the
//! delivery engine's own functions, and its plan decides what follows each. Only the receivers are actors.
//! Afterwards the workspace is like any other, and what is still due goes out for real.

mod actors;
mod arrival;
mod cast;
mod day;
mod roles;
mod strangers;
mod visitors;

use crate::Workbench;
use crate::error::Result;

/// How long the day is, in milliseconds.
const DAY_MS: i64 = 24 * 3600 * 1000;

/// Fills an empty workspace with the 24 hours before now.
pub async fn seed(workbench: &Workbench) -> Result<()> {
    let cast = cast::appear(workbench).await?;
    day::play(workbench, &cast).await?;
    visitors::call(workbench, &cast).await?;
    strangers::call(workbench, &cast).await
}
