use hookbench_model::{Stats, Timestamp};

use crate::{Result, Store};

/// Counts for the overview.
#[derive(Clone, Debug)]
pub struct StatsStore {
    pub(crate) store: Store,
}

impl StatsStore {
    /// What happened from `since` to `until`, and what is under way. Attempts are counted in whole
    /// minutes: `since` is rounded down to one and `bucket_ms` up to a number of them, and the answer
    /// says so. Percentiles are right to within 7 %. At most 1,000 buckets are given: a `bucket_ms` that
    /// would make more is raised.
    pub async fn read(&self, since: Timestamp, until: Timestamp, bucket_ms: u64) -> Result<Stats> {
        let _ = (since, until, bucket_ms);
        unimplemented!()
    }
}
