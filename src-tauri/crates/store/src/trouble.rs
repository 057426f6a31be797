//! What keeps the store from writing, as its last write knows it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::future::BoxFuture;
use tokio::sync::watch;

use crate::writer::Write;
use crate::{ChangeFeed, Result, StoreError};

/// What keeps the store from writing. It may pass by itself or by somebody's doing, and then writing goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The disk is full.
    Full,
    /// The folder or its files cannot be written to.
    ReadOnly,
    /// Another program keeps the database locked.
    Busy,
    /// The data folder has been moved or removed.
    Gone,
    /// The disk fails.
    Disk,
    /// No more files can be opened.
    NoFiles,
}

impl Trouble {
    /// Its name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "disk_full",
            Self::ReadOnly => "read_only",
            Self::Busy => "database_locked",
            Self::Gone => "folder_gone",
            Self::Disk => "disk_failed",
            Self::NoFiles => "too_many_open_files",
        }
    }
}

/// Whether writing works, told to whoever watches and to the feed.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    now: Arc<watch::Sender<Option<Trouble>>>,
    /// Whether a flush failed: what is committed from there on may be there or not.
    unflushed: Arc<AtomicBool>,
    /// Whether all that the log holds has been brought into the database file since, and the log begins anew.
    brought_in: Arc<AtomicBool>,
    feed: ChangeFeed,
}

impl Condition {
    pub(crate) fn new(feed: ChangeFeed) -> Self {
        Self {
            now: Arc::new(watch::Sender::new(None)),
            unflushed: Arc::default(),
            brought_in: Arc::default(),
            feed,
        }
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Option<Trouble>> {
        self.now.subscribe()
    }

    /// Where changes are told.
    pub(crate) fn feed(&self) -> &ChangeFeed {
        &self.feed
    }

    /// A write went well.
    pub(crate) fn works(&self) {
        self.unflushed.store(false, Ordering::SeqCst);
        self.turn(None);
    }

    /// A write failed; only what is no fault of its own counts.
    pub(crate) fn failed(&self, error: &StoreError) {
        self.met(error.trouble());
    }

    /// A write failed by that; by its own fault where there is none.
    pub(crate) fn met(&self, trouble: Option<Trouble>) {
        if trouble.is_some() {
            self.turn(trouble);
        }
    }

    /// A commit could not be brought to the disk.
    pub(crate) fn not_flushed(&self, error: &StoreError) {
        self.brought_in.store(false, Ordering::SeqCst);
        self.unflushed.store(true, Ordering::SeqCst);
        self.failed(error);
    }

    /// All that the log held is in the database file, and it begins anew: the next flush that goes well says that
    /// writing works again.
    pub(crate) fn brought_in(&self) {
        self.brought_in.store(true, Ordering::SeqCst);
    }

    /// Whether there is a gap in the log before what is written to it now. A system tells once that it could not flush,
    /// and may have forgotten what: flushes go well after that, and a start reads the log to the gap.
    pub(crate) fn is_behind_a_gap(&self) -> bool {
        self.unflushed.load(Ordering::SeqCst) && !self.brought_in.load(Ordering::SeqCst)
    }

    /// What keeps commits from the disk, where a flush failed.
    pub(crate) fn unflushed(&self) -> Option<Trouble> {
        let unflushed = self.unflushed.load(Ordering::SeqCst);
        unflushed.then(|| self.now.borrow().unwrap_or(Trouble::Disk))
    }

    /// Whether another program keeps the database locked.
    pub(crate) fn is_busy(&self) -> bool {
        *self.now.borrow() == Some(Trouble::Busy)
    }

    /// Waits for as long as writing works.
    pub(crate) async fn troubled(&self) {
        // The sender stands here, so it is never gone.
        let _ = self.watch().wait_for(Option::is_some).await;
    }

    fn turn(&self, trouble: Option<Trouble>) {
        let turned = self.now.send_if_modified(|now| {
            let turned = *now != trouble;
            *now = trouble;
            turned
        });
        if !turned {
            return;
        }
        if let Some(trouble) = trouble {
            tracing::warn!(trouble = trouble.as_str(), "the workspace cannot be written to");
        } else {
            tracing::info!("the workspace can be written to again");
        }
        self.feed.tell_health();
    }
}

/// Writes something and takes it back in one transaction.
pub(crate) fn trial(write: &mut Write) -> BoxFuture<'_, Result<()>> {
    const PUT: &str = "INSERT INTO idempotency (key, scope, fingerprint, status, response, created_at) \
                       VALUES ('', '', x'', 0, x'', 0)";
    const TAKE_BACK: &str = "DELETE FROM idempotency WHERE key = '' AND scope = ''";
    Box::pin(async {
        sqlx::query(PUT).execute(write.connection().await?).await?;
        sqlx::query(TAKE_BACK).execute(write.connection().await?).await?;
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use hookbench_model::Noun;

    use super::*;
    use crate::Feed;

    #[tokio::test]
    async fn each_turn_is_told_once_and_a_job_s_own_fault_is_none() {
        let feed = ChangeFeed::new();
        let condition = Condition::new(feed.clone());
        let mut told = feed.subscribe();
        condition.works();
        condition.failed(&StoreError::Panicked);
        condition.failed(&StoreError::Full);
        condition.failed(&StoreError::Full);
        assert_eq!(*condition.watch().borrow(), Some(Trouble::Full));
        condition.troubled().await;
        condition.works();
        condition.works();
        assert_eq!(*condition.watch().borrow(), None);
        for _ in 0..2 {
            assert!(matches!(told.next().await, Feed::Change(change) if change.noun == Noun::Health));
        }
        assert_eq!(feed.last_sequence(), 2);
    }
}
