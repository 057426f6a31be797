mod deliveries;
mod requests;
mod size;

use futures::FutureExt as _;
use hookbench_model::Timestamp;

use crate::writer::Write;
use crate::{Result, Store, idempotency, replays};

/// How many rows one transaction removes.
const AT_ONCE: i64 = 500;
/// How many pages one transaction gives back: 8 MiB.
const PAGES_AT_ONCE: i64 = 512;
/// How long attempts stay counted for the overview, in milliseconds: a year.
const COUNTS_KEPT_MS: i64 = 365 * 24 * 3600 * 1000;

/// Retention and housekeeping. Works a part at a time, so that other writes get their turn.
#[derive(Clone, Debug)]
pub struct Maintenance {
    pub(crate) store: Store,
}

/// What retention removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Captured requests.
    pub requests: u64,
    /// Deliveries, with their attempts.
    pub deliveries: u64,
    /// Events without any delivery left.
    pub events: u64,
    /// Replays that had ended, without any delivery left.
    pub replays: u64,
    /// Kept answers that had expired.
    pub idempotency: u64,
}

impl Maintenance {
    /// Removes what the inboxes' retention, the settings and the 24 hours of kept answers no longer hold.
    /// Pinned requests stay, and deliveries that have not ended.
    pub async fn purge(&self, now: Timestamp) -> Result<Purged> {
        let mut purged = Purged::default();
        replays::purge_items(&self.store).await?;
        purged.requests = self.purge_requests(now, true).await?;
        let settings = self.store.settings().get().await?;
        if let Some(age) = settings.delivery_max_age_ms {
            let before = now.plus_ms(-crate::columns::signed(age));
            purged.deliveries = deliveries::purge(&self.store, before).await?;
            purged.events = deliveries::purge_events(&self.store, before).await?;
            purged.replays = replays::purge_ended(&self.store, before).await?;
        }
        if let Some(most) = settings.log_max_bytes {
            size::purge(&self.store, most, now, &mut purged).await?;
        }
        purged.idempotency = self.store.writer().run(move |write| expire(write, now).boxed()).await?;
        Ok(purged)
    }

    /// Removes what the inboxes' retention no longer holds; gives how much that was. How many there are is looked at
    /// only where more may have come, since that takes the longer the more are kept.
    pub async fn purge_requests(&self, now: Timestamp, more_came: bool) -> Result<u64> {
        let mut purged = 0;
        for inbox in self.store.inboxes().all().await? {
            purged += requests::purge(&self.store, &inbox, now, more_came).await?;
        }
        Ok(purged)
    }

    /// Gives the space of what was removed back to the file system.
    pub async fn optimize(&self) -> Result<()> {
        while self.store.writer().run(|write| shrink(write).boxed()).await? > 0 {}
        Ok(())
    }
}

async fn expire(write: &mut Write, now: Timestamp) -> Result<u64> {
    const ANSWERS: &str = "DELETE FROM idempotency WHERE created_at <= ?";
    const COUNTS: &str = "DELETE FROM attempt_counts WHERE minute < ?";
    let oldest_minute = now.plus_ms(-COUNTS_KEPT_MS).unix_ms().div_euclid(60_000);
    sqlx::query(COUNTS).bind(oldest_minute).execute(write.connection().await?).await?;
    let expire = sqlx::query(ANSWERS).bind(idempotency::expired_by(now));
    Ok(expire.execute(write.connection().await?).await?.rows_affected())
}

/// Gives back some free pages; gives how many are still free, 0 where none could be given back.
async fn shrink(write: &mut Write) -> Result<i64> {
    let before = free_pages(write).await?;
    if before == 0 {
        return Ok(0);
    }
    let shrink = sqlx::AssertSqlSafe(format!("PRAGMA incremental_vacuum({PAGES_AT_ONCE})"));
    sqlx::query(shrink).execute(write.connection().await?).await?;
    let after = free_pages(write).await?;
    Ok(if after < before { after } else { 0 })
}

async fn free_pages(write: &mut Write) -> Result<i64> {
    Ok(sqlx::query_scalar("PRAGMA freelist_count").fetch_one(write.connection().await?).await?)
}
