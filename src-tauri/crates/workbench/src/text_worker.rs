//! The worker that has what was captured written into the index of texts, behind the capturing and apart from it.
//!
//! It goes by a mark on disk, as the learning of shapes does. While others write it rests for most of the time: what is not
//! in the index yet is found all the same, by looking at it.

use std::time::Duration;

use hookbench_store::{Pace, StoreError};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::Workbench;
use crate::shape_worker::captured;

/// Between two looks for what was captured, in real time: what arrives one by one is written together.
const REST: Duration = Duration::from_millis(500);
/// After an error.
const PAUSE: Duration = Duration::from_secs(5);

/// Writes until it is stopped.
pub(crate) async fn run(workbench: Workbench, stopping: CancellationToken) {
    let mut changes = workbench.changes().subscribe();
    let store = workbench.store().clone();
    let commits = || store.stats().tallied().commits;
    let (mut pace, mut ended) = (Pace::new(commits()), Instant::now());
    loop {
        let began = Instant::now();
        let (more, rest) = match store.requests().fill_text().await {
            Ok(filled) => {
                let passed = ended.elapsed();
                ended = Instant::now();
                let rest = pace.rest(filled.transactions, commits(), began.elapsed(), passed);
                let more = filled.requests > 0 && filled.behind > 0;
                (more, if more { rest } else { rest.max(REST) })
            }
            Err(StoreError::Closed) => return,
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the index of texts could not be written; it is tried again"
                );
                (true, PAUSE)
            }
        };
        let wait = async {
            let goes_on = more || captured(&mut changes).await;
            tokio::time::sleep(rest).await;
            goes_on
        };
        match stopping.run_until_cancelled(wait).await {
            Some(true) => {}
            Some(false) | None => return,
        }
    }
}
