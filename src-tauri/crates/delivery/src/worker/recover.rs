use std::sync::Arc;

use futures::StreamExt as _;
use hookbench_store::StoreError;

use super::look::refresh;
use super::record::{FIRST_PAUSE, longer};
use super::{Shared, attempt};

/// How many records of what a crash left are under way at once.
const RECOVERING: usize = 256;

/// Records everything that an earlier run left in flight as interrupted.
pub(super) async fn recover(shared: &Arc<Shared>) {
    let mut pause = FIRST_PAUSE;
    let left = loop {
        let read = async {
            refresh(shared).await?;
            let deliveries = shared.store.deliveries();
            if let Some(newest) = deliveries.newest().await? {
                // A clock that shows less was set back while Hookbench was stopped.
                shared.watch.known(newest);
            }
            deliveries.in_flight().await
        };
        match read.await {
            Ok(left) => break left,
            Err(StoreError::Closed) => return,
            Err(error) => {
                tracing::warn!(%error, pause_ms = pause.as_millis(), "deliveries in flight could not be read");
            }
        }
        tokio::time::sleep(pause).await;
        pause = longer(pause);
    };
    if !left.is_empty() {
        let (mut lanes, now) = (shared.lanes(), shared.clock.now());
        for id in left.iter().filter_map(|claimed| claimed.delivery.target.lane()) {
            // It may have gone out at the last moment.
            lanes.measure(id, now, now);
        }
        drop(lanes);
        tracing::info!(count = left.len(), "attempts were interrupted by the end of an earlier run");
    }
    futures::stream::iter(left)
        .for_each_concurrent(RECOVERING, |claimed| {
            let known = claimed.delivery.target.endpoint_id().and_then(|id| shared.lanes().get(id));
            attempt::recover(shared, claimed, known)
        })
        .await;
}
