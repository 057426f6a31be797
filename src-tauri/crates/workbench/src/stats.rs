use hookbench_model::{DueNow, Stats, Timestamp};

use crate::Workbench;
use crate::error::{Faults, Result};

const DAY_MS: i64 = 24 * 3600 * 1000;
/// How many buckets a stretch has unless somebody says otherwise.
const USUAL_BUCKETS: i64 = 48;
/// The most buckets of one answer.
const MOST_BUCKETS: i64 = 1000;

/// What happened in a stretch of time, and what is before the engine.
#[derive(Clone, Debug)]
pub struct StatsSeen {
    /// The counts.
    pub stats: Stats,
    /// What is due already.
    pub due_now: DueNow,
}

impl Workbench {
    /// What happened in a stretch of time (the last day unless given) in buckets of `bucket_ms`, and what is
    /// under way now.
    pub async fn stats(
        &self,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        bucket_ms: Option<u64>,
    ) -> Result<StatsSeen> {
        let until = until.unwrap_or_else(|| self.now());
        let since = since.unwrap_or_else(|| until.plus_ms(-DAY_MS));
        let stretch = until.ms_since(since);
        let mut faults = Faults::default();
        faults
            .unless(stretch > 0, "since", || "must be before `until`, which is now unless given".to_owned());
        let bucket_ms =
            bucket_ms.map_or(stretch / USUAL_BUCKETS, |ms| i64::try_from(ms).unwrap_or(i64::MAX)).max(1);
        faults.unless(stretch <= 0 || stretch / bucket_ms < MOST_BUCKETS, "bucket_ms", || {
            format!(
                "makes more than {MOST_BUCKETS} buckets of this stretch: give at least {}",
                stretch / MOST_BUCKETS + 1
            )
        });
        faults.finish()?;
        let mut stats = self.store().stats().read(since, until, bucket_ms.unsigned_abs()).await?;
        let probes = self.probes().await;
        if !probes.is_empty() {
            stats.next_attempt_at = self.store().deliveries().next_due_behind(&probes).await?;
        }
        Ok(StatsSeen { stats, due_now: self.due_now().await? })
    }
}
