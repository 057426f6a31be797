//! What is left of replays that have ended: their items at once, and they themselves with their deliveries.

use futures::FutureExt as _;
use hookbench_model::{Action, Noun, ReplayId, Timestamp};

use super::items::A_PART;
use super::making::Makings;
use crate::columns::{Columns, signed};
use crate::writer::Write;
use crate::{Result, Store};

/// From one replay that has items to the next along the index: those that have ended, or never were.
const USELESS: &str = "WITH RECURSIVE held(seq) AS ( \
         SELECT min(replay_seq) FROM replay_items \
         UNION ALL SELECT (SELECT min(i.replay_seq) FROM replay_items i WHERE i.replay_seq > held.seq) \
         FROM held WHERE held.seq IS NOT NULL) \
     SELECT h.seq FROM held h LEFT JOIN replays r ON r.seq = h.seq \
     WHERE h.seq IS NOT NULL AND (r.seq IS NULL OR r.completed_at IS NOT NULL)";

/// Removes the items of replays that have ended, which nobody asks for any more, and those that a crash left of one that
/// was being made; a part at a time.
pub(crate) async fn items(store: &Store) -> Result<()> {
    loop {
        let found: Vec<i64> = sqlx::query_scalar(USELESS).fetch_all(store.readers()).await?;
        let makings = store.inner.makings.clone();
        if found.is_empty() || store.writer().run(move |write| a_part(write, makings).boxed()).await? == 0 {
            return Ok(());
        }
    }
}

/// One that is being made has items and is not there yet: that is known for certain only between two transactions.
async fn a_part(write: &mut Write, makings: Makings) -> Result<u64> {
    const REMOVE: &str = "DELETE FROM replay_items WHERE replay_seq = ?1 AND position IN ( \
                          SELECT position FROM replay_items WHERE replay_seq = ?1 ORDER BY position LIMIT ?2)";
    let found: Vec<i64> = sqlx::query_scalar(USELESS).fetch_all(write.connection().await?).await?;
    let Some(seq) = found.into_iter().find(|seq| !makings.contains(*seq)) else { return Ok(0) };
    let remove = sqlx::query(REMOVE).bind(seq).bind(signed(A_PART as u64));
    Ok(remove.execute(write.connection().await?).await?.rows_affected())
}

/// Removes replays that ended before that time and of whose deliveries none is left.
pub(crate) async fn ended(store: &Store, before: Timestamp) -> Result<u64> {
    store.writer().run(move |write| remove(write, before).boxed()).await
}

async fn remove(write: &mut Write, before: Timestamp) -> Result<u64> {
    const REMOVE: &str = "DELETE FROM replays WHERE completed_at < ? \
         AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.replay_seq = replays.seq) \
         AND NOT EXISTS (SELECT 1 FROM replay_items i WHERE i.replay_seq = replays.seq) RETURNING id";
    let rows = sqlx::query(REMOVE).bind(before.unix_ms()).fetch_all(write.connection().await?).await?;
    for row in &rows {
        let id = ReplayId::from_bytes(Columns::new(row).id()?);
        write.changed(Noun::Replay, Action::Deleted, id, None, None);
    }
    Ok(rows.len() as u64)
}
