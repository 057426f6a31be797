//! What was attempted before Hookbench began, or before a rule was set, for the rules that look at a window.

use std::time::Duration;

use hookbench_model::{EndpointId, Timestamp};
use hookbench_store::StoreError;

use super::Shared;
use crate::plan::{FailureWindow, Recent};

/// What is counted together.
const MINUTE: Duration = Duration::from_mins(1);

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

/// Has the rates of endpoints that have become known go on where they stood: a start gives no burst. What an endpoint was
/// sent is known by the minute, so it may wait for one longer than it need, and never goes too fast.
pub(super) async fn measure(shared: &Shared) {
    let wanting = shared.lanes().take_unmeasured();
    for (id, fills_for_ms) in wanting {
        let now = shared.clock.now();
        #[expect(clippy::cast_possible_truncation, reason = "what lies too far back is looked for in vain")]
        let since = now.plus_ms(-(fills_for_ms.ceil() as i64));
        let newest = match shared.store.stats().newest_minute(id, since).await {
            Ok(newest) => newest,
            Err(error) => {
                tracing::warn!(endpoint = %id, %error, "when it was sent to last could not be read");
                Some(now)
            }
        };
        if let Some(start) = newest {
            shared.lanes().measure(id, start.plus(MINUTE), now);
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
