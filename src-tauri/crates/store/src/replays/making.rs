//! Replays that are being made: of very many originals, the items are written in parts, each in a transaction of its own,
//! and the replay itself with the last of them. What a crash leaves of one that was not made is nobody's.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::Result;
use crate::writer::Write;

/// The keys of those that are being made now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Makings(Arc<Mutex<BTreeSet<i64>>>);

/// One of them, for as long as anything of it is on its way to the writer.
#[derive(Debug, Default)]
pub(super) struct Making {
    all: Makings,
    /// Its key, which its first transaction gives it.
    seq: OnceLock<i64>,
}

impl Makings {
    pub(super) fn begin(&self) -> Arc<Making> {
        Arc::new(Making { all: self.clone(), seq: OnceLock::new() })
    }

    pub(super) fn contains(&self, seq: i64) -> bool {
        self.lock().contains(&seq)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Making {
    /// The key: one that no replay has, no item names, and no other that is being made.
    pub(super) async fn seq(&self, write: &mut Write) -> Result<i64> {
        const HIGHEST: &str = "SELECT max(coalesce((SELECT max(seq) FROM replays), 0), \
                               coalesce((SELECT max(replay_seq) FROM replay_items), 0))";
        if let Some(seq) = self.seq.get() {
            return Ok(*seq);
        }
        let highest: i64 = sqlx::query_scalar(HIGHEST).fetch_one(write.connection().await?).await?;
        let mut all = self.all.lock();
        let seq = *self.seq.get_or_init(|| highest.max(all.last().copied().unwrap_or(0)) + 1);
        all.insert(seq);
        Ok(seq)
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        if let Some(seq) = self.seq.get() {
            self.all.lock().remove(seq);
        }
    }
}
