use futures::FutureExt as _;
use hookbench_model::{Action, DeliveryId, EventId, Noun, Timestamp};

use super::AT_ONCE;
use crate::columns::{Columns, to_json};
use crate::deliveries::release_held;
use crate::writer::Write;
use crate::{Result, Store};

/// Removes deliveries that ended before that time, with their attempts.
pub(super) async fn purge(store: &Store, before: Timestamp) -> Result<u64> {
    const OLD: &str = "SELECT id, seq FROM deliveries \
                       WHERE id > ? AND id < ? AND completed_at < ? ORDER BY id LIMIT ?";
    let (mut purged, mut after) = (0, vec![0; 16]);
    let until = DeliveryId::lowest_at(before).as_bytes().to_vec();
    loop {
        let old = sqlx::query_as(OLD).bind(&after).bind(&until).bind(before.unix_ms()).bind(AT_ONCE);
        let old: Vec<(Vec<u8>, i64)> = old.fetch_all(store.readers()).await?;
        let Some((last, _)) = old.last() else { return Ok(purged) };
        after.clone_from(last);
        let seqs: Vec<i64> = old.into_iter().map(|(_, seq)| seq).collect();
        purged += store.writer().run(move |write| remove(write, seqs).boxed()).await?.count;
    }
}

/// What was removed.
pub(super) struct Removed {
    pub(super) count: u64,
    /// The events that it was made of.
    pub(super) event_seqs: Vec<i64>,
}

/// Removes those of them that have ended, with their attempts.
pub(super) async fn remove(write: &mut Write, seqs: Vec<i64>) -> Result<Removed> {
    // Counted for the progress of replays: 3 delivered, 4 failed, 5 cancelled.
    const COUNT: &str = "UPDATE replays SET \
         purged_delivered = purged_delivered + (SELECT count(*) FROM deliveries d \
             WHERE d.replay_seq = replays.seq AND d.status = 3 AND d.seq IN (SELECT value FROM json_each(?1))), \
         purged_failed = purged_failed + (SELECT count(*) FROM deliveries d \
             WHERE d.replay_seq = replays.seq AND d.status IN (4, 5) \
             AND d.seq IN (SELECT value FROM json_each(?1))) \
         WHERE seq IN (SELECT d.replay_seq FROM deliveries d WHERE d.seq IN (SELECT value FROM json_each(?1)))";
    const ATTEMPTS: &str = "DELETE FROM attempts WHERE key IN (SELECT a.key FROM json_each(?1) j \
         CROSS JOIN attempts a ON a.key BETWEEN (j.value << 16) AND (j.value << 16) + 65535); \
         DELETE FROM attempt_bodies WHERE key IN (SELECT b.key FROM json_each(?1) j \
         CROSS JOIN attempt_bodies b ON b.key BETWEEN (j.value << 16) AND (j.value << 16) + 65535); \
         DELETE FROM attempt_request_bodies WHERE key IN (SELECT b.key FROM json_each(?1) j \
         CROSS JOIN attempt_request_bodies b ON b.key BETWEEN (j.value << 16) AND (j.value << 16) + 65535)";
    // What was passed on keeps how that ended: 3 answered, 4 failed, 5 given up.
    const RELAYS: &str = "UPDATE request_relays SET state = (SELECT CASE d.status WHEN 3 THEN 3 WHEN 4 THEN 4 ELSE 5 END \
             FROM deliveries d WHERE d.id = request_relays.delivery_id) \
         WHERE state = 1 AND (request_seq, number) IN (SELECT l.request_seq, l.number FROM json_each(?1) j \
             CROSS JOIN deliveries d ON d.seq = j.value CROSS JOIN requests t ON t.id = d.repeats_request \
             CROSS JOIN request_relays l ON l.request_seq = t.seq AND l.delivery_id = d.id)";
    // Somebody may have retried one since it was found: what has not ended stays.
    const DELIVERIES: &str = "DELETE FROM deliveries WHERE seq IN (SELECT value FROM json_each(?)) \
                              RETURNING id, endpoint_seq, event_seq";
    const ENDED: &str = "SELECT seq FROM deliveries WHERE seq IN (SELECT value FROM json_each(?)) \
                         AND completed_at IS NOT NULL";
    let query = sqlx::query_scalar(ENDED).bind(to_json(&seqs)?);
    let ended: Vec<i64> = query.fetch_all(write.connection().await?).await?;
    let seqs = to_json(&ended)?;
    sqlx::query(COUNT).bind(&seqs).execute(write.connection().await?).await?;
    sqlx::query(RELAYS).bind(&seqs).execute(write.connection().await?).await?;
    sqlx::query(ATTEMPTS).bind(&seqs).execute(write.connection().await?).await?;
    let rows = sqlx::query(DELIVERIES).bind(&seqs).fetch_all(write.connection().await?).await?;
    let mut event_seqs = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut columns = Columns::new(row);
        let (id, endpoint_seq) = (DeliveryId::from_bytes(columns.id()?), columns.get()?);
        event_seqs.push(columns.get()?);
        let parent = write.state.endpoint_id(endpoint_seq).map(|id| id.to_string());
        write.changed(Noun::Delivery, Action::Deleted, id, parent, None);
    }
    for id in write.state.held_by_any(&ended) {
        // What held its queue is gone, and nobody could retry or skip it any more.
        release_held(write, id).await?;
    }
    Ok(Removed { count: rows.len() as u64, event_seqs })
}

/// Removes events that were made before that time and have no delivery left.
pub(super) async fn purge_events(store: &Store, before: Timestamp) -> Result<u64> {
    const OLD: &str = "SELECT id, seq FROM events e WHERE id > ? AND id < ? \
                       AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.event_seq = e.seq) \
                       ORDER BY id LIMIT ?";
    let (mut purged, mut after) = (0, vec![0; 16]);
    let until = EventId::lowest_at(before).as_bytes().to_vec();
    loop {
        let old = sqlx::query_as(OLD).bind(&after).bind(&until).bind(AT_ONCE);
        let old: Vec<(Vec<u8>, i64)> = old.fetch_all(store.readers()).await?;
        let Some((last, _)) = old.last() else { return Ok(purged) };
        after.clone_from(last);
        let seqs: Vec<i64> = old.into_iter().map(|(_, seq)| seq).collect();
        purged += store.writer().run(move |write| remove_events(write, seqs).boxed()).await?;
    }
}

/// Removes those of them that have no delivery left.
pub(super) async fn remove_events(write: &mut Write, seqs: Vec<i64>) -> Result<u64> {
    // A replay may have given one a delivery since it was found.
    const REMOVE: &str = "DELETE FROM events WHERE seq IN (SELECT value FROM json_each(?)) \
                          AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.event_seq = events.seq) \
                          RETURNING id, seq";
    const PAYLOADS: &str = "DELETE FROM event_payloads WHERE seq IN (SELECT value FROM json_each(?))";
    let removed = sqlx::query(REMOVE).bind(to_json(&seqs)?).fetch_all(write.connection().await?).await?;
    let mut seqs: Vec<i64> = Vec::with_capacity(removed.len());
    for row in &removed {
        let mut columns = Columns::new(row);
        let id = EventId::from_bytes(columns.id()?);
        seqs.push(columns.get()?);
        write.changed(Noun::Event, Action::Deleted, id, None, None);
    }
    sqlx::query(PAYLOADS).bind(to_json(&seqs)?).execute(write.connection().await?).await?;
    Ok(removed.len() as u64)
}
