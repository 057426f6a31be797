//! What waits, each endpoint for itself, read from the index.

use std::collections::HashMap;

use hookbench_model::{EndpointId, Timestamp};
use sqlx::{Row as _, SqliteConnection};

use super::board::Board;
use crate::Result;
use crate::columns::Columns;

/// An endpoint that something waits for, or plain URLs.
#[derive(Clone, Copy, Debug)]
struct Head {
    /// The endpoint's seq; 0 for what goes to a URL of its own.
    lane: i64,
    endpoint: Option<EndpointId>,
    ordered: bool,
    held_by: Option<i64>,
    /// When its first is due.
    due: Timestamp,
}

/// The board for what waits now.
pub(crate) async fn load_board(connection: &mut SqliteConnection) -> Result<Board> {
    const BY_HAND: &str = "SELECT DISTINCT lane FROM deliveries INDEXED BY deliveries_by_hand \
                           WHERE next_attempt_at IS NOT NULL AND (trigger = 1 OR is_test = 1)";
    const EXPIRY: &str = "SELECT min(expires_at) FROM deliveries INDEXED BY deliveries_expiring \
                          WHERE expires_at IS NOT NULL AND completed_at IS NULL";
    let mut board = Board::default();
    for head in heads(connection).await? {
        board.waits(head.lane, head.due);
    }
    for lane in sqlx::query_scalar(BY_HAND).fetch_all(&mut *connection).await? {
        board.waits_by_hand(lane, Timestamp::EPOCH);
    }
    let expiry: Option<i64> = sqlx::query_scalar(EXPIRY).fetch_one(connection).await?;
    board.set_expiry(expiry.map(Timestamp::from_unix_ms));
    Ok(board)
}

/// When the next delivery is due that a claim with these exceptions would give, where to some endpoints nothing goes
/// before some time.
pub(crate) async fn next_due(
    connection: &mut SqliteConnection,
    except: &[EndpointId],
    shut_until: &HashMap<EndpointId, Timestamp>,
) -> Result<Option<Timestamp>> {
    let mut next = None::<Timestamp>;
    for head in heads(connection).await? {
        if head.endpoint.is_some_and(|id| except.contains(&id)) {
            continue;
        }
        let due = if head.ordered { oldest(connection, &head).await? } else { Some(head.due) };
        let opens = head.endpoint.and_then(|id| shut_until.get(&id).copied());
        let due = due.map(|due| opens.map_or(due, |opens| opens.max(due)));
        next = [next, due].into_iter().flatten().min();
    }
    Ok(next)
}

/// The endpoints that something waits for.
async fn heads(connection: &mut SqliteConnection) -> Result<Vec<Head>> {
    // Steps from one endpoint to the next along the index, without reading what lies between; 0 pending, 2
    // retrying.
    const HEADS: &str = "WITH RECURSIVE waiting(lane) AS ( \
             SELECT min(lane) FROM deliveries WHERE next_attempt_at IS NOT NULL \
             UNION ALL \
             SELECT (SELECT min(d.lane) FROM deliveries d \
                     WHERE d.next_attempt_at IS NOT NULL AND d.lane > waiting.lane) \
             FROM waiting WHERE waiting.lane IS NOT NULL) \
         SELECT w.lane, p.id, coalesce(p.ordered, 0), p.held_by, \
             (SELECT min(d.next_attempt_at) FROM deliveries d INDEXED BY deliveries_waiting \
              WHERE d.lane = w.lane AND d.status = 0 AND d.next_attempt_at IS NOT NULL), \
             (SELECT min(d.next_attempt_at) FROM deliveries d INDEXED BY deliveries_waiting \
              WHERE d.lane = w.lane AND d.status = 2 AND d.next_attempt_at IS NOT NULL) \
         FROM waiting w LEFT JOIN endpoints p ON p.seq = w.lane \
         WHERE w.lane IS NOT NULL";
    let mut heads = Vec::new();
    for row in sqlx::query(HEADS).fetch_all(connection).await? {
        let mut columns = Columns::new(&row);
        let (lane, endpoint) = (columns.get()?, columns.id_or_none()?.map(EndpointId::from_bytes));
        let (ordered, held_by) = (columns.get()?, columns.get()?);
        let due = [columns.time_or_none()?, columns.time_or_none()?].into_iter().flatten().min();
        heads.extend(due.map(|due| Head { lane, endpoint, ordered, held_by, due }));
    }
    Ok(heads)
}

/// When the oldest delivery of an ordered endpoint is due, unless one of its is under way or another holds it.
async fn oldest(connection: &mut SqliteConnection, head: &Head) -> Result<Option<Timestamp>> {
    const OLDEST: &str = "SELECT next_attempt_at, seq FROM deliveries INDEXED BY deliveries_in_order \
                          WHERE endpoint_seq = ?1 AND in_order = 1 AND next_attempt_at IS NOT NULL \
                          AND NOT EXISTS (SELECT 1 FROM deliveries d INDEXED BY deliveries_in_order_sent \
                              WHERE d.endpoint_seq = ?1 AND d.in_order = 1 AND d.status = 1) \
                          ORDER BY seq LIMIT 1";
    let row = sqlx::query(OLDEST).bind(head.lane).fetch_optional(connection).await?;
    let Some(row) = row else { return Ok(None) };
    let (due, seq): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    let held = head.held_by.is_some_and(|holder| seq > holder);
    Ok((!held).then(|| Timestamp::from_unix_ms(due)))
}
