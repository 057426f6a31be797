//! What was attempted before Hookbench began, or before a rule was set, for the rules that look at a window.

use std::time::Duration;

use hookbench_model::{EndpointId, Timestamp};
use hookbench_store::StoreError;

use super::Shared;
use crate::plan::{FailureWindow, Recent};

/// Fills the windows of the endpoints that have become known, or whose rule has come to look at one: from what the
/// store has counted by the minute. So a restart forgets nothing, and a rule that is new judges by what is known;
/// within the first window after either, tries by hand count too, and a slice is as long as a minute at least.
pub(super) async fn recall(shared: &Shared) {
    let wanting = shared.lanes().take_unrecalled();
    for (id, window_ms) in wanting {
        match read(shared, id, window_ms, shared.clock.now()).await {
            Ok(window) => shared.lanes().recall(id, window),
            // The rule then judges by what is attempted from now on.
            Err(error) => tracing::warn!(endpoint = %id, %error, "its last attempts could not be counted"),
        }
    }
}

async fn read(
    shared: &Shared,
    id: EndpointId,
    window_ms: u64,
    now: Timestamp,
) -> Result<FailureWindow, StoreError> {
    let since = now.plus_ms(-i64::try_from(window_ms).unwrap_or(i64::MAX));
    let mut window = FailureWindow::default();
    for minute in shared.store.stats().recent(id, since).await? {
        let counted = Recent { attempts: minute.attempts, failures: minute.failures };
        // The newest minute may end after now; what is in it has happened.
        let end = minute.start.plus(Duration::from_millis(59_999));
        window.add(end.min(now), counted, window_ms);
    }
    Ok(window)
}
