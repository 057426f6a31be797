//! Deliveries whose time to live is over end, wherever they wait.

use hookbench_model::{DeliveryId, DeliveryStatus, EndedBecause, Timestamp};

use super::Claimed;
use super::finish::current;
use super::hold::release_held;
use crate::Result;
use crate::alerts::{self, By};
use crate::columns::{Columns, to_json};
use crate::stats::Counts;
use crate::writer::Write;

/// How many a sweep ends at most, so that a claim is not kept waiting.
const AT_ONCE: i64 = 500;

/// Ends those that have expired by `now`, as many as one sweep takes; whether there may be more. It costs nothing while
/// none has.
pub(super) async fn sweep(write: &mut Write, now: Timestamp) -> Result<bool> {
    // One that is under way (1) ends with its attempt.
    const OVER: &str = "SELECT seq FROM deliveries INDEXED BY deliveries_expiring \
                        WHERE expires_at IS NOT NULL AND completed_at IS NULL AND expires_at <= ? \
                        AND status <> 1 ORDER BY expires_at LIMIT ?";
    if write.state.board().next_expiry().is_none_or(|at| at > now) {
        return Ok(false);
    }
    write.state.touch();
    let over = sqlx::query_scalar(OVER).bind(now.unix_ms()).bind(AT_ONCE);
    let over: Vec<i64> = over.fetch_all(write.connection().await?).await?;
    end(write, &over, now).await?;
    if i64::try_from(over.len()).unwrap_or(i64::MAX) >= AT_ONCE {
        return Ok(true);
    }
    look_ahead(write, now).await?;
    Ok(false)
}

/// Looks up when the next expires: what would have expired first may have ended otherwise.
pub(super) async fn look_ahead(write: &mut Write, now: Timestamp) -> Result<()> {
    // Those under way are looked for again when they are claimed no more.
    const NEXT: &str = "SELECT min(expires_at) FROM deliveries INDEXED BY deliveries_expiring \
                        WHERE expires_at IS NOT NULL AND completed_at IS NULL AND expires_at > ?";
    write.state.touch();
    let next: Option<i64> =
        sqlx::query_scalar(NEXT).bind(now.unix_ms()).fetch_one(write.connection().await?).await?;
    write.state.board_mut().set_expiry(next.map(Timestamp::from_unix_ms));
    Ok(())
}

/// Ends those of a claim that had expired and no sweep had come to; gives how many there are.
pub(super) async fn end_claimed(write: &mut Write, dead: &[Claimed], now: Timestamp) -> Result<usize> {
    if dead.is_empty() {
        return Ok(0);
    }
    let ids: Vec<DeliveryId> = dead.iter().map(|claimed| claimed.delivery.id).collect();
    let seqs: Vec<i64> = current(write, &ids).await?.values().map(|known| known.seq).collect();
    end(write, &seqs, now).await?;
    Ok(dead.len())
}

async fn end(write: &mut Write, seqs: &[i64], now: Timestamp) -> Result<()> {
    // 4 failed, because of 2, expired.
    const END: &str = "UPDATE deliveries SET status = 4, next_attempt_at = NULL, resume_at = NULL, \
                       completed_at = ?2, ended_because = 2 \
                       WHERE seq IN (SELECT value FROM json_each(?1)) \
                       RETURNING id, seq, kind, endpoint_seq, lane, is_test, trigger";
    if seqs.is_empty() {
        return Ok(());
    }
    let end = sqlx::query(END).bind(to_json(&seqs)?).bind(now.unix_ms());
    let rows = end.fetch_all(write.connection().await?).await?;
    let (mut counts, mut happenings) = (Counts::default(), Vec::new());
    for row in &rows {
        let mut columns = Columns::new(row);
        let id = DeliveryId::from_bytes(columns.id()?);
        let (seq, kind, endpoint_seq, lane) =
            (columns.get()?, columns.get()?, columns.get()?, columns.get::<i64>()?);
        let by = By { id, seq, kind, endpoint_seq: lane, is_test: columns.get()? };
        happenings.extend(alerts::of_end(&write.state, by, columns.coded()?, now));
        counts.add_failed(lane, now);
        write.counted.ended(EndedBecause::Expired, 1);
        write.delivery_changed(hookbench_model::Action::Updated, id, endpoint_seq, DeliveryStatus::Failed);
        // It may have been the one that an ordered endpoint's others waited for.
        write.state.board_mut().look_at(lane);
    }
    counts.write(write).await?;
    // What holds its endpoint's queue waits too where a person wants it tried again; once expired it holds nothing.
    for endpoint in write.state.held_by_any(seqs) {
        release_held(write, endpoint).await?;
    }
    alerts::tell(write, &happenings).await
}
