//! What is due already, and what of it goes out now.

use hookbench_model::{DeliveryId, DueNow, EndpointId, KeptBack, Timestamp};
use sqlx::SqliteConnection;

use crate::Result;
use crate::columns::{Columns, hex_ids};

/// What is due at `now`, where the breakers of these endpoints are not closed.
pub(super) async fn read(
    connection: &mut SqliteConnection,
    now: Timestamp,
    open_breakers: &[EndpointId],
) -> Result<DueNow> {
    const DUE: &str = "SELECT count(*) FROM deliveries INDEXED BY deliveries_waiting \
                       WHERE next_attempt_at IS NOT NULL AND next_attempt_at <= ?";
    let due: i64 = sqlx::query_scalar(DUE).bind(now.unix_ms()).fetch_one(&mut *connection).await?;
    let kept_back = kept_back(connection, now, open_breakers, None).await?;
    // The two are read one after the other.
    let overdue = u64::try_from(due).unwrap_or(0).saturating_sub(kept_back.total());
    Ok(DueNow { overdue, kept_back })
}

/// What is due at `now` and kept back, of one endpoint or of all.
pub(super) async fn kept_back(
    connection: &mut SqliteConnection,
    now: Timestamp,
    open_breakers: &[EndpointId],
    only: Option<EndpointId>,
) -> Result<KeptBack> {
    // Nothing is read of endpoints that keep nothing back. What a person asked for (a retry by hand is trigger 1)
    // goes through a breaker; tests are outside of the order. Of an ordered endpoint the oldest goes, where none is
    // under way (1) and none that failed holds it; 0 is pending, 2 retrying.
    const KEPT: &str = "WITH lanes AS ( \
             SELECT seq, held_by, id IN (SELECT unhex(value) FROM json_each(?2)) AS broken FROM endpoints \
             WHERE (ordered = 1 OR id IN (SELECT unhex(value) FROM json_each(?2))) AND (?3 IS NULL OR id = ?3)), \
         counted AS (SELECT broken, \
             (SELECT count(*) FROM deliveries d INDEXED BY deliveries_waiting \
              WHERE d.lane = l.seq AND d.status IN (0, 2) AND d.next_attempt_at <= ?1) AS due, \
             (SELECT count(*) FROM deliveries d INDEXED BY deliveries_by_hand \
              WHERE d.lane = l.seq AND d.next_attempt_at <= ?1 AND (d.trigger = 1 OR d.is_test = 1) \
              AND (broken OR d.in_order = 0)) AS apart, \
             coalesce((SELECT d.next_attempt_at <= ?1 AND (l.held_by IS NULL OR d.seq <= l.held_by) \
              FROM deliveries d INDEXED BY deliveries_in_order \
              WHERE d.endpoint_seq = l.seq AND d.in_order = 1 AND d.next_attempt_at IS NOT NULL \
              ORDER BY d.seq LIMIT 1), 0) \
             AND NOT EXISTS (SELECT 1 FROM deliveries d INDEXED BY deliveries_in_order_sent \
              WHERE d.endpoint_seq = l.seq AND d.in_order = 1 AND d.status = 1) AS goes FROM lanes l) \
         SELECT coalesce(sum(iif(broken, due - apart, 0)), 0), \
             coalesce(sum(iif(broken, 0, due - apart - goes)), 0) FROM counted";
    let query = sqlx::query(KEPT)
        .bind(now.unix_ms())
        .bind(hex_ids(open_breakers.iter().map(EndpointId::as_bytes))?)
        .bind(only.map(|id| id.as_bytes().to_vec()));
    let row = query.fetch_one(connection).await?;
    let mut columns = Columns::new(&row);
    Ok(KeptBack { by_breaker: columns.count()?, by_order: columns.count()? })
}

/// Whether a delivery stands behind another of its ordered endpoint: an older one that has not ended, or one that
/// failed for good and holds the queue.
pub(super) async fn stands_behind(connection: &mut SqliteConnection, id: DeliveryId) -> Result<bool> {
    const BEHIND: &str = "SELECT EXISTS (SELECT 1 FROM deliveries d JOIN endpoints p ON p.seq = d.endpoint_seq \
         WHERE d.id = ? AND d.in_order = 1 AND (p.held_by < d.seq \
             OR EXISTS (SELECT 1 FROM deliveries o INDEXED BY deliveries_in_order \
                 WHERE o.endpoint_seq = d.endpoint_seq AND o.in_order = 1 AND o.next_attempt_at IS NOT NULL \
                 AND o.seq < d.seq) \
             OR EXISTS (SELECT 1 FROM deliveries o INDEXED BY deliveries_in_order_sent \
                 WHERE o.endpoint_seq = d.endpoint_seq AND o.in_order = 1 AND o.status = 1 AND o.seq < d.seq)))";
    Ok(sqlx::query_scalar(BEHIND).bind(id.as_bytes().to_vec()).fetch_one(connection).await?)
}
