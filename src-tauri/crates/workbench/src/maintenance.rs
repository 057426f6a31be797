//! Housekeeping from time to time: retention, and what the database wants.

use std::time::Duration;

use hookbench_store::StoreError;
use tokio_util::sync::CancellationToken;

use crate::Workbench;

/// How long after the start it happens first, and between two times, in milliseconds.
const FIRST_AFTER_MS: i64 = 60_000;
const EVERY_MS: i64 = 10 * 60_000;
/// The rest between two times in a demo, in real time: its days may last less than a second.
const DEMO_REST: Duration = Duration::from_millis(250);

/// How often what inboxes keep is looked at, in real time: a busy one takes thousands of requests a second.
const INBOXES_EVERY: Duration = Duration::from_secs(5);

/// Holds inboxes to what they keep until it is stopped.
pub(crate) async fn run_inboxes(workbench: Workbench, stopping: CancellationToken) {
    let mut seen = 0;
    while stopping.run_until_cancelled(tokio::time::sleep(INBOXES_EVERY)).await.is_some() {
        let captured = workbench.store().stats().tallied().captured.iter().map(|(_, count)| count).sum();
        let purged = workbench.store().maintenance().purge_requests(workbench.now(), captured != seen).await;
        match purged {
            Ok(_) => seen = captured,
            Err(StoreError::Closed) => return,
            // The housekeeping says so, and this tries again.
            Err(error) => tracing::debug!(%error, "what inboxes keep could not be looked at"),
        }
    }
}

/// Keeps house until it is stopped.
pub(crate) async fn run(workbench: Workbench, stopping: CancellationToken) {
    let mut at = workbench.now().plus_ms(FIRST_AFTER_MS);
    while stopping.run_until_cancelled(workbench.clock().sleep_until(at)).await.is_some() {
        match once(&workbench).await {
            Ok(()) => {}
            Err(StoreError::Closed) => return,
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "housekeeping failed; it is tried again"
                );
            }
        }
        if workbench.is_demo() {
            tokio::time::sleep(DEMO_REST).await;
        }
        at = workbench.now().plus_ms(EVERY_MS);
    }
}

async fn once(workbench: &Workbench) -> Result<(), StoreError> {
    let maintenance = workbench.store().maintenance();
    let purged = maintenance.purge(workbench.now()).await?;
    if purged.requests + purged.deliveries + purged.events + purged.replays > 0 {
        tracing::info!(
            requests = purged.requests,
            deliveries = purged.deliveries,
            events = purged.events,
            replays = purged.replays,
            "removed what retention no longer keeps"
        );
    }
    maintenance.optimize().await
}
